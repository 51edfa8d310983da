-- The reports of a requester: for erasing, and for what is kept no longer.
create index report_party on report (office, party) where party is not null;
