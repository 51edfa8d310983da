-- When whoever reports saw it, by their phone, where it was sent later. Clocks start when it is received.
alter table report add column seen_at bigint;
