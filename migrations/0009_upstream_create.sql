-- What a ticket of an upper platform says now: which time it is handled, how often it was urged, its state and rating
-- in the platform's own words, and when it was last there.
alter table upper_link add column round bigint not null default 1;
alter table upper_link add column urges bigint not null default 0;
alter table upper_link add column told text not null default '';
alter table upper_link add column satisfied bigint;
alter table upper_link add column solved boolean;
alter table upper_link add column seen_at bigint;

-- What waits to be written back.
create index upper_link_state on upper_link (office, state, due_at);

-- Which column of a platform's workbook is what.
create table upstream_profile (
  id {id},
  office bigint not null,
  system text not null,
  columns text not null,
  used_at bigint not null
  {key}
);
create unique index upstream_profile_system on upstream_profile (office, system);
