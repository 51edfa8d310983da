-- Units, posts, accounts, roles. Work belongs to posts and units, never to accounts (DESIGN §4).

create table unit (
  id {id},
  office bigint not null,
  code {code} not null,
  name text not null,
  short text not null,
  sort_key text not null,
  kind text not null,
  parent bigint,
  place bigint,
  phone text,
  active boolean not null,
  version bigint not null
  {key}
);
create unique index unit_code on unit (office, code);

create table post (
  id {id},
  office bigint not null,
  unit bigint not null,
  kind text not null,
  title text not null,
  place bigint,
  phone_public text,
  active boolean not null,
  version bigint not null
  {key}
);
create index post_unit on post (office, unit);

create table account (
  id {id},
  office bigint not null,
  login {code} not null,
  name text not null,
  sort_key text not null,
  password text,
  totp {blob},
  totp_used bigint,
  state text not null,
  locale text,
  failures bigint not null,
  locked_until bigint,
  password_at bigint,
  version bigint not null
  {key}
);
create unique index account_login on account (login);

-- Who holds a post, from–to; `acting` is 代班 and ends by itself. Where the post carries roles it counts
-- once it is `active`: asked for by one, confirmed by another.
create table holding (
  id {id},
  office bigint not null,
  post bigint not null,
  account bigint not null,
  acting boolean not null,
  from_at bigint not null,
  until_at bigint,
  state text not null default 'active',
  asked_by bigint,
  asked_at bigint,
  decided_by bigint,
  decided_at bigint
  {key}
);
create index holding_account on holding (office, account, from_at);
create index holding_post on holding (office, post, from_at);

-- A role is a list of `capability.verb@scope` grants; code never names a role (DECISIONS 27).
create table role (
  id {id},
  office bigint not null,
  code {code} not null,
  grants text not null,
  version bigint not null
  {key}
);
create unique index role_code on role (office, code);

-- A role given to a post; it counts once it is `active`. Asked for by one, confirmed by another.
create table post_role (
  id {id},
  office bigint not null,
  post bigint not null,
  role bigint not null,
  state text not null,
  asked_by bigint,
  asked_at bigint not null,
  decided_by bigint,
  decided_at bigint
  {key}
);
create index post_role_post on post_role (office, post);

create table session (
  token {blob} not null,
  office bigint not null,
  account bigint not null,
  csrf text not null,
  created_at bigint not null,
  seen_at bigint not null,
  strong_until bigint,
  agent text not null,
  primary key (token)
);
create index session_account on session (office, account);

create table api_token (
  id {id},
  office bigint not null,
  account bigint not null,
  name text not null,
  token {blob} not null,
  created_at bigint not null,
  until_at bigint,
  used_at bigint
  {key}
);
create unique index api_token_token on api_token (token);
