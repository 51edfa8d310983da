//! The statements of the demonstration: its mark, and what the check counts.

use store::{Result, Sql, Tx, args, statements};

statements! {
    ENDED = Sql::Both("select id from cases where office = $1 and state = $2 order by opened_at desc, id desc limit $3");
    PRESSED = Sql::Both(
        "select id from cases where office = $1 and supervised and phase = 'handling' order by opened_at desc, id desc limit $2");
    MARK = Sql::Both("select value from meta where name = 'demo'");
    PUT_MARK = Sql::Both(
        "insert into meta (name, value) values ('demo', $1) on conflict (name) do update set value = excluded.value");
    BY_PHASE = Sql::Both("select phase, count(*) from cases where office = $1 group by phase");
    BY_CHANNEL = Sql::Both("select channel, count(*) from report where office = $1 group by channel");
    BY_CLASS = Sql::Both("select class, count(*) from report where office = $1 group by class");
    BY_ENDED = Sql::Both("select ended, count(*) from cases where office = $1 and ended is not null group by ended");
    BY_EVENT = Sql::Both(
        "select kind, count(*) from event where office = $1 and stream in ('case', 'report') group by kind");
    OPEN_CLOCKS_OF_CLOSED = Sql::Both(
        "select count(*) from clock k join cases c on c.office = k.office and c.id = k.case_id
         where k.office = $1 and k.state in ('running', 'paused') and c.phase in ('closed', 'refused', 'ended')");
    LATE = Sql::Both(
        "select count(*), cast(coalesce(sum(case when handle_late then 1 else 0 end), 0) as bigint)
         from cases where office = $1 and handle_late is not null");
    RATINGS = Sql::Both("select rating, count(*) from report where office = $1 and rating is not null group by rating");
    ENTERED_FOR = Sql::Both("select count(*) from event where office = $1 and stream = 'case' and behalf is not null");
    UPPER = Sql::Both("select count(*) from upper_link where office = $1");
    OVERDUE_NOW = Sql::Both(
        "select count(distinct case_id) from clock where office = $1 and state = 'running' and kind = 'handle' and due_at < $2");
    LAST_EVENT = Sql::Both("select max(recorded_at) from event where office = $1");
}

/// The mark of a finished demonstration: `{"seed": …}`, or `making`.
pub(super) fn mark(tx: &mut Tx<'_>) -> Result<Option<String>> {
    tx.value(&MARK, &[])
}

/// Sets the mark.
pub(super) fn put_mark(tx: &mut Tx<'_>, value: &str) -> Result<()> {
    tx.exec(&PUT_MARK, args![value])?;
    Ok(())
}
