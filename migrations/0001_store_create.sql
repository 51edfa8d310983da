-- What every feature stands on: ids, offices, streams of events and their seals, idempotency, jobs, numbers.
-- Type words ({id}, {key}, {blob}, {code}) are explained in crates/store/src/dialect/mod.rs.

create table id_block (name text primary key, next bigint not null);
insert into id_block (name, next) values ('row', 1000);

-- Facts about this installation: its id, the wrapped data keys, the pack versions in force.
create table meta (name text primary key, value text not null);

create table office (
  id bigint primary key,
  code {code} not null,
  name text not null,
  short text not null,
  time_zone text not null,
  hours text not null,
  locale text not null,
  home_place bigint,
  settings text not null,
  version bigint not null
);

-- Append-only. The event is the audit entry (DECISIONS 4); `hash` covers the previous event's hash of the
-- same stream, the columns and the exact bytes of `payload`.
create table event (
  id {id},
  office bigint not null,
  stream text not null,
  stream_id bigint not null,
  seq bigint not null,
  kind text not null,
  occurred_at bigint not null,
  recorded_at bigint not null,
  account bigint,
  post bigint,
  unit bigint,
  behalf bigint,
  source text not null,
  payload text not null,
  hash {blob} not null
  {key}
);
create unique index event_stream on event (office, stream, stream_id, seq);
create index event_recorded on event (office, recorded_at, id);
-- Looks at protected data, for the auditor's own list.
create index event_revealed on event (office, recorded_at, id) where kind = 'report.revealed';
create index event_account on event (office, account, recorded_at);

-- The head of each stream; `moved` until the sealer has put it into a block.
create table stream (
  office bigint not null,
  stream text not null,
  stream_id bigint not null,
  seq bigint not null,
  hash {blob} not null,
  moved boolean not null,
  primary key (office, stream, stream_id)
);
create index stream_moved on stream (moved) where moved;

-- Signed blocks over the heads that moved (DECISIONS 5), chained by `prev`.
create table block (
  seq bigint primary key,
  at bigint not null,
  algorithm text not null,
  key_id text not null,
  prev {blob} not null,
  heads text not null,
  hash {blob} not null,
  signature {blob} not null
);

create table idempotency (
  office bigint not null,
  key text not null,
  request {blob} not null,
  answer text not null,
  at bigint not null,
  primary key (office, key)
);
create index idempotency_at on idempotency (at);

create table job (
  id {id},
  office bigint not null,
  kind text not null,
  payload text not null,
  dedup text,
  run_at bigint not null,
  attempts bigint not null,
  state text not null,
  locked_until bigint,
  last_error text
  {key}
);
create index job_ready on job (state, run_at);
create unique index job_dedup on job (office, kind, dedup) where state = 'ready' and dedup is not null;

-- Counters of case numbers and documents; taken before the body, so gaps can exist and are listed by `verify`.
create table series (office bigint not null, name text not null, next bigint not null, primary key (office, name));
