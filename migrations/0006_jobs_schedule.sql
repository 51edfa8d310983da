-- When each schedule ran last. Claiming the row and doing the work is one transaction, so that two workers do not
-- do it twice. Office 0 stands for the whole database.
create table schedule (office bigint not null, name {code} not null, last_at bigint not null, primary key (office, name));
