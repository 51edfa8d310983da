-- Workbooks of past tickets that somebody brings in the browser: looked at, taken over in the background, and what
-- was left out of them. The cells are sealed under the office's key and taken off when the work is done.
create table history_sheet (
  id {id},
  office bigint not null,
  account bigint,
  name text not null,
  state text not null,
  cells {blob} not null,
  mapping text not null,
  rows_of bigint not null,
  rows_done bigint not null,
  told {blob} not null,
  made_at bigint not null,
  ended_at bigint
  {key}
);
create index history_sheet_of on history_sheet (office, id);
