//! Duty of the demo office: the lists of two months, the log of the last days, an event reported upward, a call of the
//! whole office. Made through the same services as the pages, by whoever was on duty then.

use super::data::{Data, toml_file};
use crate::actor::Actor;
use crate::context::Cx;
use crate::features::messages::model::{NewMessage, Target};
use crate::features::messages::service as messages;
use crate::features::people::service::{self as people, AccountFilter};
use crate::features::roster::making::{self, Wish};
use crate::features::roster::model::{Kind, LEADER, OFFICER, Report, Setup, Span};
use crate::features::roster::{log, reports, service as roster};
use crate::installation::Installation;
use ::store::{Result, Tx};
use kernel::{AccountId, Day, Ts};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Days before today that lists cover, and after it.
const BEFORE: i64 = 45;
const AFTER: i64 = 30;

#[derive(Debug, Deserialize)]
struct File {
    keeper: String,
    spans: Vec<String>,
    leaders: Vec<String>,
    officers: Vec<String>,
    drivers: Vec<String>,
    driver_kind: String,
    phones: BTreeMap<String, String>,
    line: Vec<LineRow>,
    handover: Vec<HandoverRow>,
    report: Vec<ReportRow>,
    call: CallRow,
}

#[derive(Debug, Deserialize)]
struct LineRow {
    ago: i64,
    late: i64,
    text: String,
}

#[derive(Debug, Deserialize)]
struct HandoverRow {
    ago: i64,
    text: String,
}

#[derive(Debug, Deserialize)]
struct ReportRow {
    ago: i64,
    sent: i64,
    stage: String,
    #[serde(default)]
    place: String,
    what: String,
    hurt: i64,
    measures: String,
    #[serde(default)]
    next: String,
    to: String,
    how: String,
}

#[derive(Debug, Deserialize)]
struct CallRow {
    /// After midnight of yesterday.
    minute: i64,
    text: String,
    silent: Vec<String>,
}

/// Who is who.
type People = HashMap<String, AccountId>;

/// Makes it.
pub(super) fn make(installation: &Installation, data: &Arc<Data>, begin: &Cx, now: Ts) -> anyhow::Result<()> {
    let file: Arc<File> = Arc::new(toml_file("duty.toml")?);
    let (cx, data) = (begin.clone(), Arc::clone(data));
    let body = move |tx: &mut Tx<'_>| {
        let people = everybody(tx, &cx, &data)?;
        let at = |at: Ts| Cx { now: at, ..cx.clone() };
        arrange(tx, &cx, &file, &people)?;
        let today = now.day(&cx.office.tz);
        let first = (today.plus(-BEFORE), today.plus(-1), now.plus(-(BEFORE + 5) * Ts::DAY));
        let second = (today, today.plus(AFTER), now.plus(-5 * Ts::DAY));
        for (from, until, made) in [first, second] {
            let cx = at(made.max(cx.now));
            list(tx, &cx, &file, &people, (from, until))?;
        }
        write_log(tx, &at(now), &file)?;
        write_reports(tx, &at(now), &file)?;
        call(tx, &at(now), &file, &people)
    };
    installation.db.write_now(body).map_err(|e| anyhow::anyhow!("the duty of the demo office: {e}"))
}

fn everybody(tx: &mut Tx<'_>, cx: &Cx, data: &Data) -> Result<People> {
    let mut out = People::new();
    let mut filter = AccountFilter::default();
    loop {
        let page = people::accounts(tx, cx, &filter)?;
        let Some(last) = page.last() else { break };
        filter.after = Some((last.account.sort_key.clone(), last.account.id));
        out.extend(page.iter().map(|v| (v.account.login.clone(), v.account.id)));
    }
    out.retain(|login, _| data.staff.iter().any(|s| &s.login == login));
    Ok(out)
}

fn arrange(tx: &mut Tx<'_>, cx: &Cx, file: &File, people: &People) -> Result<()> {
    let kind = |key: &str, name: &str| Kind { key: key.to_owned(), name: name.to_owned(), heads: 1 };
    let setup = Setup {
        kinds: vec![kind(LEADER, ""), kind(OFFICER, ""), kind("own1", &file.driver_kind)],
        spans: file.spans.iter().filter_map(|s| Span::parse(s)).collect(),
        ..Setup::default()
    };
    roster::set_setup(tx, cx, 0, &setup)?;
    for (login, phone) in &file.phones {
        if let Some(account) = people.get(login) {
            roster::set_phone(tx, cx, *account, phone)?;
        }
    }
    Ok(())
}

/// The keeper of the roster, at an instant.
fn keeper(tx: &mut Tx<'_>, cx: &Cx, file: &File, people: &People) -> Result<Cx> {
    let account = people.get(&file.keeper).copied();
    let account = account.ok_or_else(|| ::store::Error::failed("demo/duty.toml: there is no such keeper"))?;
    as_account(tx, cx, account)
}

fn as_account(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Cx> {
    let actor = people::actor(tx, cx.office.id, account, cx.now)?;
    let actor: Actor = actor.ok_or_else(|| ::store::Error::failed("demo/duty.toml: nobody of that name"))?;
    Ok(Cx { actor, ..cx.clone() })
}

fn list(tx: &mut Tx<'_>, cx: &Cx, file: &File, people: &People, (from, until): (Day, Day)) -> Result<()> {
    let cx = keeper(tx, cx, file, people)?;
    let of = |logins: &[String]| logins.iter().filter_map(|l| people.get(l).copied()).collect::<Vec<_>>();
    let wish = Wish {
        unit: None,
        from,
        until,
        spans: file.spans.iter().filter_map(|s| Span::parse(s)).collect(),
        kinds: vec![
            (LEADER.to_owned(), 1, of(&file.leaders)),
            (OFFICER.to_owned(), 1, of(&file.officers)),
            ("own1".to_owned(), 1, of(&file.drivers)),
        ],
    };
    let id = making::draft(tx, &cx, &wish)?;
    making::publish(tx, &cx, id, 1)?;
    Ok(())
}

/// The officer on duty at an instant.
fn officer(tx: &mut Tx<'_>, cx: &Cx, at: Ts) -> Result<Option<Cx>> {
    let on = roster::on_duty(tx, cx, None, at)?;
    let Some(officer) = on.first() else { return Ok(None) };
    Ok(Some(as_account(tx, &Cx { now: at, ..cx.clone() }, officer.account)?))
}

fn write_log(tx: &mut Tx<'_>, now: &Cx, file: &File) -> Result<()> {
    for line in &file.line {
        let happened = now.now.plus(-line.ago * Ts::MINUTE);
        if let Some(cx) = officer(tx, now, happened.plus(line.late * Ts::MINUTE))? {
            log::write(tx, &cx, None, &line.text, happened)?;
        }
    }
    for handover in &file.handover {
        if let Some(cx) = officer(tx, now, now.now.plus(-handover.ago * Ts::MINUTE))? {
            log::hand_over(tx, &cx, None, &handover.text)?;
        }
    }
    Ok(())
}

fn write_reports(tx: &mut Tx<'_>, now: &Cx, file: &File) -> Result<()> {
    let mut about = 0;
    for row in &file.report {
        let sent = now.now.plus(-row.sent * Ts::MINUTE);
        let Some(cx) = officer(tx, now, sent.plus(2 * Ts::MINUTE))? else { continue };
        let report = Report {
            about,
            stage: row.stage.clone(),
            place: row.place.clone(),
            what: row.what.clone(),
            hurt: row.hurt,
            measures: row.measures.clone(),
            next: row.next.clone(),
            sent_to: row.to.clone(),
            sent_how: row.how.clone(),
            happened: now.now.plus(-row.ago * Ts::MINUTE),
            sent,
            ..Report::default()
        };
        about = reports::write(tx, &cx, &report)?;
    }
    Ok(())
}

fn call(tx: &mut Tx<'_>, now: &Cx, file: &File, people: &People) -> Result<()> {
    let yesterday = now.today().plus(-1).start(&now.office.tz);
    let sent = Cx { now: yesterday.plus(file.call.minute * Ts::MINUTE), ..now.clone() };
    let cx = keeper(tx, &sent, file, people)?;
    let message = NewMessage {
        text: file.call.text.clone(),
        urgent: false,
        case_no: String::new(),
        targets: vec![Target::All],
        robots: false,
    };
    let id = messages::send(tx, &cx, &message)?;
    let silent: Vec<AccountId> = file.call.silent.iter().filter_map(|l| people.get(l).copied()).collect();
    let members = roster::members(tx, &cx, None)?;
    for (nth, member) in (1..).zip(members) {
        if silent.contains(&member.account) || Some(member.account) == cx.actor.account {
            continue;
        }
        let at = sent.now.plus(nth * 9 * Ts::SECOND + Ts::MINUTE);
        let cx = as_account(tx, &Cx { now: at, ..now.clone() }, member.account)?;
        messages::confirm(tx, &cx, id)?;
    }
    Ok(())
}
