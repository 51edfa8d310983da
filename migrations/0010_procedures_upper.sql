-- The latest end that the deadline of an upper platform leaves to an own clock, and that deadline.
alter table clock add column cap_at bigint;
alter table clock add column cap_upper bigint;

-- How often a ticket was given back 退回上级 and came back: once ruled upon, it is not given back again.
alter table upper_link add column returns bigint not null default 0;

-- When the platform's rating came in, and how a contest of it 申诉 stands: blank, sent, granted (the rating is excluded from
-- assessment 剔除) or refused. The rating itself stays.
alter table upper_link add column rated_at bigint;
alter table upper_link add column contest text not null default '';
create index upper_link_rated on upper_link (office, rated_at);

-- Contests of the platform's ratings: why, with what evidence, and what came of it.
create table upper_contest (
  id {id},
  office bigint not null,
  link bigint not null,
  round bigint not null,
  grounds text not null,
  words text not null,
  pictures text not null,
  due_at bigint not null,
  sent_at bigint not null,
  sent_by bigint,
  receipt text not null,
  decided_at bigint,
  decided_by bigint,
  answer text
  {key}
);
create index upper_contest_link on upper_contest (office, link, id);

-- What a platform's own form asks back, in its order; blank for the usual one.
alter table upstream_profile add column reply text not null default '';

-- Whoever has a platform's number types it where one searches.
create index upper_link_typed on upper_link (office, number);
