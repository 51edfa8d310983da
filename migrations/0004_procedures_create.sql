-- The procedure engine. `cases`, `assignment`, `clock` and `report_case` are projections of the case
-- streams: written in the transaction of the event, rebuilt and compared by `gezhi verify`.

create table pack_version (
  id {id},
  office bigint not null,
  pack {code} not null,
  hash {code} not null,
  body text not null,
  installed_at bigint not null,
  current boolean not null
  {key}
);
create index pack_version_pack on pack_version (office, pack);

-- The matter catalogue; a changed row is a new row with the same code, and a case keeps the row it was
-- classified by.
create table matter (
  id {id},
  office bigint not null,
  code {code} not null,
  kind {code} not null,
  class_code {code} not null,
  class_zh text not null,
  class_en text not null,
  name_zh text not null,
  name_en text not null,
  standard_ref text not null,
  limit_condition text not null,
  handle_limit {code} not null,
  limit_source text not null,
  accept_limit {code} not null,
  dispatch_limit {code} not null,
  sign_limit {code} not null,
  verify {code} not null,
  verify_rate bigint not null,
  callback {code} not null,
  callback_rate bigint not null,
  duty_list {code} not null,
  lead_department text not null,
  secret {code} not null,
  emergency boolean not null,
  photos {code} not null,
  close_condition text not null,
  synonyms text not null,
  judgement text not null,
  from_day bigint not null,
  until_day bigint,
  version bigint not null
  {key}
);
create index matter_code on matter (office, code, from_day);

-- The duty list 权责清单: matter × place × time → lead unit and co-units. A blank place is everywhere.
create table duty (
  id {id},
  office bigint not null,
  matter_code {code} not null,
  place bigint,
  lead_unit bigint not null,
  co_units text not null,
  basis text not null,
  from_day bigint not null,
  until_day bigint,
  version bigint not null
  {key}
);
create index duty_matter on duty (office, matter_code);

create table cases (
  id {id},
  office bigint not null,
  no {code} not null,
  procedure {code} not null,
  pack_version bigint not null,
  state {code} not null,
  phase {code} not null,
  ended {code},
  kind {code} not null,
  class {code} not null,
  matter bigint,
  matter_code {code},
  urgent boolean not null,
  title text not null,
  channel {code} not null,
  place bigint,
  community_id bigint,
  grid_id bigint,
  address text not null,
  lon_e7 bigint,
  lat_e7 bigint,
  subject_known boolean not null,
  subject_unit bigint,
  subject_text text,
  lead_unit bigint,
  report bigint not null,
  reports bigint not null,
  parent bigint,
  merged_into bigint,
  opened_at bigint not null,
  opened_day bigint not null,
  accepted_at bigint,
  dispatched_at bigint,
  signed_at bigint,
  done_at bigint,
  verified_at bigint,
  closed_at bigint,
  closed_day bigint,
  due_at bigint,
  due_kind {code},
  handle_due_at bigint,
  handle_late boolean,
  exempt boolean not null,
  upper_due_at bigint,
  returns bigint not null,
  ruled boolean not null,
  redispatches bigint not null,
  reopens bigint not null,
  reworks bigint not null,
  extensions bigint not null,
  urges bigint not null,
  supervised boolean not null,
  verify_by {code},
  verified_by_other boolean,
  called_back boolean not null,
  solved {code},
  satisfied bigint,
  outcome {code},
  shelved_until bigint,
  version bigint not null,
  updated_at bigint not null
  {key}
);
create unique index cases_no on cases (office, no);
create index cases_phase on cases (office, phase, due_at, id);
create index cases_opened on cases (office, opened_at, id);
create index cases_community on cases (office, community_id, opened_at, id);
create index cases_grid on cases (office, grid_id, opened_at, id);
create index cases_matter on cases (office, matter_code, opened_at, id);
create index cases_closed on cases (office, closed_day);
create index cases_parent on cases (office, parent) where parent is not null;

create table report_case (
  office bigint not null,
  report bigint not null,
  case_id bigint not null,
  part {code} not null,
  from_at bigint not null,
  until_at bigint,
  primary key (office, report, case_id, from_at)
);
create index report_case_case on report_case (office, case_id);

create table assignment (
  id {id},
  office bigint not null,
  case_id bigint not null,
  unit bigint not null,
  role {code} not null,
  state {code} not null,
  sent_at bigint not null,
  signed_at bigint,
  done_at bigint,
  due_at bigint,
  late boolean,
  result text,
  handler bigint
  {key}
);
create index assignment_case on assignment (office, case_id);
create index assignment_unit on assignment (office, unit, state, due_at, case_id);

-- Clocks hang on a case or an assignment. Overdue is never stored: it is `state = 'running'` and `due_at`
-- in the past. `pauses` is a JSON list of [from, until] pairs in UTC milliseconds.
create table clock (
  id {id},
  office bigint not null,
  case_id bigint not null,
  assignment bigint,
  kind {code} not null,
  amount {code} not null,
  start_at bigint not null,
  due_at bigint,
  expected boolean not null,
  state {code} not null,
  ended_at bigint,
  pauses text not null,
  calendar {code} not null,
  next_alarm bigint,
  alarms bigint not null
  {key}
);
create index clock_case on clock (office, case_id);
create index clock_alarm on clock (next_alarm) where next_alarm is not null;
create index clock_running on clock (office, state, due_at);

-- What waits for somebody's decision: an extension, a pause, a return.
create table request (
  id {id},
  office bigint not null,
  case_id bigint not null,
  assignment bigint,
  kind {code} not null,
  state {code} not null,
  reason text not null,
  basis text not null,
  amount {code},
  asked_at bigint not null,
  asked_by bigint,
  asked_unit bigint,
  decided_at bigint,
  decided_by bigint,
  answer text
  {key}
);
create index request_case on request (office, case_id);
create index request_state on request (office, state, kind, asked_at);

-- The record's number, deadline and state in another system, and the way back 上级件.
create table upper_link (
  id {id},
  office bigint not null,
  case_id bigint not null,
  report bigint not null,
  system text not null,
  number text not null,
  received_at bigint not null,
  due_at bigint,
  return_by bigint,
  state {code} not null,
  replied_at bigint,
  receipt text
  {key}
);
create unique index upper_link_number on upper_link (office, system, number);
create index upper_link_case on upper_link (office, case_id);

create table callback (
  id {id},
  office bigint not null,
  case_id bigint not null,
  report bigint not null,
  at bigint not null,
  account bigint,
  channel {code} not null,
  answered boolean not null,
  solved {code},
  satisfied bigint,
  words text not null
  {key}
);
create index callback_case on callback (office, case_id);

-- The full-text index: character bigrams (DECISIONS 22), filled by a job; `search_todo` is the tail.
create table search_todo (office bigint not null, case_id bigint not null, primary key (office, case_id));
--! sqlite
create virtual table search using fts5 (terms, content='', contentless_delete=1, detail=none, tokenize="unicode61");
--! pg
create table search (office bigint not null, case_id bigint not null, terms tsvector not null, primary key (office, case_id));
create index search_terms on search using gin (terms);
--! both
