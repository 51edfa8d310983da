-- The texts of a matter in English, beside the Chinese ones that were there from the start.
alter table matter add column limit_condition_en text not null default '';
alter table matter add column limit_source_en text not null default '';
alter table matter add column lead_department_en text not null default '';
alter table matter add column close_condition_en text not null default '';
alter table matter add column judgement_en text not null default '';
