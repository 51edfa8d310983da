-- The latest end that the deadline of an upper platform leaves to an own clock, and that deadline.
alter table clock add column cap_at bigint;
alter table clock add column cap_upper bigint;

-- How often a ticket was given back 退回上级 and came back: once ruled upon, it is not given back again.
alter table upper_link add column returns bigint not null default 0;
