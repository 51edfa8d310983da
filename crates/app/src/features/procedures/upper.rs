//! The upper link 上级件 of a case: the number and deadline of a ticket of an upper platform, and giving it back there
//! 退回上级.

use super::clocks;
use super::service::{act_named, load, record, visible};
use super::state::{Act, CaseState, Effect};
use super::store as rows;
use crate::context::Cx;
use crate::events::{self, Stream};
use kernel::{CaseId, Refusal, ReportId, Ts};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Result, Sql, Tx, args, statements};

statements! {
    PUT_UPPER = Sql::Both(
        "insert into upper_link (id, office, case_id, report, system, number, received_at, due_at, return_by, state,
         replied_at, receipt) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,'waiting',null,null)");
    UPPER_DUE = Sql::Both(
        "select min(u.due_at) from upper_link u join report_case rc on rc.office = u.office and rc.report = u.report
         where u.office = $1 and rc.case_id = $2 and rc.until_at is null and u.state not in ('closed', 'returned')");
    OF_CASE = Sql::Both(
        "select u.id, u.report, u.system, u.number, u.return_by, u.state, u.returns from upper_link u
         join report_case rc on rc.office = u.office and rc.report = u.report
         where u.office = $1 and rc.case_id = $2 and rc.until_at is null order by u.id");
    SET_STATE = Sql::Both("update upper_link set state = $3, returns = $4 where office = $1 and id = $2");
}

/// A record's number and deadline in another system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upper {
    /// The other system's name.
    pub system: String,
    /// The number there, as text: 16 to 20 digits.
    pub number: String,
    /// When it sent it.
    pub received_at: Ts,
    /// Its deadline.
    pub due: Option<Ts>,
    /// Until when it takes a return.
    pub return_by: Option<Ts>,
}

/// Ties a case to a record of an upper platform.
///
/// # Errors
/// When the number is spoilt (a spreadsheet's 4.4E+17) or known already.
pub fn link_upper(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: CaseId,
    report: ReportId,
    upper: &Upper,
) -> Result<CaseState> {
    let number = upper.number.trim();
    if number.is_empty() || number.contains(['+', '.']) {
        return Err(Refusal::rule("demands.upper.spoilt_number").on("number").with("number", number).into());
    }
    let state = visible(tx, cx, case)?;
    let id = tx.id()?;
    events::append(tx, cx, Stream::Report, report.0, "report.upper_linked", upper)?;
    tx.exec(
        &PUT_UPPER,
        args![
            id,
            cx.office.id,
            case,
            report,
            &upper.system,
            number,
            upper.received_at,
            upper.due,
            upper.return_by
        ],
    )?;
    earliest_upper(tx, cx, state)
}

/// Writes the earliest upper deadline into a case, if it has changed: after a ticket has said so.
///
/// # Errors
/// When the database refuses.
pub fn refresh_upper(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<CaseState> {
    let state = load(tx, cx.office.id, case)?;
    earliest_upper(tx, cx, state)
}

/// Writes the earliest upper deadline of all linked reports into the case, if it has changed; its clocks and its parts
/// follow.
pub(super) fn earliest_upper(tx: &mut Tx<'_>, cx: &Cx, case: CaseState) -> Result<CaseState> {
    let due = tx.value::<Option<Ts>>(&UPPER_DUE, args![cx.office.id, case.id])?.flatten();
    if due == case.upper_due {
        return Ok(case);
    }
    let act = Act {
        quiet: true,
        from: case.state.clone(),
        effects: std::iter::once(Effect::UpperDue(due)).chain(clocks::recap(cx, &case, due)).collect(),
        ..act_named(cx, "upper")
    };
    let case = record(tx, cx, &case, &act)?;
    if case.state == "split" {
        let parts = tx.query(&rows::CHILDREN, args![cx.office.id, case.id], |row| row.get::<CaseId>(0))?;
        for part in parts {
            let part = load(tx, cx.office.id, part)?;
            earliest_upper(tx, cx, part)?;
        }
    }
    Ok(case)
}

/// A ticket of a case, as giving it back needs it.
struct Ticket {
    id: i64,
    report: ReportId,
    system: String,
    number: String,
    return_by: Option<Ts>,
    state: String,
    returns: i64,
}

fn tickets(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Ticket>> {
    tx.query(&OF_CASE, args![cx.office.id, case], |row| {
        Ok(Ticket {
            id: row.get(0)?,
            report: row.get(1)?,
            system: row.get(2)?,
            number: row.get(3)?,
            return_by: row.get(4)?,
            state: row.get(5)?,
            returns: row.get(6)?,
        })
    })
}

fn put(tx: &mut Tx<'_>, cx: &Cx, ticket: &Ticket, kind: &str, state: &str, returns: i64) -> Result<()> {
    tx.exec(&SET_STATE, args![cx.office.id, ticket.id, state, returns])?;
    let payload = json!({ "system": ticket.system, "number": ticket.number });
    events::append(tx, cx, Stream::Report, ticket.report.0, kind, &payload)?;
    Ok(())
}

/// Gives the ticket of a case back to its platform 退回上级: while the platform takes returns, once, and alone: what
/// was merged with it would go with it.
///
/// # Errors
/// `demands.return_up.no_ticket`, `.merged`, `.again` after a ruling, `.too_late`.
pub(super) fn give_back(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState) -> Result<()> {
    let tickets = tickets(tx, cx, case.id)?;
    let ticket = tickets.iter().find(|t| t.state == "waiting");
    let Some(ticket) = ticket else { return Err(Refusal::rule("demands.return_up.no_ticket").into()) };
    if case.report_count() > 1 {
        return Err(Refusal::rule("demands.return_up.merged").with("count", case.report_count()).into());
    }
    if ticket.returns > 0 {
        return Err(Refusal::rule("demands.return_up.again").into());
    }
    if let Some(until) = ticket.return_by.filter(|until| *until < cx.now) {
        let when = until.zoned(&cx.office.tz).strftime("%Y-%m-%d %H:%M").to_string();
        return Err(Refusal::rule("demands.return_up.too_late").with("when", when).into());
    }
    put(tx, cx, ticket, "report.upper_returning", "returning", ticket.returns)
}

/// Writes down how the platform has ruled on a ticket that was given back; one that it has closed meanwhile stays so.
pub(super) fn ruled(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState, agreed: bool) -> Result<()> {
    let tickets = tickets(tx, cx, case.id)?;
    let ticket = tickets.iter().find(|t| t.state == "returning");
    let Some(ticket) = ticket else { return Ok(()) };
    let (kind, state) = match agreed {
        true => ("report.upper_returned", "returned"),
        false => ("report.upper_kept", "waiting"),
    };
    put(tx, cx, ticket, kind, state, ticket.returns + 1)
}
