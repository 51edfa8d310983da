-- Tasks 交办: what is asked of whom until when, and what each of them answered.
create table task (
  id {id},
  office bigint not null,
  title text not null,
  body text not null,
  source {code} not null,
  source_no text not null,
  source_who text not null,
  urgency {code} not null,
  due_at bigint not null,
  asks text not null,
  case_id bigint,
  decision bigint,
  account bigint,
  post bigint,
  unit bigint,
  created_at bigint not null,
  closed_at bigint
  {key}
);
create index task_due on task (office, due_at);
create index task_unit on task (office, unit);

-- A unit or a place that is asked: `u` and the id of a unit, or `p` and the id of a place. Late is computed, not kept.
create table task_receiver (
  id {id},
  office bigint not null,
  task bigint not null,
  target {code} not null,
  name text not null,
  sort_key text not null,
  kind {code} not null,
  state {code} not null,
  due_at bigint,
  signed_at bigint,
  answered_at bigint,
  entered_at bigint,
  confirmed_at bigint,
  reason text not null,
  returns bigint not null,
  chased bigint not null,
  chased_at bigint,
  via {code} not null,
  account bigint,
  answer text not null
  {key}
);
create index task_receiver_task on task_receiver (office, task);
create index task_receiver_target on task_receiver (office, target, state);

-- What came with a task or with an answer; the content lies in the folder of files under its hash.
create table task_file (
  id {id},
  office bigint not null,
  task bigint not null,
  receiver bigint,
  name text not null,
  hash {code} not null,
  mime {code} not null,
  bytes bigint not null,
  at bigint not null,
  live boolean not null
  {key}
);
create index task_file_task on task_file (office, task);

-- Meetings 会商 and what they decide.
create table meeting (
  id {id},
  office bigint not null,
  kind text not null,
  title text not null,
  at bigint not null,
  place text not null,
  guests text not null,
  unit bigint,
  account bigint,
  created_at bigint not null,
  closed_at bigint,
  carried text not null
  {key}
);
create index meeting_at on meeting (office, at);

create table meeting_party (
  id {id},
  office bigint not null,
  meeting bigint not null,
  target {code} not null,
  name text not null,
  sort_key text not null
  {key}
);
create index meeting_party_meeting on meeting_party (office, meeting);
create index meeting_party_target on meeting_party (office, target);

create table meeting_item (
  id {id},
  office bigint not null,
  meeting bigint not null,
  at bigint not null,
  text text not null,
  case_id bigint,
  task bigint
  {key}
);
create index meeting_item_meeting on meeting_item (office, meeting);

-- 议定事项: open until it is done, ended with a reason, or the task it became is closed.
create table meeting_decision (
  id {id},
  office bigint not null,
  meeting bigint not null,
  item bigint not null,
  text text not null,
  target {code} not null,
  owner text not null,
  due_at bigint,
  state {code} not null,
  reason text not null,
  settled_at bigint,
  task bigint
  {key}
);
create index meeting_decision_meeting on meeting_decision (office, meeting);
create index meeting_decision_target on meeting_decision (office, target, state);
