-- Lists are filtered and counted within the index: what a list asks of most cases stands in it, so that a row is read only
-- when it is shown.
drop index cases_opened;
drop index cases_community;
drop index cases_phase;
create index cases_opened on cases (office, opened_at, id, phase, class, subject_known, subject_unit, community_id, matter_code, channel);
create index cases_community on cases (office, community_id, opened_at, id, phase, class, subject_known, subject_unit, matter_code, channel);
create index cases_phase on cases (office, phase, due_at, id, class, subject_known, subject_unit, state, ended, supervised, upper_due_at);
