//! The records of a month that the figures are worked out over, inserted by hand.

use jiff::tz::TimeZone;
use kernel::{OfficeId, Ts};
use store::{Arg, Sql, Tx};

pub const OFFICE: OfficeId = OfficeId(1);
pub const UNIT_A: i64 = 11;
pub const UNIT_B: i64 = 12;
pub const STREET: i64 = 30;
pub const WILLOW: i64 = 31;
pub const EAST: i64 = 32;
pub const GRID: i64 = 33;

/// An instant of 2026 in the office's zone: `at("03-05 09:00")`.
pub fn at(text: &str) -> Ts {
    Ts::parse(&format!("2026-{}:00+08:00", text.replace(' ', "T"))).expect("an instant")
}

pub fn insert(tx: &mut Tx<'_>, table: &str, columns: &[(&str, Arg)]) -> store::Result<()> {
    let names: Vec<&str> = columns.iter().map(|c| c.0).collect();
    let marks: Vec<String> = (1..=columns.len()).map(|i| format!("${i}")).collect();
    let text = format!("insert into {table} ({}) values ({})", names.join(", "), marks.join(", "));
    let args: Vec<Arg> = columns.iter().map(|c| c.1.clone()).collect();
    tx.exec(&Sql::Both(Box::leak(text.into_boxed_str())), &args)?;
    Ok(())
}

/// A case with the columns a test does not care about filled in.
pub fn case(tx: &mut Tx<'_>, id: i64, opened: &str, more: &[(&str, Arg)]) -> store::Result<()> {
    let opened = at(opened);
    let day = opened.day(&TimeZone::get("Asia/Shanghai").expect("the zone"));
    let no = format!("Q-{id}");
    let mut columns: Vec<(&str, Arg)> = vec![
        ("id", id.into()),
        ("office", OFFICE.into()),
        ("no", no.as_str().into()),
        ("procedure", "demand".into()),
        ("pack_version", 1.into()),
        ("state", "closed".into()),
        ("phase", "closed".into()),
        ("kind", "complaint".into()),
        ("class", "ordinary".into()),
        ("urgent", false.into()),
        ("title", "a lamp is out".into()),
        ("channel", "hotline".into()),
        ("address", "".into()),
        ("subject_known", true.into()),
        ("report", (id + 1_000).into()),
        ("reports", 1.into()),
        ("opened_at", opened.into()),
        ("opened_day", day.into()),
        ("exempt", false.into()),
        ("returns", 0.into()),
        ("ruled", false.into()),
        ("redispatches", 0.into()),
        ("reopens", 0.into()),
        ("reworks", 0.into()),
        ("extensions", 0.into()),
        ("urges", 0.into()),
        ("supervised", false.into()),
        ("called_back", false.into()),
        ("version", 1.into()),
        ("updated_at", opened.into()),
        ("place", EAST.into()),
        ("community_id", EAST.into()),
        ("lead_unit", UNIT_A.into()),
    ];
    for (name, value) in more {
        match columns.iter_mut().find(|c| c.0 == *name) {
            Some(column) => column.1 = value.clone(),
            None => columns.push((name, value.clone())),
        }
    }
    insert(tx, "cases", &columns)
}

pub fn report(tx: &mut Tx<'_>, case: i64, received: &str) -> store::Result<()> {
    let (id, received) = (case + 1_000, at(received));
    let day = received.day(&TimeZone::get("Asia/Shanghai").expect("the zone"));
    let no = format!("Q-{case}");
    insert(
        tx,
        "report",
        &[
            ("id", id.into()),
            ("office", OFFICE.into()),
            ("no", no.as_str().into()),
            ("channel", "hotline".into()),
            ("kind", "complaint".into()),
            ("class", "ordinary".into()),
            ("title", "a lamp is out".into()),
            ("text", "a lamp is out".into()),
            ("reply_wanted", true.into()),
            ("share_contact", false.into()),
            ("address", "".into()),
            ("occurred_at", received.into()),
            ("received_at", received.into()),
            ("received_day", day.into()),
            ("version", 1.into()),
        ],
    )
}

pub fn link(tx: &mut Tx<'_>, report: i64, case: i64, until: Option<Ts>) -> store::Result<()> {
    insert(
        tx,
        "report_case",
        &[
            ("office", OFFICE.into()),
            ("report", (report + 1_000).into()),
            ("case_id", case.into()),
            ("part", "1".into()),
            ("from_at", at("02-01 00:00").into()),
            ("until_at", until.into()),
        ],
    )
}

pub fn part(tx: &mut Tx<'_>, case: i64, unit: i64, role: &str, more: &[(&str, Arg)]) -> store::Result<()> {
    let state = if more.iter().any(|c| c.0 == "done_at") { "done" } else { "signed" };
    let mut columns: Vec<(&str, Arg)> = vec![
        ("id", tx.id()?.into()),
        ("office", OFFICE.into()),
        ("case_id", case.into()),
        ("unit", unit.into()),
        ("role", role.into()),
        ("state", state.into()),
        ("sent_at", at("03-02 10:00").into()),
    ];
    columns.extend(more.iter().cloned());
    insert(tx, "assignment", &columns)
}

pub fn voice(
    tx: &mut Tx<'_>,
    case: i64,
    when: &str,
    solved: Option<&str>,
    satisfied: Option<i64>,
) -> store::Result<()> {
    let id = tx.id()?;
    insert(
        tx,
        "callback",
        &[
            ("id", id.into()),
            ("office", OFFICE.into()),
            ("case_id", case.into()),
            ("report", (case + 1_000).into()),
            ("at", at(when).into()),
            ("channel", "phone".into()),
            ("answered", (solved.is_some() || satisfied.is_some()).into()),
            ("solved", solved.into()),
            ("satisfied", satisfied.into()),
            ("words", "".into()),
        ],
    )
}

pub fn structure(tx: &mut Tx<'_>) -> store::Result<()> {
    insert(
        tx,
        "office",
        &[
            ("id", OFFICE.into()),
            ("code", "999901001".into()),
            ("name", "Qinghe".into()),
            ("short", "Q".into()),
            ("time_zone", "Asia/Shanghai".into()),
            ("hours", "".into()),
            ("locale", "en".into()),
            ("home_place", STREET.into()),
            ("settings", "{}".into()),
            ("version", 1.into()),
        ],
    )?;
    for (id, code, parent, name) in [
        (STREET, "999901001", None, "Qinghe"),
        (WILLOW, "999901001001", Some(STREET), "Willow"),
        (EAST, "999901001002", Some(STREET), "East"),
        (GRID, "999901001001001", Some(WILLOW), "Grid 1"),
    ] {
        insert(
            tx,
            "place",
            &[
                ("id", id.into()),
                ("office", OFFICE.into()),
                ("code", code.into()),
                ("parent", parent.into()),
                ("kind", "street".into()),
                ("level", 1.into()),
                ("name", name.into()),
                ("sort_key", name.into()),
                ("aliases", "[]".into()),
                ("from_day", 20_200_101.into()),
                ("version", 1.into()),
            ],
        )?;
    }
    for (id, code) in [(UNIT_A, "a"), (UNIT_B, "b")] {
        insert(
            tx,
            "unit",
            &[
                ("id", id.into()),
                ("office", OFFICE.into()),
                ("code", code.into()),
                ("name", format!("Unit {code}").into()),
                ("short", code.into()),
                ("sort_key", code.into()),
                ("kind", "street_department".into()),
                ("active", true.into()),
                ("version", 1.into()),
            ],
        )?;
    }
    Ok(())
}

pub fn t(text: &str) -> Arg {
    at(text).into()
}

/// The troubles of a month; `now` is 20 March, noon.
pub fn records(tx: &mut Tx<'_>) -> store::Result<()> {
    // 1: in time, three days, called back. 2: late, eleven days, sent back once by the verifier.
    let place: [(&str, Arg); 3] =
        [("place", GRID.into()), ("community_id", WILLOW.into()), ("grid_id", GRID.into())];
    let one = [
        ("accepted_at", t("03-02 09:30")),
        ("dispatched_at", t("03-02 10:00")),
        ("done_at", t("03-04 09:00")),
        ("closed_at", t("03-05 09:00")),
        ("closed_day", 20_260_305.into()),
        ("handle_due_at", t("03-06 17:30")),
        ("handle_late", false.into()),
        ("called_back", true.into()),
        ("reports", 2.into()),
    ];
    case(tx, 1, "03-02 09:00", &[&one[..], &place[..]].concat())?;
    case(
        tx,
        2,
        "03-01 00:10",
        &[
            ("accepted_at", t("03-01 00:20")),
            ("dispatched_at", t("03-02 10:00")),
            ("done_at", t("03-11 09:00")),
            ("closed_at", t("03-12 00:10")),
            ("closed_day", 20_260_312.into()),
            ("handle_due_at", t("03-08 17:30")),
            ("handle_late", true.into()),
            ("reworks", 1.into()),
            ("verified_at", t("03-11 10:00")),
            ("verified_by_other", false.into()),
        ],
    )?;
    let open = [
        ("state", "handling".into()),
        ("phase", "handling".into()),
        ("lead_unit", UNIT_B.into()),
        ("accepted_at", t("03-02 09:30")),
        ("dispatched_at", t("03-02 10:00")),
    ];
    // 3: open and overdue, sent to another unit once. 4: open, not yet due.
    case(
        tx,
        3,
        "03-02 09:00",
        &[
            &open[..],
            &[("handle_due_at", t("03-10 17:30")), ("due_at", t("03-10 17:30")), ("redispatches", 1.into())],
        ]
        .concat(),
    )?;
    case(
        tx,
        4,
        "03-02 09:00",
        &[&open[..], &[("handle_due_at", t("03-31 17:30")), ("due_at", t("03-31 17:30"))]].concat(),
    )?;
    // 5: merged into 1.
    case(
        tx,
        5,
        "03-02 11:00",
        &[
            ("state", "ended".into()),
            ("phase", "ended".into()),
            ("ended", "merged".into()),
            ("merged_into", 1.into()),
            ("accepted_at", t("03-02 11:10")),
            ("dispatched_at", t("03-02 11:20")),
            ("handle_due_at", t("03-06 17:30")),
            ("closed_at", t("03-02 12:00")),
            ("closed_day", 20_260_302.into()),
        ],
    )?;
    // 6: split into 7, which is closed in a day, and 8, which was reopened and is late again.
    case(
        tx,
        6,
        "03-03 09:00",
        &[
            ("done_at", t("03-06 10:00")),
            ("closed_at", t("03-06 11:00")),
            ("closed_day", 20_260_306.into()),
            ("called_back", true.into()),
        ],
    )?;
    case(
        tx,
        7,
        "03-03 09:00",
        &[
            ("parent", 6.into()),
            ("accepted_at", t("03-03 09:10")),
            ("dispatched_at", t("03-03 09:20")),
            ("done_at", t("03-04 09:00")),
            ("closed_at", t("03-04 09:00")),
            ("closed_day", 20_260_304.into()),
            ("handle_due_at", t("03-09 17:30")),
            ("handle_late", false.into()),
        ],
    )?;
    case(
        tx,
        8,
        "03-03 09:00",
        &[
            ("parent", 6.into()),
            ("state", "dispatched".into()),
            ("phase", "dispatched".into()),
            ("accepted_at", t("03-03 09:10")),
            ("dispatched_at", t("03-03 09:20")),
            ("done_at", t("03-06 09:00")),
            ("handle_due_at", t("03-18 17:30")),
            ("due_at", t("03-18 17:30")),
            ("handle_late", false.into()),
            ("reopens", 1.into()),
            ("lead_unit", UNIT_B.into()),
        ],
    )?;
    ended(tx)?;
    reported(tx)
}

/// What ended without the full round, each counted apart.
pub fn ended(tx: &mut Tx<'_>) -> store::Result<()> {
    for (id, how, phase) in [
        (9, "answered", "closed"),
        (10, "on_spot", "closed"),
        (11, "refused", "refused"),
        (12, "withdrawn", "ended"),
        (13, "void", "ended"),
        (14, "thanks", "closed"),
    ] {
        let mut more = vec![
            ("state", phase.into()),
            ("phase", phase.into()),
            ("ended", how.into()),
            ("closed_at", t("03-02 12:00")),
            ("closed_day", 20_260_302.into()),
        ];
        if matches!(how, "on_spot" | "withdrawn" | "void") {
            more.push(("accepted_at", t("03-02 09:10")));
        }
        if how == "on_spot" {
            more.push(("done_at", t("03-02 09:10")));
        }
        if matches!(how, "withdrawn" | "void") {
            more.extend([("dispatched_at", t("03-02 09:20")), ("handle_due_at", t("03-04 17:30"))]);
        }
        case(tx, id, "03-02 09:00", &more)?;
    }
    Ok(())
}

/// 15, 16: a source system gave no times. 17: a petition. 18: a complaint about unit A. Then reports, parts, voices.
pub fn reported(tx: &mut Tx<'_>) -> store::Result<()> {
    case(tx, 15, "02-27 10:00", &[("outcome", "overtime".into()), ("accepted_at", t("02-27 10:00"))])?;
    case(tx, 16, "03-09 10:00", &[("outcome", "intime".into()), ("accepted_at", t("03-09 10:00"))])?;
    let done = [
        ("accepted_at", t("03-03 09:00")),
        ("dispatched_at", t("03-03 09:00")),
        ("done_at", t("03-03 10:00")),
        ("closed_at", t("03-05 09:00")),
        ("closed_day", 20_260_305.into()),
        ("handle_due_at", t("03-04 17:30")),
        ("handle_late", false.into()),
    ];
    case(tx, 17, "03-03 09:00", &[&done[..], &[("class", "petition".into())]].concat())?;
    case(
        tx,
        18,
        "03-03 09:00",
        &[&done[..], &[("subject_unit", UNIT_A.into()), ("lead_unit", UNIT_B.into())]].concat(),
    )?;
    for id in (1..=18).filter(|id| ![7, 8].contains(id)) {
        report(tx, id, if id == 15 { "02-27 10:00" } else { "03-02 09:00" })?;
        link(tx, id, id, (id == 5).then(|| at("03-02 12:00")))?;
    }
    link(tx, 5, 1, None)?;
    link(tx, 6, 7, None)?;
    link(tx, 6, 8, None)?;
    part(
        tx,
        1,
        UNIT_A,
        "lead",
        &[("done_at", t("03-04 09:00")), ("due_at", t("03-06 17:30")), ("late", false.into())],
    )?;
    part(
        tx,
        1,
        UNIT_B,
        "co",
        &[("done_at", t("03-05 09:00")), ("due_at", t("03-04 17:30")), ("late", true.into())],
    )?;
    part(tx, 3, UNIT_B, "lead", &[("due_at", t("03-10 17:30"))])?;
    let returned = tx.id()?;
    insert(
        tx,
        "assignment",
        &[
            ("id", returned.into()),
            ("office", OFFICE.into()),
            ("case_id", 3.into()),
            ("unit", UNIT_A.into()),
            ("role", "lead".into()),
            ("state", "off".into()),
            ("sent_at", t("03-02 10:00")),
        ],
    )?;
    let request = tx.id()?;
    insert(
        tx,
        "request",
        &[
            ("id", request.into()),
            ("office", OFFICE.into()),
            ("case_id", 3.into()),
            ("assignment", returned.into()),
            ("kind", "return".into()),
            ("state", "granted".into()),
            ("reason", "".into()),
            ("basis", "".into()),
            ("asked_at", t("03-02 11:00")),
        ],
    )?;
    // Of two answers about one handling the first stays; case 2's requester was not reached.
    voice(tx, 1, "03-05 08:00", Some("yes"), Some(2))?;
    voice(tx, 1, "03-05 10:00", Some("yes"), Some(5))?;
    voice(tx, 2, "03-12 08:00", None, None)?;
    voice(tx, 8, "03-06 10:00", Some("no"), Some(1))?;
    voice(tx, 6, "03-06 10:30", Some("yes"), Some(4))?;
    voice(tx, 17, "03-05 09:00", Some("yes"), None)
}
