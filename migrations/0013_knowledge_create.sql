-- The knowledge base: questions with an answer that is read aloud. What is offered is the published version; a newer
-- one may wait to be published. Old versions stay readable.
create table knowledge (
  id {id},
  office bigint not null,
  state text not null,
  latest bigint not null,
  published bigint,
  unit bigint not null,
  review_day bigint not null,
  updated_at bigint not null
  {key}
);
create index knowledge_review on knowledge (office, state, review_day);

-- The content of a version, as it was written.
create table knowledge_version (
  id {id},
  office bigint not null,
  entry bigint not null,
  version bigint not null,
  body text not null,
  at bigint not null
  {key}
);
create unique index knowledge_version_entry on knowledge_version (office, entry, version);

-- Which answer was given in which case.
create table knowledge_use (
  id {id},
  office bigint not null,
  entry bigint not null,
  version bigint not null,
  case_id bigint not null,
  at bigint not null
  {key}
);
create index knowledge_use_entry on knowledge_use (office, entry);
create index knowledge_use_case on knowledge_use (office, case_id);

-- Somebody says that an answer is wrong.
create table knowledge_fault (
  id {id},
  office bigint not null,
  entry bigint not null,
  version bigint not null,
  reason text not null,
  unit bigint,
  at bigint not null,
  state text not null,
  answer text not null,
  closed_at bigint
  {key}
);
create index knowledge_fault_state on knowledge_fault (office, state, entry);
