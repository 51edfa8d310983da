-- Phones of people in the field: bound once by a code of the office, then opened by a PIN alone. A row begins as the code,
-- which is kept as a hash and dies with its use; the phone's token is kept as a hash too.
create table device (
  id {id},
  office bigint not null,
  account bigint not null,
  code_hash text,
  code_until bigint,
  token_hash text,
  pin_mac {blob},
  name text not null,
  made_by bigint,
  made_at bigint not null,
  bound_at bigint,
  used_at bigint,
  tries bigint not null,
  locked_until bigint,
  ended_at bigint,
  ended_by bigint
  {key}
);
create unique index device_code on device (code_hash);
create unique index device_token on device (token_hash);
create index device_account on device (office, account, id);

-- The phone a session was opened on by its PIN; none for a password.
alter table session add column device bigint;
