-- Links by which a unit without an account handles what it was given: for one part of a case until that part's deadline,
-- or for all open parts of a unit until a day. The token is kept as a hash for finding it, and sealed with its PIN so that
-- the desk can show both again.
create table hand_link (
  id {id},
  office bigint not null,
  unit bigint not null,
  case_id bigint,
  assignment bigint,
  token_hash text not null,
  pin_mac {blob} not null,
  sealed {blob} not null,
  pictures text not null,
  until_at bigint,
  made_by bigint,
  made_at bigint not null,
  opened_at bigint,
  tries bigint not null,
  locked_until bigint,
  revoked_at bigint,
  revoked_by bigint
  {key}
);
create unique index hand_link_token on hand_link (token_hash);
create index hand_link_part on hand_link (office, case_id, assignment);
create index hand_link_unit on hand_link (office, unit, id);
