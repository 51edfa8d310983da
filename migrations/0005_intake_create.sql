-- What somebody said (report), who said it (party, sealed under a key of its own), and the pictures.

create table report (
  id {id},
  office bigint not null,
  no {code} not null,
  channel {code} not null,
  kind {code} not null,
  class {code} not null,
  title text not null,
  text text not null,
  sealed {blob},
  party bigint,
  reply_wanted boolean not null,
  share_contact boolean not null,
  track {blob},
  place bigint,
  community_id bigint,
  grid_id bigint,
  address text not null,
  lon_e7 bigint,
  lat_e7 bigint,
  occurred_at bigint not null,
  received_at bigint not null,
  received_day bigint not null,
  entered_by bigint,
  rating bigint,
  rating_solved {code},
  rating_words text,
  rated_at bigint,
  last_rating bigint,
  source_system {code},
  source_number text,
  source_hash {blob},
  version bigint not null
  {key}
);
create unique index report_no on report (office, no);
create index report_received on report (office, received_at, id);
create unique index report_source on report (office, source_system, source_number) where source_number is not null;
create index report_source_hash on report (office, source_system, source_hash) where source_hash is not null;

-- A requester. `sealed` is under the key in party_key; erasure deletes that key and leaves the row.
create table party (
  id {id},
  office bigint not null,
  sealed {blob} not null,
  phone_index {blob},
  created_at bigint not null,
  erased_at bigint
  {key}
);
create index party_phone on party (office, phone_index) where phone_index is not null;

create table party_key (
  id {id},
  office bigint not null,
  wrapped {blob} not null
  {key}
);

-- Erasures done, replayed by `restore` on a backup that is older than they are.
create table erasure (office bigint not null, party bigint not null, at bigint not null, primary key (office, party));

create table attachment (
  id {id},
  office bigint not null,
  case_id bigint,
  report bigint,
  kind {code} not null,
  hash {code} not null,
  mime {code} not null,
  bytes bigint not null,
  width bigint,
  height bigint,
  at bigint not null,
  account bigint,
  unit bigint,
  public boolean not null
  {key}
);
create index attachment_case on attachment (office, case_id);
create index attachment_report on attachment (office, report);

-- Notes taken while listening: sealed, since they may hold a name and a number.
create table draft (
  id {code} not null,
  office bigint not null,
  account bigint not null,
  sealed {blob} not null,
  started_at bigint not null,
  updated_at bigint not null,
  primary key (office, account, id)
);

create table saved_view (
  id {id},
  office bigint not null,
  account bigint not null,
  name text not null,
  query text not null,
  at bigint not null
  {key}
);
create index saved_view_account on saved_view (office, account);
