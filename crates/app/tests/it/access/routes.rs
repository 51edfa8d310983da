//! Every route against everybody. `routes.txt` says who comes in and who finds the record; a route that is not there, and
//! a line without a route, fail.

use super::office::{Office, PLAIN, Plant, everybody};
use crate::browser::{Browser, Page, run};
use axum::http::{Method, StatusCode};
use gezhi::web;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use store::{Db, Query, Sql};

/// What no record has.
const NOWHERE: &str = "999999999";

/// Rows that the invented office has none of.
const SWAP: Sql = Sql::Both(
    "insert into roster_swap (id, office, shift, asker, asked, note, state, asked_at)
     select 77, $1, min(id), min(account), max(account), '', 'asked', $2 from roster_shift",
);
const CONTEST: Sql = Sql::Both(
    "insert into upper_contest (id, office, link, round, grounds, words, pictures, due_at, sent_at, receipt)
     select 77, $1, min(id), 1, '', '', '', $2, $2, '' from upper_link",
);
const DRAFT: Sql = Sql::Both(
    "insert into roster (id, office, from_day, until_day, state, made_at, version)
     values (77, $1, 20260401, 20260430, 'draft', $2, 1)",
);
const AWAY: Sql = Sql::Both(
    "insert into roster_away (id, office, account, from_day, until_day)
     select 77, $1, min(account), 20260401, 20260402 from roster_shift where $2 > 0",
);
const ROBOT: Sql = Sql::Both(
    "insert into message_robot (id, office, kind, name, address, active, changed_at, last_note, version)
     values (77, $1, 'wecom', '群', x'00', false, $2, '', 1)",
);
const TASK_FILE: Sql = Sql::Both(
    "insert into task_file (id, office, task, name, hash, mime, bytes, at, live)
     select 77, $1, min(id), '底稿.txt', '00', 'text/plain', 1, $2, true from task",
);
const PART: Sql = Sql::Both("select min(id) from assignment where case_id = $1 and role = 'lead'");

/// One line of the table.
#[derive(Clone, Debug, Default)]
struct Line {
    /// A form with files.
    upload: bool,
    who: BTreeSet<&'static str>,
    /// Values of the parameters: names of records, or words as they stand after a `=`.
    record: Vec<String>,
    finds: BTreeSet<&'static str>,
    /// The fields of the form where an empty one is refused before the record is looked for; `@` names a record.
    fields: Vec<(String, String)>,
}

impl Line {
    fn body(&self, known: &BTreeMap<&'static str, String>) -> Vec<(String, String)> {
        let value = |text: &String| match text.strip_prefix('@') {
            Some(name) => known[name].clone(),
            None => text.clone(),
        };
        self.fields.iter().map(|(name, text)| (name.clone(), value(text))).collect()
    }
}

struct Table(BTreeMap<(String, String), Line>);

fn table() -> Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/access/routes.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let all = everybody();
    let mut groups: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    groups.insert("anybody".into(), all.iter().copied().collect());
    groups.insert("-".into(), BTreeSet::new());
    let resolve = |groups: &BTreeMap<String, BTreeSet<&'static str>>, words: &str, line: &str| {
        let mut out: BTreeSet<&'static str> = BTreeSet::new();
        for word in words.split_whitespace() {
            let (minus, word) = word.strip_prefix('!').map_or((false, word), |w| (true, w));
            let named: BTreeSet<&'static str> = match groups.get(word) {
                Some(group) => group.clone(),
                None => all.iter().filter(|name| **name == word).copied().collect(),
            };
            assert!(!named.is_empty() || word == "-", "{word} is nobody: {line}");
            if minus {
                out.retain(|name| !named.contains(name));
            } else {
                out.extend(named);
            }
        }
        out
    };
    let mut lines = BTreeMap::new();
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        if let Some((name, words)) = line.split_once('=').filter(|(n, _)| !n.contains('/')) {
            let named = resolve(&groups, words, line);
            groups.insert(name.trim().to_owned(), named);
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (method, path) = cells[0].split_once(' ').unwrap_or_else(|| panic!("no path: {line}"));
        let method_name = if method == "UPLOAD" { "POST" } else { method };
        let cell = |i: usize| cells.get(i).copied().unwrap_or_default();
        let who = resolve(&groups, cell(1), line);
        let ours = who.iter().copied().filter(|name| !name.starts_with("neighbour")).collect();
        groups.insert("ours".into(), ours);
        let read = Line {
            upload: method == "UPLOAD",
            who,
            record: cell(2).split_whitespace().map(str::to_owned).collect(),
            finds: resolve(&groups, cell(3), line),
            fields: cell(4)
                .split_whitespace()
                .filter_map(|field| field.split_once('='))
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
        };
        let key = (method_name.to_owned(), path.trim().to_owned());
        assert!(lines.insert(key, read).is_none(), "twice: {line}");
    }
    Table(lines)
}

/// The path with its parameters filled in from left to right; without values, with those of no record.
fn filled(path: &str, values: &[String]) -> String {
    let mut out = String::new();
    let mut values = values.iter();
    for piece in path.split('/').skip(1) {
        out.push('/');
        match (piece.find('{'), piece.find('}')) {
            (Some(from), Some(to)) => {
                out.push_str(&piece[..from]);
                out.push_str(values.next().map_or(NOWHERE, String::as_str));
                out.push_str(&piece[to + 1..]);
            }
            _ => out.push_str(piece),
        }
    }
    out
}

/// The values of a line: records by name, and the same with records that do not exist.
fn values(record: &[String], known: &BTreeMap<&'static str, String>) -> (Vec<String>, Vec<String>) {
    let real = |name: &String| match name.strip_prefix('=') {
        Some(word) => word.to_owned(),
        None => known.get(name.as_str()).unwrap_or_else(|| panic!("no record is called {name}")).clone(),
    };
    let none = |name: &String| name.strip_prefix('=').unwrap_or(NOWHERE).to_owned();
    (record.iter().map(real).collect(), record.iter().map(none).collect())
}

async fn ask(
    browser: &mut Browser<'_>,
    method: &str,
    path: &str,
    upload: bool,
    fields: &[(String, String)],
) -> Page {
    let (kind, body) = match method {
        "GET" => (None, String::new()),
        _ if path.starts_with("/api/") => {
            let fields: BTreeMap<_, _> = fields.iter().cloned().collect();
            (Some("application/json"), serde_json::to_string(&fields).unwrap())
        }
        _ if upload => {
            let part = |name: &str, value: &str| {
                format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let parts: String = fields.iter().map(|(name, value)| part(name, value)).collect();
            (Some("multipart/form-data; boundary=x"), format!("{parts}{}--x--\r\n", part("none", "")))
        }
        _ => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}={}", web::encode(value))).collect();
            (Some("application/x-www-form-urlencoded"), fields.join("&"))
        }
    };
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    browser.send(method, path, kind, body).await
}

/// Whether an answer lets in: no log-in page, no refusal for want of a right.
fn lets_in(method: &str, page: &Page) -> bool {
    let out = method == "GET" && page.location().starts_with("/login");
    !out && page.status != StatusCode::UNAUTHORIZED && page.status != StatusCode::FORBIDDEN
}

/// An answer without what differs by chance and without the values asked for.
pub fn plain(page: &Page, values: &[String]) -> String {
    let to = page.location();
    let to = if to.starts_with("/login?") { "/login" } else { to };
    let mut out =
        format!("{} {}\n", page.status, values.iter().fold(to.to_owned(), |to, v| to.replace(v, "*")));
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        if word.len() >= 16 || values.iter().any(|v| v == word) {
            out.push('*');
        } else {
            out.push_str(word);
        }
        word.clear();
    };
    for c in page.body.chars() {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            word.push(c);
        } else {
            flush(&mut word, &mut out);
            out.push(c);
        }
    }
    flush(&mut word, &mut out);
    out
}

/// The whole database as text, without sessions and what only remembers that somebody was here.
pub fn everything(db: &Db) -> BTreeMap<String, String> {
    const TABLES: Sql = Sql::Both(
        "select name from sqlite_master where type = 'table' and sql not like '%virtual%' order by name",
    );
    const LEFT_OUT: [&str; 5] = ["session", "idempotency", "api_token", "id_block", "stream"];
    db.read_now(|tx| {
        let tables: Vec<String> = tx.query(&TABLES, &[], |row| row.get(0))?;
        let mut out = BTreeMap::new();
        for table in tables.iter().filter(|t| !LEFT_OUT.contains(&t.as_str()) && !t.starts_with("search")) {
            let columns: Vec<String> = tx.list(
                &Query::new(String::leak(format!("select name from pragma_table_info('{table}')"))),
                |row| row.get(0),
            )?;
            let quoted: Vec<String> = columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
            let sql = format!(
                "select coalesce(group_concat({}, ';'), '') from \"{table}\"",
                quoted.join("||','||")
            );
            let text: Vec<String> = tx.list(&Query::new(String::leak(sql)), |row| row.get(0))?;
            out.insert(table.clone(), text.concat());
        }
        Ok(out)
    })
    .unwrap()
}

/// Records of the office by name.
fn records(office: &mut Office) -> BTreeMap<&'static str, String> {
    let plain = office.plant(&PLAIN);
    let unread = office.plant(&Plant { mark: "zqunread", lead: None, ..PLAIN });
    let mut out = BTreeMap::new();
    out.insert("plain", plain.to_string());
    out.insert("unread", unread.to_string());
    let one = |sql: &'static str| -> String {
        let value: Option<i64> =
            office.write(move |tx, _| Ok(tx.query(&Sql::Both(sql), &[], |row| row.get(0))?.pop().flatten()));
        value.unwrap_or_else(|| panic!("no record: {sql}")).to_string()
    };
    office.write(|tx, cx| {
        tx.exec(&SWAP, store::args![cx.office.id, cx.now])?;
        for row in [&DRAFT, &AWAY, &ROBOT, &TASK_FILE] {
            tx.exec(row, store::args![cx.office.id, cx.now])?;
        }
        tx.exec(&CONTEST, store::args![cx.office.id, cx.now]).map(|_| ())
    });
    let part: Option<i64> = office.write(move |tx, _| tx.value(&PART, store::args![plain]));
    let link = office.write(move |tx, cx| {
        gezhi::features::hands::service::make_for_part(
            tx,
            cx,
            plain,
            kernel::AssignmentId(part.unwrap()),
            &[],
        )
    });
    out.insert("link", link.to_string());
    out.insert("plain_report", one("select max(r.report) from report_case r join cases c on c.id = r.case_id where c.title like '%zqplain%'"));
    out.insert("open_decision", one("select max(id) from meeting_decision"));
    for (name, sql) in [
        (
            "picture",
            "select min(a.id) from attachment a join report_case r on r.report = a.report join cases c on c.id = r.case_id where c.title like '%zqplain%'",
        ),
        (
            "clock",
            "select min(k.id) from clock k join cases c on c.id = k.case_id where c.title like '%zqplain%'",
        ),
        ("task", "select min(id) from task"),
        ("task_part", "select min(id) from task_receiver where task = (select min(id) from task)"),
        ("meeting", "select min(id) from meeting"),
        ("decision", "select min(id) from meeting_decision"),
        ("document", "select min(id) from document"),
        ("answer", "select min(id) from knowledge"),
        ("shift", "select min(id) from roster_shift"),
        ("swap", "select min(id) from roster_swap"),
        ("info", "select min(id) from roster_report"),
        ("handover", "select min(id) from roster_log"),
        ("message", "select min(id) from message"),
        ("upper", "select min(id) from upper_link"),
        ("place", "select min(id) from place where kind = 'community'"),
        ("account", "select min(id) from account where login = 'gaojianguo'"),
        (
            "post",
            "select min(p.id) from post p join holding h on h.post = p.id join account a on a.id = h.account where a.login = 'gaojianguo'",
        ),
        (
            "holding",
            "select min(h.id) from holding h join account a on a.id = h.account where a.login = 'gaojianguo'",
        ),
        ("unit", "select min(id) from unit where code = 'municipal'"),
        ("contest", "select min(id) from upper_contest"),
        ("draft", "select min(id) from roster where state = 'draft'"),
        ("task_file", "select min(id) from task_file where task = (select min(id) from task)"),
        ("fault", "select min(id) from knowledge_fault"),
        ("away", "select min(id) from roster_away"),
        ("robot", "select min(id) from message_robot"),
        ("duty", "select min(id) from duty"),
    ] {
        out.insert(name, one(sql));
    }
    out
}

/// Somebody with the browser, and what was met with it.
struct Trier<'a> {
    name: &'static str,
    browser: Browser<'a>,
    came_in: BTreeSet<(String, String)>,
    found: BTreeSet<(String, String)>,
}

impl Trier<'_> {
    /// What ends the session comes last; a stream has no end and is listened to elsewhere.
    fn lines(table: &Table) -> Vec<(&(String, String), &Line)> {
        let ends = |path: &str| path == "/logout" || path == "/account/sessions/end" || path == "/p/leave";
        let mut lines: Vec<_> = table.0.iter().filter(|((_, path), _)| path != "/live").collect();
        lines.sort_by_key(|((_, path), _)| ends(path));
        lines
    }

    /// Whether the line says that this may change something.
    fn acts(&self, method: &str, line: &Line) -> bool {
        let inside = line.finds.contains(self.name);
        inside || (line.who.contains(self.name) && method != "GET" && line.record.is_empty())
    }

    async fn go(&mut self, table: &Table, known: &BTreeMap<&'static str, String>, acts: bool) {
        for (key, line) in Trier::lines(table) {
            if self.acts(&key.0, line) != acts {
                continue;
            }
            let (real, none) = values(&line.record, known);
            let body = line.body(known);
            let missing = ask(&mut self.browser, &key.0, &filled(&key.1, &none), line.upload, &body).await;
            if lets_in(&key.0, &missing) {
                self.came_in.insert(key.clone());
            }
            if line.record.is_empty() {
                continue;
            }
            let asked = ask(&mut self.browser, &key.0, &filled(&key.1, &real), line.upload, &body).await;
            let (asked, missing) = (plain(&asked, &real), plain(&missing, &none));
            if asked != missing {
                self.found.insert(key.clone());
                if !acts {
                    println!(
                        "{} {} {}\n{asked}\n---- and where there is none:\n{missing}",
                        self.name, key.0, key.1
                    );
                }
            }
        }
    }
}

/// Two at a time, each in a runtime of its own.
fn all_go(triers: &mut [Trier<'_>], table: &Table, known: &BTreeMap<&'static str, String>, acts: bool) {
    let half = triers.len().div_ceil(2);
    std::thread::scope(|scope| {
        for some in triers.chunks_mut(half) {
            scope.spawn(move || {
                run(async {
                    for trier in some {
                        trier.go(table, known, acts).await;
                    }
                });
            });
        }
    });
}

/// Every route has its line, every line its route.
fn complete(table: &Table) -> Vec<String> {
    let routes = web::routes();
    let mut faults: Vec<String> = Vec::new();
    for entry in routes.entries() {
        if !table.0.contains_key(&(entry.method.to_string(), entry.path.to_owned())) {
            let (method, path) = (&entry.method, entry.path);
            faults.push(format!("add to routes.txt: {method} {path} | who comes in | record | who finds it"));
        }
    }
    for (method, path) in table.0.keys() {
        if !routes.entries().iter().any(|e| e.method.as_str() == method && e.path == path) {
            faults.push(format!("routes.txt has a line without a route: {method} {path}"));
        }
    }
    faults
}

fn names<'a>(names: impl IntoIterator<Item = &'a &'static str>) -> String {
    names.into_iter().copied().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_route_lets_in_whom_the_table_names_and_nobody_else() {
    let table = table();
    let mut faults = complete(&table);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let test = store::testing::sqlite().unwrap();
    let mut office = Office::new(&test.db);
    let known = records(&mut office);
    let mut triers: Vec<Trier<'_>> = Vec::new();
    run(async {
        for name in everybody() {
            let browser = office.enter(name).await;
            triers.push(Trier { name, browser, came_in: BTreeSet::new(), found: BTreeSet::new() });
        }
    });
    let before = everything(&office.site.app.db);
    all_go(&mut triers, &table, &known, false);
    for (table, rows) in everything(&office.site.app.db) {
        if before.get(&table) != Some(&rows) {
            faults.push(format!("somebody changed {table} without coming in or finding anything"));
        }
    }
    all_go(&mut triers, &table, &known, true);
    let mut seen = String::new();
    for (key, line) in table.0.iter().filter(|(key, _)| key.1 != "/live") {
        let came: BTreeSet<&'static str> =
            triers.iter().filter(|t| t.came_in.contains(key)).map(|t| t.name).collect();
        let found: BTreeSet<&'static str> =
            triers.iter().filter(|t| t.found.contains(key)).map(|t| t.name).collect();
        for (what, names) in [
            ("came in though not named", names(came.difference(&line.who))),
            ("was kept out", names(line.who.difference(&came))),
            ("found what lies outside", names(found.difference(&line.finds))),
            ("did not find", names(line.finds.difference(&found))),
        ] {
            if !names.is_empty() {
                faults.push(format!("{} {}: {what}: {names}", key.0, key.1));
            }
        }
        let method = if line.upload { "UPLOAD" } else { &key.0 };
        let record = line.record.join(" ");
        writeln!(seen, "{method} {} | {} | {record} | {}", key.1, names(&came), names(&found)).unwrap();
    }
    println!("what was met:\n{seen}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
