//! The SQL of swaps, of the log with its hand-overs, and of information reports.

use crate::context::Cx;
use crate::features::roster::model::{Line, Report, Swap};
use kernel::{AccountId, Ts, UnitId};
use store::{Result, Row, Sql, Tx, args, statements};

statements! {
    ADD_SWAP = Sql::Both(
        "insert into roster_swap (id, office, shift, other_shift, asker, asked, note, state, asked_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'asked', $8)");
    SWAP = Sql::Both(
        "select id, shift, other_shift, asker, asked, note, state, asked_at, decided_at from roster_swap
         where office = $1 and id = $2");
    OF_SHIFT = Sql::Both(
        "select id, shift, other_shift, asker, asked, note, state, asked_at, decided_at from roster_swap
         where office = $1 and (shift = $2 or other_shift = $2) order by asked_at, id");
    OPEN_SWAPS = Sql::Both(
        "select id, shift, other_shift, asker, asked, note, state, asked_at, decided_at from roster_swap
         where office = $1 and state in ('asked', 'agreed') order by asked_at, id limit 200");
    TOLD_SWAPS = Sql::Both(
        "select id, shift, other_shift, asker, asked, note, state, asked_at, decided_at from roster_swap
         where office = $1 and state = 'done' and seen_at is null order by decided_at, id limit 50");
    SET_SWAP = Sql::Both(
        "update roster_swap set state = $4, decided_at = coalesce(decided_at, $5), settled_by = $6, settled_at = $5
         where office = $1 and id = $2 and state = $3");
    SEE_SWAP = Sql::Both("update roster_swap set seen_at = $3 where office = $1 and id = $2 and seen_at is null");
    ADD_LINE = Sql::Both(
        "insert into roster_log (id, office, unit, kind, text, account, happened_at, entered_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)");
    LINES = Sql::Both(
        "select id, unit, kind, text, account, happened_at, entered_at, taken_by, taken_at from roster_log
         where office = $1 and happened_at >= $2 and happened_at < $3 and coalesce(unit, 0) = $4
         order by happened_at, entered_at, id limit 1000");
    OPEN_HANDOVERS = Sql::Both(
        "select id, unit, kind, text, account, happened_at, entered_at, taken_by, taken_at from roster_log
         where office = $1 and kind = 'handover' and taken_at is null order by entered_at desc, id desc limit 10");
    TAKE = Sql::Both(
        "update roster_log set taken_by = $3, taken_at = $4
         where office = $1 and id = $2 and kind = 'handover' and taken_at is null");
    ADD_REPORT = Sql::Both(
        "insert into roster_report (id, office, about, seq, stage, place, what, dead, hurt, missing, measures, next, sent_to,
         sent_how, account, happened_at, sent_at, entered_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)");
    REPORTS = Sql::Both(
        "select id, about, seq, stage, place, what, dead, hurt, missing, measures, next, sent_to, sent_how, account,
         happened_at, sent_at, entered_at from roster_report where office = $1 and about = $2 order by seq");
    EVENTS = Sql::Both(
        "select f.id, f.about, l.seq, l.stage, f.place, f.what, l.dead, l.hurt, l.missing, l.measures, l.next, l.sent_to,
         l.sent_how, f.account, f.happened_at, f.sent_at, f.entered_at
         from roster_report f join roster_report l on l.office = f.office and l.about = f.about
           and l.seq = (select max(m.seq) from roster_report m where m.office = f.office and m.about = f.about)
         where f.office = $1 and f.seq = 1 order by f.happened_at desc, f.id desc limit 200");
}

fn read_swap(row: &Row<'_>) -> Result<Swap> {
    Ok(Swap {
        id: row.get(0)?,
        shift: row.get(1)?,
        other: row.get(2)?,
        asker: row.get(3)?,
        asked: row.get(4)?,
        note: row.get(5)?,
        state: row.get(6)?,
        asked_at: row.get(7)?,
        decided_at: row.get(8)?,
    })
}

pub(crate) fn add_swap(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (shift, other): (i64, Option<i64>),
    (asker, asked): (AccountId, AccountId),
    note: &str,
) -> Result<i64> {
    let id = tx.id()?;
    tx.exec(&ADD_SWAP, args![id, cx.office.id, shift, other, asker, asked, note, cx.now])?;
    Ok(id)
}

pub(crate) fn swap(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Option<Swap>> {
    tx.opt(&SWAP, args![cx.office.id, id], read_swap)
}

pub(crate) fn swaps_of(tx: &mut Tx<'_>, cx: &Cx, shift: i64) -> Result<Vec<Swap>> {
    tx.query(&OF_SHIFT, args![cx.office.id, shift], read_swap)
}

pub(crate) fn open_swaps(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Swap>> {
    tx.query(&OPEN_SWAPS, args![cx.office.id], read_swap)
}

/// Those that were done and that whoever makes the list has not seen.
pub(crate) fn told_swaps(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Swap>> {
    tx.query(&TOLD_SWAPS, args![cx.office.id], read_swap)
}

/// Moves a swap on; whether it still stood so.
pub(crate) fn set_swap(tx: &mut Tx<'_>, cx: &Cx, id: i64, from: &str, to: &str) -> Result<bool> {
    Ok(tx.exec(&SET_SWAP, args![cx.office.id, id, from, to, cx.now, cx.actor.account])? > 0)
}

pub(crate) fn see_swap(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<()> {
    tx.exec(&SEE_SWAP, args![cx.office.id, id, cx.now])?;
    Ok(())
}

fn read_line(row: &Row<'_>) -> Result<Line> {
    Ok(Line {
        id: row.get(0)?,
        unit: row.get(1)?,
        kind: row.get(2)?,
        text: row.get(3)?,
        account: row.get(4)?,
        happened: row.get(5)?,
        entered: row.get(6)?,
        taken_by: row.get(7)?,
        taken_at: row.get(8)?,
    })
}

pub(crate) fn add_line(
    tx: &mut Tx<'_>,
    cx: &Cx,
    unit: Option<UnitId>,
    kind: &str,
    text: &str,
    happened: Ts,
) -> Result<i64> {
    let id = tx.id()?;
    tx.exec(&ADD_LINE, args![id, cx.office.id, unit, kind, text, cx.actor.account, happened, cx.now])?;
    Ok(id)
}

pub(crate) fn lines(
    tx: &mut Tx<'_>,
    cx: &Cx,
    unit: Option<UnitId>,
    from: Ts,
    until: Ts,
) -> Result<Vec<Line>> {
    tx.query(&LINES, args![cx.office.id, from, until, unit.map_or(0, |u| u.0)], read_line)
}

pub(crate) fn open_handovers(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Line>> {
    tx.query(&OPEN_HANDOVERS, args![cx.office.id], read_line)
}

pub(crate) fn take_over(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<bool> {
    Ok(tx.exec(&TAKE, args![cx.office.id, id, cx.actor.account, cx.now])? > 0)
}

fn read_report(row: &Row<'_>) -> Result<Report> {
    Ok(Report {
        id: row.get(0)?,
        about: row.get(1)?,
        seq: row.get(2)?,
        stage: row.get(3)?,
        place: row.get(4)?,
        what: row.get(5)?,
        dead: row.get(6)?,
        hurt: row.get(7)?,
        missing: row.get(8)?,
        measures: row.get(9)?,
        next: row.get(10)?,
        sent_to: row.get(11)?,
        sent_how: row.get(12)?,
        account: row.get(13)?,
        happened: row.get(14)?,
        sent: row.get(15)?,
        entered: row.get(16)?,
    })
}

pub(crate) fn add_report(tx: &mut Tx<'_>, cx: &Cx, r: &Report) -> Result<i64> {
    let id = tx.id()?;
    let about = if r.about == 0 { id } else { r.about };
    tx.exec(
        &ADD_REPORT,
        args![
            id,
            cx.office.id,
            about,
            r.seq,
            &r.stage,
            &r.place,
            &r.what,
            r.dead,
            r.hurt,
            r.missing,
            &r.measures,
            &r.next,
            &r.sent_to,
            &r.sent_how,
            cx.actor.account,
            r.happened,
            r.sent,
            cx.now
        ],
    )?;
    Ok(about)
}

/// All reports on an event, in order.
pub(crate) fn reports(tx: &mut Tx<'_>, cx: &Cx, about: i64) -> Result<Vec<Report>> {
    tx.query(&REPORTS, args![cx.office.id, about], read_report)
}

/// Events with what the first and the last report say, the newest first.
pub(crate) fn events(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Report>> {
    tx.query(&EVENTS, args![cx.office.id], read_report)
}
