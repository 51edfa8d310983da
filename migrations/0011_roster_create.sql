-- Duty 值班: who is on duty when; swaps, hand-over, log, information reports.
-- Kinds of duty, times of shifts and so on, as JSON: one row for each office.
create table roster_setup (
  id {id},
  office bigint not null,
  body text not null,
  version bigint not null
  {key}
);
create unique index roster_setup_office on roster_setup (office);

-- A list that was made together: a draft until it is published.
create table roster (
  id {id},
  office bigint not null,
  unit bigint,
  from_day bigint not null,
  until_day bigint not null,
  state {code} not null,
  made_by bigint,
  made_at bigint not null,
  published_at bigint,
  version bigint not null
  {key}
);
create index roster_state on roster (office, state, from_day);

-- One person, or nobody yet, on one shift.
create table roster_shift (
  id {id},
  office bigint not null,
  roster bigint not null,
  unit bigint,
  kind {code} not null,
  account bigint,
  from_at bigint not null,
  until_at bigint not null,
  state {code} not null,
  why text not null,
  version bigint not null
  {key}
);
create index roster_shift_time on roster_shift (office, state, until_at, from_at);
create index roster_shift_roster on roster_shift (office, roster);
create index roster_shift_account on roster_shift (office, account, until_at);

-- The number of a member of staff while on duty.
create table roster_phone (
  id {id},
  office bigint not null,
  account bigint not null,
  phone text not null
  {key}
);
create unique index roster_phone_account on roster_phone (office, account);

-- Days on which somebody cannot be on duty; why is nobody's business.
create table roster_away (
  id {id},
  office bigint not null,
  account bigint not null,
  from_day bigint not null,
  until_day bigint not null
  {key}
);
create index roster_away_account on roster_away (office, account, until_day);

-- 换班: one asks, the other agrees; what was decided stays.
create table roster_swap (
  id {id},
  office bigint not null,
  shift bigint not null,
  other_shift bigint,
  asker bigint not null,
  asked bigint not null,
  note text not null,
  state {code} not null,
  asked_at bigint not null,
  decided_at bigint,
  settled_by bigint,
  settled_at bigint,
  seen_at bigint
  {key}
);
create index roster_swap_state on roster_swap (office, state, asked_at);
create index roster_swap_shift on roster_swap (office, shift);

-- 值班日志: when it happened and when it was written. A hand-over is a line too, taken over by somebody.
create table roster_log (
  id {id},
  office bigint not null,
  unit bigint,
  kind {code} not null,
  text text not null,
  account bigint,
  happened_at bigint not null,
  entered_at bigint not null,
  taken_by bigint,
  taken_at bigint
  {key}
);
create index roster_log_time on roster_log (office, happened_at);
create index roster_log_open on roster_log (office, kind, entered_at);

-- 信息报送: the first, further and final reports on one event.
create table roster_report (
  id {id},
  office bigint not null,
  about bigint not null,
  seq bigint not null,
  stage {code} not null,
  place text not null,
  what text not null,
  dead bigint not null,
  hurt bigint not null,
  missing bigint not null,
  measures text not null,
  next text not null,
  sent_to text not null,
  sent_how text not null,
  account bigint,
  happened_at bigint not null,
  sent_at bigint not null,
  entered_at bigint not null
  {key}
);
create unique index roster_report_about on roster_report (office, about, seq);

-- Messages 叫应: to whom, why, and what became of them.
create table message (
  id {id},
  office bigint not null,
  text text not null,
  urgent boolean not null,
  each_one boolean not null,
  cause {code} not null,
  cause_key {code} not null,
  case_id bigint,
  due_at bigint,
  silent_minutes bigint not null,
  account bigint,
  sent_at bigint not null,
  ended_at bigint,
  robots text not null
  {key}
);
create unique index message_cause on message (office, cause, cause_key);
create index message_time on message (office, sent_at);

-- One receiver of a message; those of a later step wait until nobody before them has confirmed in time.
create table message_to (
  id {id},
  office bigint not null,
  message bigint not null,
  account bigint not null,
  step bigint not null,
  kind {code} not null,
  state {code} not null,
  sent_at bigint,
  read_at bigint,
  confirmed_at bigint,
  silent_at bigint,
  passed_to bigint,
  call_state {code},
  call_at bigint,
  call_by bigint
  {key}
);
create unique index message_to_account on message_to (office, message, account);
create index message_to_mine on message_to (office, account, state, sent_at);
create index message_to_due on message_to (office, sent_at) where state in ('sent', 'read');

-- Robots of groups; address and secret lie sealed under the office's key.
create table message_robot (
  id {id},
  office bigint not null,
  kind {code} not null,
  name text not null,
  address {blob} not null,
  secret {blob},
  active boolean not null,
  changed_at bigint not null,
  last_at bigint,
  last_state {code},
  last_note text not null,
  version bigint not null
  {key}
);

-- What automatic messages are looked for by.
create index cases_urgent on cases (office, opened_at) where urgent and closed_at is null;
create index clock_warned on clock (office, due_at) where alarms = 1 and state = 'running';
