-- Documents: the office's templates, its series of numbers, and what was issued.
create table document_template (
  id {id},
  office bigint not null,
  kind text not null,
  hash text not null,
  body {blob} not null,
  at bigint not null
  {key}
);
create index document_template_kind on document_template (office, kind, at);

-- How the numbers of a kind look, where the office says so, and the last one of each year.
create table document_pattern (
  office bigint not null,
  kind text not null,
  pattern text not null,
  primary key (office, kind)
);
create table document_series (
  office bigint not null,
  kind text not null,
  year bigint not null,
  last bigint not null,
  primary key (office, kind, year)
);

create table document (
  id {id},
  office bigint not null,
  kind text not null,
  case_id bigint not null,
  report bigint not null,
  year bigint not null,
  n bigint not null,
  number text not null,
  state text not null,
  identity boolean not null,
  made_at bigint not null,
  unit bigint,
  hash text not null,
  body {blob} not null,
  sealed_at bigint,
  served_how text not null,
  served_day bigint,
  served_to text not null,
  served_at bigint,
  void_reason text not null
  {key}
);
create unique index document_number on document (office, kind, year, n);
create index document_case on document (office, case_id);

-- The signed one and the receipt: sealed, among the files.
create table document_paper (
  id {id},
  office bigint not null,
  document bigint not null,
  which text not null,
  file text not null,
  hash text not null,
  mime text not null,
  bytes bigint not null,
  at bigint not null
  {key}
);
create index document_paper_document on document_paper (office, document);
