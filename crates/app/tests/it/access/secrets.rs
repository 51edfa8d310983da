//! Identities that come in by every way are nowhere but under seal: not in the database, the files, the log, an export, a
//! page, a live update, a job, a backup or an error. Only the answer to a reveal says them.

use super::office::{GRID, Office, picture};
use crate::browser::{Browser, Page, run};
use axum::http::{Method, StatusCode};
use gezhi::backup;
use gezhi::features::intake::search;
use gezhi::features::people::service as people;
use gezhi::features::places::service as places;
use gezhi::jobs::{kinds, run_all};
use gezhi::web;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use store::{Query, Sql, args};

/// Somebody who exists nowhere else.
struct Identity {
    /// By which way it came in.
    way: &'static str,
    name: String,
    phone: String,
    id: String,
    card: String,
    plate: String,
    door: String,
}

/// The check sign of an identity card's seventeen digits.
fn id_card(n: usize) -> String {
    let body = format!("11010119900307{n:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize = body.bytes().zip(weights).map(|(b, w)| usize::from(b - b'0') * w).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11])
}

/// Eighteen digits and the one that Luhn asks for.
fn bank_card(n: usize) -> String {
    let body = format!("622848{:012}", 7_340_015_200 + n * 977);
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

const NAMES: [&str; 12] = [
    "欧阳静湖",
    "欧阳镜澜",
    "欧阳敬湾",
    "欧阳竞淮",
    "欧阳劲渭",
    "欧阳景泾",
    "欧阳璟沅",
    "欧阳靓沣",
    "欧阳警涪",
    "欧阳菁沱",
    "欧阳晶漳",
    "欧阳净滁",
];

fn identity(n: usize, way: &'static str) -> Identity {
    Identity {
        way,
        name: NAMES[n].to_owned(),
        phone: format!("1990078{:04}", 1301 + n * 37),
        id: id_card(311 + n * 13),
        card: bank_card(n),
        plate: format!("京A{}8Z{}7", n % 10, (n + 3) % 10),
        door: format!("{}栋3单元{}室", 71 + n, 1901 + n),
    }
}

impl Identity {
    /// What they say about a broken lamp and about themselves.
    fn words(&self) -> String {
        let Identity { name, phone, id, card, plate, door, .. } = self;
        format!(
            "路灯不亮。我是{name}，住{door}，电话{phone}，身份证号{id}，银行卡{card}，车牌{plate}，请尽快修。"
        )
    }

    /// The same without the name: what staff write has no contact beside it that would say which word is one.
    fn staff_words(&self) -> String {
        self.words().replace(&format!("我是{}，", self.name), "")
    }

    fn marks(&self) -> Vec<&str> {
        let mut all = vec![self.phone.as_str(), &self.id, &self.card, &self.plate, &self.door];
        if !self.way.starts_with("staff") {
            all.push(&self.name);
        }
        all
    }

    /// Which of them stand in some bytes.
    fn stand_in(&self, bytes: &[u8]) -> Vec<String> {
        Needles::of(std::slice::from_ref(self)).found(bytes)
    }
}

/// All marks as UTF-8 and UTF-16, looked for in one go.
struct Needles {
    all: Vec<(Vec<u8>, String)>,
    /// Which two bytes some needle begins with.
    begins: Vec<bool>,
}

impl Needles {
    fn of(who: &[Identity]) -> Needles {
        let wide = |mark: &str, swap: bool| -> Vec<u8> {
            mark.encode_utf16().flat_map(|u| if swap { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        let mut all = Vec::new();
        for one in who {
            for mark in one.marks() {
                for needle in [mark.as_bytes().to_vec(), wide(mark, false), wide(mark, true)] {
                    all.push((needle, format!("{mark} of {}", one.way)));
                }
            }
        }
        let mut begins = vec![false; 1 << 16];
        for (needle, _) in &all {
            begins[usize::from(needle[0]) << 8 | usize::from(needle[1])] = true;
        }
        Needles { all, begins }
    }

    fn found(&self, bytes: &[u8]) -> Vec<String> {
        let mut out = BTreeSet::new();
        for (at, pair) in bytes.windows(2).enumerate() {
            if self.begins[usize::from(pair[0]) << 8 | usize::from(pair[1])] {
                let here = self.all.iter().filter(|(needle, _)| bytes[at..].starts_with(needle));
                out.extend(here.map(|(_, mark)| mark.clone()));
            }
        }
        out.into_iter().collect()
    }
}

/// The log as it is written, at its most talkative.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is searched, by a name, and what stood in it.
struct Hunt {
    who: Vec<Identity>,
    needles: Needles,
    faults: Vec<String>,
}

impl Hunt {
    fn bytes(&mut self, place: &str, bytes: &[u8]) {
        for mark in self.needles.found(bytes) {
            self.faults.push(format!("{place}: {mark}"));
        }
        if let Ok(mut zip) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) {
            for i in 0..zip.len() {
                let mut inner = Vec::new();
                zip.by_index(i).unwrap().read_to_end(&mut inner).unwrap();
                self.bytes(&format!("{place}/{i}"), &inner);
            }
        }
    }

    fn page(&mut self, place: &str, page: &Page) {
        self.bytes(place, format!("{:?}", page.headers).as_bytes());
        self.bytes(place, &page.bytes);
    }

    fn folder(&mut self, path: &Path) {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.folder(&path);
            } else {
                let name = path.display().to_string();
                self.bytes(name.rsplit("data").next().unwrap_or_default(), &std::fs::read(&path).unwrap());
            }
        }
    }
}

async fn multipart(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Page {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    if let Some((name, bytes)) = file {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\n")
                .bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    browser.send(Method::POST, path, Some("multipart/form-data; boundary=x"), body).await
}

fn well(page: &Page, what: &str) {
    let fine = page.status.is_success() || page.status.is_redirection();
    assert!(fine, "{what}: {} {:?}", page.status, page.text(".errors").or_else(|| page.text("main")));
}

/// Everything that residents and staff can bring.
async fn bring(office: &Office, who: &[Identity]) -> String {
    let of = |way: &str| who.iter().find(|one| one.way == way).unwrap();
    let token = office.write(|tx, cx| {
        let grid = people::place_by_code(tx, cx.office.id, GRID)?.expect("a grid");
        places::renew_token(tx, cx, grid, "test")
    });
    let one = of("public form");
    let mut resident = office.site.browser();
    let form = resident.get(&format!("/p/{token}")).await;
    let idem = form.attribute("input[name=idem]", "value").expect("a key");
    let words = one.words();
    let fields = [
        ("idem", idem.as_str()),
        ("text", words.as_str()),
        ("name", &one.name),
        ("phone", &one.phone),
        ("address", &one.door),
    ];
    let receipt =
        multipart(&mut resident, &format!("/p/{token}"), &fields, Some(("photos", &picture(11)))).await;
    let (no, code) = (receipt.text("#no").expect("a number"), receipt.text("#code").expect("a code"));
    let follow = resident.post("/p/track", &[("no", &no), ("code", &code)]).await;
    let track = follow.location().to_owned();
    // Whoever adds something says their name again.
    let words = of("public addition").words().replace(&of("public addition").name, &of("public form").name);
    well(
        &multipart(&mut resident, &format!("{track}/add"), &[("text", words.as_str())], None).await,
        "adding",
    );
    let words = of("public wrong form").words();
    let wrong =
        multipart(&mut resident, &format!("/p/{token}"), &[("text", words.as_str()), ("phone", "12")], None)
            .await;
    assert!(wrong.status.is_client_error(), "{}", wrong.status);

    let mut desk = office.enter("acceptor").await;
    let one = of("desk");
    let words = one.words();
    let fields = [
        ("idem", "0190-secret-1"),
        ("draft", "01890000-0000-7000-8000-000000000001"),
        ("notes", words.as_str()),
        ("place", "柳溪社区"),
        ("contact_name", &one.name),
        ("contact_phone", &one.phone),
        ("contact_address", &one.door),
        ("reply_wanted", "1"),
        ("end", "new"),
    ];
    well(&desk.post("/intake/drafts/01890000-0000-7000-8000-000000000001", &fields).await, "a draft");
    well(&multipart(&mut desk, "/intake", &fields, None).await, "the desk");
    let one = of("desk draft");
    let words = one.words();
    let fields = [
        ("draft", "01890000-0000-7000-8000-000000000002"),
        ("notes", words.as_str()),
        ("contact_name", &one.name),
        ("contact_phone", &one.phone),
    ];
    well(&desk.post("/intake/drafts/01890000-0000-7000-8000-000000000002", &fields).await, "a draft");
    well(&desk.post("/intake/suggest", &fields).await, "suggestions");

    let one = of("API");
    let body = json!({"text": one.words(), "channel": "hotline", "kind": "help", "address": one.door,
        "contact": {"name": one.name, "phone": one.phone, "address": one.door}});
    let token_holder = office.enter("program").await;
    let mut program = token_holder.having("idempotency-key", "0190-secret-2");
    well(
        &program.send(Method::POST, "/api/v1/reports", Some("application/json"), body.to_string()).await,
        "the API",
    );
    let one = of("upper ticket");
    let body = json!({"system": "市热线", "tickets": [{"number": "2026031200012345", "text": one.words(),
        "name": one.name, "phone": one.phone, "address": one.door, "due": "2026-03-16 17:30"}]});
    let mut program = token_holder.having("idempotency-key", "0190-secret-3");
    let taken = program
        .send(Method::POST, "/api/v1/upstream/tickets", Some("application/json"), body.to_string())
        .await;
    well(&taken, "a ticket");

    let one = of("workbook");
    let book = format!(
        "工单编号,受理时间,诉求内容,承办单位,所属社区,办结时间,联系人,联系电话,事发地址\n\
         202501010001234567,2025/1/1 9:00,{},市政服务中心,柳溪社区,2025-01-02 10:00,{},{},{}\n",
        one.staff_words(),
        one.name,
        one.phone,
        one.door
    );
    let mut clerk = office.enter("data_clerk").await;
    let sent = multipart(&mut clerk, "/history", &[], Some(("file", book.as_bytes()))).await;
    let sheet = sent.location().to_owned();
    assert!(sheet.starts_with("/history/"), "{} {}", sent.status, sent.body);
    clerk.get(&sheet).await;
    let columns = [
        ("column-number", "工单编号"),
        ("column-received", "受理时间"),
        ("column-text", "诉求内容"),
        ("column-unit", "承办单位"),
        ("column-place", "所属社区"),
        ("column-closed", "办结时间"),
        ("column-name", "联系人"),
        ("column-phone", "联系电话"),
        ("column-address", "事发地址"),
        ("make", "1"),
        ("end", "take"),
    ];
    well(&clerk.post(&sheet, &columns).await, "the workbook");

    let mut worker = office.enter("grid_worker").await;
    let page = worker.get("/report").await;
    let matter = page.attribute("input[name=matter]", "value").expect("a matter");
    let words = of("staff patrol").staff_words();
    let fields = [
        ("matter", matter.as_str()),
        ("place", "柳溪社区"),
        ("end", "report"),
        ("idem", "0190-secret-4"),
        ("notes", &words),
        ("text", &words),
    ];
    well(&multipart(&mut worker, "/report", &fields, Some(("photos", &picture(90)))).await, "the patrol");
    no
}

/// What the office does with a case, writing down what it should not.
async fn handle(office: &Office, no: &str, who: &[Identity]) -> (String, Page) {
    const CASE: Sql = Sql::Both(
        "select rc.case_id from report r join report_case rc on rc.office = r.office and rc.report = r.id where r.no = $1",
    );
    const REPORT: Sql = Sql::Both("select id from report where no = $1");
    let said = no.to_owned();
    let (case, report): (i64, i64) = office.write(move |tx, _| {
        Ok((
            tx.value(&CASE, args![&said])?.expect("a case"),
            tx.value(&REPORT, args![&said])?.expect("a report"),
        ))
    });
    let note = who.iter().find(|one| one.way == "staff note").unwrap().staff_words();
    let (unit, matter) = (office.unit("x-lead").to_string(), office.matter().to_string());
    let acts: [(&str, &str, Vec<(&str, &str)>); 7] = [
        ("acceptor", "accept", vec![("matter", &matter), ("subject", "none"), ("note", &note)]),
        ("dispatcher", "dispatch", vec![("lead", &unit), ("note", &note)]),
        ("handler", "sign", vec![("note", &note)]),
        ("handler", "progress", vec![("note", &note)]),
        ("handler", "finish", vec![("note", &note)]),
        ("verifier", "fail", vec![("reason", &note)]),
        ("dispatcher", "redispatch", vec![("lead", &unit), ("reason", &note)]),
    ];
    for (name, action, fields) in acts {
        let mut browser = office.enter(name).await;
        let photo = picture(u8::try_from(action.len() * 9).unwrap());
        let file = (action == "finish" || action == "fail").then_some(("photos", photo.as_slice()));
        let page = multipart(&mut browser, &format!("/cases/{case}/act/{action}"), &fields, file).await;
        well(&page, action);
    }
    let mut caller = office.enter("caller").await;
    let fields = [("report", report.to_string()), ("reason", format!("核实 {note}"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let revealed = caller.post(&format!("/cases/{case}/reveal"), &fields).await;
    well(&revealed, "the reveal");
    let said = |way: &str| who.iter().find(|one| one.way == way).unwrap().staff_words();
    let mut leader = office.enter("leader").await;
    let text = said("staff message");
    let sent = [("text", text.as_str()), ("whole", "1"), ("case_no", no)];
    well(&leader.post("/messages/new", &sent).await, "the message");
    let mut keeper = office.enter("roster_keeper").await;
    let text = said("staff duty log");
    well(
        &keeper.post("/roster/log", &[("text", text.as_str()), ("happened", "2026-03-12 11:00")]).await,
        "the log",
    );
    (format!("/cases/{case}"), revealed)
}

#[test]
fn identities_from_every_way_in_are_nowhere_but_under_seal_and_in_the_answer_to_a_reveal() {
    const WAYS: [&str; 12] = [
        "public form",
        "public addition",
        "public wrong form",
        "desk",
        "desk draft",
        "API",
        "upper ticket",
        "workbook",
        "staff patrol",
        "staff note",
        "staff message",
        "staff duty log",
    ];
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_env_filter("debug").with_writer(move || writer.clone());
    let logged = tracing::subscriber::set_global_default(subscriber.finish()).is_ok();
    let test = store::testing::sqlite().unwrap();
    let office = Office::new(&test.db);
    let who: Vec<Identity> = WAYS.iter().enumerate().map(|(n, way)| identity(n, way)).collect();
    let mut hunt = Hunt { needles: Needles::of(&who), who, faults: Vec::new() };
    for one in &hunt.who {
        // Marks that the product does not take for identifiers would prove nothing.
        let masked = text::identifiers::seal_naming(&one.words(), &one.name).masked;
        assert_eq!(one.stand_in(masked.as_bytes()), Vec::<String>::new(), "{masked}");
    }
    run(async {
        let no = bring(&office, &hunt.who).await;
        std::thread::scope(|scope| {
            scope.spawn(|| run_all(&office.site.app.installation, kinds::ALL).unwrap()).join().unwrap()
        });
        office.write(|tx, cx| search::fill(tx, cx, 500));
        let (case, revealed) = handle(&office, &no, &hunt.who).await;
        let shown = hunt.who[0].stand_in(&revealed.bytes);
        assert!(shown.iter().any(|mark| mark.starts_with("1990078")), "the reveal says it: {shown:?}");
        let mut pages = Vec::new();
        for name in ["dispatcher", "handler", "leader", "auditor", "data_clerk", "grid_worker"] {
            let mut browser = office.enter(name).await;
            for path in [
                "/",
                "/cases",
                "/cases/ledger",
                "/board",
                "/log",
                "/messages",
                "/messages/desk",
                "/roster/log",
                "/roster/log/print",
                "/api/v1/cases?limit=200",
                "/briefing",
                "/briefing.xlsx",
                "/stats",
                "/history",
                "/replaced",
                "/documents",
                "/upstream/replies",
                "/live/poll?keys=cases",
                "/nav?active=",
                "/report",
                "/wall",
                "/nowhere/at/all",
            ]
            .map(str::to_owned)
            .into_iter()
            .chain(
                ["", "/print", "/file", "/documents/reply", "/act/note", "/do/split"]
                    .map(|end| format!("{case}{end}")),
            ) {
                pages.push((format!("{name} {path}"), browser.get(&path).await));
            }
            for path in ["/cases/export", "/export/all.xlsx", "/log/export"] {
                pages.push((format!("{name} POST {path}"), browser.post(path, &[]).await));
            }
        }
        let mut stranger = office.site.browser();
        for path in ["/p", "/p/faq", "/metrics", "/healthz", &format!("/p/track/{}", web::encode(&no))] {
            pages.push((path.to_owned(), stranger.get(path).await));
        }
        pages.push((
            "/p/similar".into(),
            stranger.post("/p/similar", &[("at", "1"), ("text", "路灯不亮")]).await,
        ));
        // Where the files are gone the program fails, and says nothing of why.
        let mut handler = office.enter("handler").await;
        let href = handler.get(&case).await.attribute("img[src^='/files/']", "src").expect("a picture");
        let (there, gone) =
            (office.site.app.config.data.join("files"), office.site.app.config.data.join("gone"));
        std::fs::rename(&there, &gone).unwrap();
        let failed = handler.get(&href).await;
        assert!(
            failed.status == StatusCode::INTERNAL_SERVER_ERROR || failed.status == StatusCode::NOT_FOUND,
            "{}",
            failed.status
        );
        pages.push((href, failed));
        std::fs::rename(&gone, &there).unwrap();
        for (place, page) in &pages {
            hunt.page(place, page);
        }
    });
    for (table, column) in columns(&office) {
        let sql = format!("select cast({column} as blob) from {table} where {column} is not null");
        let rows: Vec<Vec<u8>> =
            office.write(move |tx, _| tx.list(&Query::new(String::leak(sql.clone())), |row| row.get(0)));
        for row in rows {
            hunt.bytes(&format!("{table}.{column}"), &row);
        }
    }
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("gezhi.zip");
    backup::save(&office.site.app.config, &file, office.site.clock.now()).unwrap();
    hunt.bytes("the backup", &std::fs::read(&file).unwrap());
    hunt.folder(&office.site.app.config.data);
    let lines = log.0.lock().unwrap().clone();
    assert!(!logged || lines.len() > 100, "the log was listened to");
    hunt.bytes("the log", &lines);
    hunt.faults.sort();
    hunt.faults.dedup();
    assert!(hunt.faults.is_empty(), "{}", hunt.faults.join("\n"));
}

fn columns(office: &Office) -> Vec<(String, String)> {
    const COLUMNS: Sql = Sql::Both(
        "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'search%' and c.type in ('text', 'blob', 'TEXT', 'BLOB')",
    );
    office.write(|tx, _| tx.query(&COLUMNS, &[], |row| Ok((row.get(0)?, row.get(1)?))))
}
