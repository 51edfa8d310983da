//! The statements of jobs and schedules.

use store::{Sql, statements};

statements! {
    PUT = Sql::Both(
        "insert into job (id, office, kind, payload, dedup, run_at, attempts, state, locked_until, last_error)
         values ($1, $2, $3, $4, $5, $6, 0, 'ready', null, null) on conflict do nothing");
    NEXT = Sql::Both(
        "select id, office, kind, payload, attempts from job
         where (state = 'ready' and run_at <= $1) or (state = 'running' and locked_until <= $1)
         order by run_at, id limit 1");
    CLAIM = Sql::Both(
        "update job set state = 'running', locked_until = $4, attempts = attempts + 1
         where id = $1 and office = $2 and attempts = $5
         and ((state = 'ready' and run_at <= $3) or (state = 'running' and locked_until <= $3))");
    RENEW = Sql::Both(
        "update job set locked_until = $4 where id = $1 and office = $2 and attempts = $3 and state = 'running'");
    DONE = Sql::Both("delete from job where id = $1 and office = $2 and attempts = $3 and state = 'running'");
    AGAIN = Sql::Both(
        "update job set state = 'ready', run_at = $4, locked_until = null, last_error = $5
         where id = $1 and office = $2 and attempts = $3 and state = 'running' and not exists (
           select 1 from job other where other.office = job.office and other.kind = job.kind and other.dedup = job.dedup
           and other.state = 'ready')");
    FAILED = Sql::Both(
        "update job set state = 'failed', locked_until = null, last_error = $4
         where id = $1 and office = $2 and attempts = $3 and state = 'running'");
    FORGET_FAILED = Sql::Both("delete from job where state = 'failed' and run_at < $1");
    LAST = Sql::Both("select last_at from schedule where office = $1 and name = $2");
    TAKE = Sql::Both(
        "insert into schedule (office, name, last_at) values ($1, $2, $3)
         on conflict (office, name) do update set last_at = excluded.last_at
         where schedule.last_at <= $4 or schedule.last_at > excluded.last_at");
    ALARMS_WAIT = Sql::Both("select 1 from clock where office = $1 and next_alarm <= $2 limit 1");
    SEARCH_WAITS = Sql::Both("select 1 from search_todo where office = $1 limit 1");
    STREAMS_MOVED = Sql::Both("select 1 from stream where moved limit 1");
    SHELVED_DUE = Sql::Both(
        "select id, shelved_until from cases where office = $1 and phase = 'shelved' and shelved_until <= $2 order by id");
    REMINDED = Sql::Both(
        "select 1 from event where office = $1 and stream = 'case' and stream_id = $2 and kind = 'case.alarm'
         and recorded_at >= $3 limit 1");
    FORGET_SESSIONS = Sql::Both("delete from session where created_at < $1");
    PHONES_WAIT = Sql::Both("select 1 from party where office = $1 and phone_index is not null limit 1");
}
