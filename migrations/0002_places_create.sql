-- The tree of places (DESIGN §4): ids are stable; code, parent, name and shape are dated in place_version.
-- `community_id` and `grid_id` are the ancestors (or the place itself) that scope compiles to.

create table place (
  id {id},
  office bigint not null,
  code {code} not null,
  parent bigint,
  kind text not null,
  level bigint not null,
  name text not null,
  sort_key text not null,
  aliases text not null,
  community_id bigint,
  grid_id bigint,
  lon_e7 bigint,
  lat_e7 bigint,
  shape text,
  households bigint,
  token text,
  from_day bigint not null,
  until_day bigint,
  version bigint not null
  {key}
);
create unique index place_code on place (office, code);
create unique index place_token on place (token);
create index place_parent on place (office, parent, code);

create table place_version (
  id {id},
  office bigint not null,
  place bigint not null,
  from_day bigint not null,
  until_day bigint,
  code {code} not null,
  parent bigint,
  name text not null,
  shape text,
  reason text not null
  {key}
);
create index place_version_place on place_version (office, place, from_day);

-- The official list of divisions, a reference without tenant: 620 thousand rows for the whole country.
create table division (
  code {code} not null,
  parent {code},
  level bigint not null,
  name text not null,
  edition text not null,
  primary key (code)
);
create index division_parent on division (parent, code);

-- Named things people mention: roads, estates, markets, schools.
create table landmark (
  id {id},
  office bigint not null,
  place bigint not null,
  kind text not null,
  name text not null,
  lon_e7 bigint,
  lat_e7 bigint
  {key}
);
create index landmark_place on landmark (office, place);
