//! Tasks: asked of many in one act, each sees only its own part, excluded columns are dropped, answers are merged.

use crate::browser::{Page, Site, run, system};
use axum::http::{Method, StatusCode};
use calamine::Reader;
use gezhi::config::Config;
use gezhi::features::people::model::{Fill, NewAccount, NewPost, NewUnit};
use gezhi::features::people::service as people;
use kernel::{AccountId, UnitId};
use std::io::Cursor;
use store::{Db, Sql, args, both};

const IDS: Sql = Sql::Both("select id from task order by id desc");
const PARTS: Sql =
    Sql::Both("select name, id, state, chased, returns from task_receiver where task = $1 order by sort_key");
const EVENTS: Sql = Sql::Both("select count(*) from event where stream = 'task' and kind = $1");
const TEXTS: Sql = Sql::Both("select payload from event where stream = 'task'");
const ASKS: Sql = Sql::Both("select asks from task where id = $1");

/// An office with a secretary and two communities, each with a secretary of its own.
fn site(db: Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    site.person("xiaozhou", &["secretary"]);
    for (login, name) in [("dong", "东苑社区"), ("bei", "北塘社区")] {
        community(&site, login, name);
    }
    site
}

pub fn community(site: &Site, login: &str, name: &str) -> (AccountId, UnitId) {
    let (cx, login, name) = (system(&site.app), login.to_owned(), name.to_owned());
    site.app
        .db
        .write_now(move |tx| {
            let unit = NewUnit {
                code: format!("c-{login}"),
                name: name.clone(),
                kind: "community".into(),
                ..NewUnit::default()
            };
            let unit = people::create_unit(tx, &cx, &unit)?;
            let account =
                NewAccount { login: login.clone(), name: login.clone(), locale: None, password_hash: None };
            let account = people::create_account(tx, &cx, &account)?;
            let post =
                NewPost { unit, kind: "other".into(), title: login.clone(), place: None, phone_public: None };
            let post = people::create_post(tx, &cx, &post)?;
            for code in ["community_secretary", "handler"] {
                let role = people::role_by_code(tx, &cx, code)?.expect("a shipped role").id;
                people::ask_role(tx, &cx, post, role)?;
            }
            people::fill_post(tx, &cx, &Fill { post, account, acting: false, from: cx.now, until: None })?;
            Ok((account, unit))
        })
        .unwrap()
}

async fn enter<'a>(site: &'a Site, login: &str) -> crate::browser::Browser<'a> {
    let mut browser = site.browser();
    let page = browser.post("/demo/login", &[("login", login)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{login}: {}", page.body);
    browser
}

fn newest(site: &Site) -> i64 {
    site.app.db.read_now(|tx| tx.value::<i64>(&IDS, &[])).unwrap().expect("a task")
}

type Part = (String, i64, String, i64, i64);

fn parts(site: &Site, task: i64) -> Vec<Part> {
    let read = |row: &store::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
    site.app.db.read_now(move |tx| tx.query(&PARTS, args![task], read)).unwrap()
}

fn events(site: &Site, kind: &'static str) -> i64 {
    site.app.db.read_now(move |tx| tx.value::<i64>(&EVENTS, args![kind])).unwrap().unwrap_or(0)
}

/// A form with fields and one file, under the field's name.
async fn send(
    browser: &mut crate::browser::Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &str, &str)>,
) -> Page {
    let csrf = browser.csrf().await;
    let part = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body = part("csrf", &csrf);
    fields.iter().for_each(|(name, value)| body.push_str(&part(name, value)));
    if let Some((field, name, text)) = file {
        body.push_str(&format!(
            "--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
        ));
    }
    body.push_str("--x--\r\n");
    browser.send(Method::POST, path, Some("multipart/form-data; boundary=x"), body).await
}

const NOTICE: [(&str, &str); 5] = [
    ("body", "请各社区排查楼道停放，明天下班前报送。附表。"),
    ("when", "2026-03-13T17:30"),
    ("communities", "1"),
    ("figure", "排查楼栋"),
    ("measure", "栋"),
];

/// Gives the notice with columns; returns the task.
async fn give(site: &Site, columns: &str) -> i64 {
    let mut secretary = enter(site, "xiaozhou").await;
    let fields: Vec<(&str, &str)> = NOTICE.into_iter().chain([("columns", columns)]).collect();
    let page = send(&mut secretary, "/tasks", &fields, None).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    newest(site)
}

both!(a_notice_goes_to_all_communities_and_each_sees_only_its_own_part, |db| {
    let site = site(db);
    run(async {
        let task = give(&site, "小区、楼栋、隐患").await;
        let asked = parts(&site, task);
        assert_eq!(asked.iter().map(|p| p.2.as_str()).collect::<Vec<_>>(), ["open", "open"]);
        let (bei, dong) = (asked[0].1, asked[1].1);
        let mut east = enter(&site, "dong").await;
        assert_eq!(east.get(&format!("/tasks/{task}")).await.location(), format!("/tasks/{task}/of/{dong}"));
        let rows = "小区\t楼栋\t隐患\n东苑三村\t5栋\t=HYPERLINK(1)\n东苑三村\t110101199001011234\t停放\n";
        let answer = [("figure", "１２"), ("rows", rows), ("end", "send")];
        let page = send(&mut east, &format!("/tasks/{task}/of/{dong}"), &answer, None).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        assert!(east.get(&format!("/tasks/{task}/of/{dong}")).await.body.contains("东苑三村"));
        // The neighbour finds neither the part nor the matrix nor what was collated.
        let mut north = enter(&site, "bei").await;
        for path in ["of/D", "collated", "collated.xlsx", "answers.zip"] {
            let path = format!("/tasks/{task}/{}", path.replace('D', &dong.to_string()));
            assert_eq!(north.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let own = north.get(&format!("/tasks/{task}/of/{bei}")).await;
        assert!(own.status == StatusCode::OK && !own.body.contains("东苑三村"));
        let act = [("csrf", north.csrf().await), ("act", "confirm".to_owned())];
        let act: Vec<(&str, &str)> = act.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(north.post(&format!("/tasks/{task}/act"), &act).await.status, StatusCode::FORBIDDEN);
        // A stranger to the task finds nothing at all.
        site.person("chen", &["grid_worker"]);
        let mut other = enter(&site, "chen").await;
        assert_eq!(other.get(&format!("/tasks/{task}")).await.status, StatusCode::NOT_FOUND);
        // The event names the rows by their number and hash: it can never be taken back.
        let texts: Vec<String> = site.app.db.read_now(|tx| tx.query(&TEXTS, &[], |row| row.get(0))).unwrap();
        assert!(texts.iter().all(|t| !t.contains("110101199001011234")));
    });
    let office = site.app.offices()[0].id;
    collated(&site, newest(&site), office);
});

/// The answers stand in the form that came, with every digit, and nothing in it runs.
fn collated(site: &Site, task: i64, office: kernel::OfficeId) {
    use gezhi::features::tasks::{collate, model::TaskId, service::look};
    let cx = system(&site.app);
    assert_eq!(cx.office.id, office);
    let words = gezhi::words::Words::new(gezhi::words::Locale::Zh, &cx.office.tz, cx.now);
    let seen = site.app.db.read_now(move |tx| look::seen(tx, &cx, TaskId(task))).unwrap();
    let bytes = collate::workbook(&words, &seen.task, &seen.receivers).unwrap();
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    let cells: Vec<Vec<String>> = book
        .worksheet_range(&names[0])
        .unwrap()
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(cells[0], ["单位", "小区", "楼栋", "隐患"]);
    assert_eq!(cells[1], ["东苑社区", "东苑三村", "5栋", "'=HYPERLINK(1)"]);
    assert_eq!(cells[2][2], "110101199001011234");
    let sums = book.worksheet_range(&names[1]).unwrap();
    assert_eq!(sums.rows().next_back().unwrap()[3].to_string(), "12");
}

both!(columns_of_excluded_classes_are_dropped_and_said_aloud, |db| {
    let site = site(db);
    run(async {
        let task = give(&site, "姓名、身份证号、是否信教、上 访次数、重点人员类别").await;
        let asks: String =
            site.app.db.read_now(move |tx| tx.value(&ASKS, args![task])).unwrap().unwrap_or_default();
        let asks: serde_json::Value = serde_json::from_str(&asks).unwrap();
        let names: Vec<&str> =
            asks["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["姓名", "身份证号"]);
        let mut secretary = enter(&site, "xiaozhou").await;
        let page = secretary.get(&format!("/tasks/{task}")).await;
        let told = page.text(".notice.warn").unwrap();
        assert!(told.contains("是否信教") && told.contains("信访是公民的权利"), "{told}");
        assert!(page.text(".notice.info").unwrap().contains("身份证号"));
        // Rows that bring such a column leave it behind, and say so.
        let dong = parts(&site, task)[1].1;
        let mut east = enter(&site, "dong").await;
        let rows = "姓名\t身份证号\t思想动态\n张三\t110101199001011234\t稳定\n";
        let path = format!("/tasks/{task}/of/{dong}");
        let page = send(&mut east, &path, &[("figure", "1"), ("rows", rows)], None).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        let page = east.get(&path).await;
        assert!(page.text(".notice.ok").unwrap().contains("思想动态"), "{}", page.body);
        assert!(page.body.contains("110101199001011234") && page.count("td input[value='稳定']") == 0);
        // A task that asks nothing else is not given.
        let mut fields: Vec<(&str, &str)> = NOTICE[..3].to_vec();
        fields.push(("columns", "重点人员、稳控措施"));
        let page = send(&mut secretary, "/tasks", &fields, None).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        // A form that came with such a column is not handed on as a file either.
        let fields: Vec<(&str, &str)> = NOTICE.to_vec();
        let form = "排查表,,\n楼栋,户主,信教情况\n";
        let page = send(&mut secretary, "/tasks", &fields, Some(("form", "表.csv", form))).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        let page = secretary.get(page.location()).await;
        assert_eq!(page.count(".task-files a"), 0);
    });
});

both!(an_answer_is_sent_back_chased_confirmed_and_the_task_closed, |db| {
    let site = site(db);
    run(async {
        let task = give(&site, "").await;
        let (bei, dong) = (parts(&site, task)[0].1, parts(&site, task)[1].1);
        let mut east = enter(&site, "dong").await;
        let path = format!("/tasks/{task}/of/{dong}");
        let page = send(&mut east, &path, &[("figure", "约三十")], None).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("约三十"), "what was typed stays");
        send(&mut east, &path, &[("figure", "30"), ("idem", "0190-answer-1")], None).await;
        send(&mut east, &path, &[("figure", "30"), ("idem", "0190-answer-1")], None).await;
        assert_eq!(events(&site, "task.answered"), 1, "one key, one answer");
        let mut desk = enter(&site, "xiaozhou").await;
        let csrf = desk.csrf().await;
        let act = format!("/tasks/{task}/act");
        let (d, b) = (dong.to_string(), bei.to_string());
        let back = [("csrf", csrf.as_str()), ("act", "back"), ("receiver", &d), ("reason", "")];
        assert_eq!(desk.post(&act, &back).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let back = [("csrf", csrf.as_str()), ("act", "back"), ("receiver", &d), ("reason", "缺两栋")];
        desk.post(&act, &back).await;
        assert!(east.get(&path).await.body.contains("缺两栋"));
        let page = desk.get(&format!("/tasks/{task}")).await;
        let text = page.text("#chase-text").unwrap();
        assert!(
            text.starts_with("请以下社区明天 17:30前报送《") && text.ends_with("北塘社区、东苑社区"),
            "{text}"
        );
        desk.post(&format!("/tasks/{task}/chase"), &[("csrf", &csrf)]).await;
        assert_eq!(parts(&site, task).iter().map(|p| p.3).collect::<Vec<_>>(), [1, 1]);
        // By phone: entered for them, both times kept, the way named.
        let path = format!("/tasks/{task}/of/{bei}");
        let fields = [("figure", "8"), ("via", "phone"), ("occurred", "2026-03-12T09:00")];
        let page = send(&mut desk, &path, &fields, None).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        assert!(desk.get(&format!("/tasks/{task}")).await.body.contains("代录，电话"));
        let stranger = send(&mut east, &path, &fields, None).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND);
        desk.post(&act, &[("csrf", &csrf), ("act", "confirm"), ("receiver", &b)]).await;
        site.pass(2 * kernel::Ts::DAY);
        let mut desk = enter(&site, "xiaozhou").await;
        let csrf = desk.csrf().await;
        let page = desk.get(&format!("/tasks/{task}")).await;
        assert!(page.text("#chase-text").unwrap().contains("已超期"));
        assert_eq!(page.text("tbody tr th").as_deref(), Some("东苑社区"), "late ones first");
        desk.post(&act, &[("csrf", &csrf), ("act", "close")]).await;
        let mut east = enter(&site, "dong").await;
        let path = format!("/tasks/{task}/of/{dong}");
        let late = send(&mut east, &path, &[("figure", "30")], None).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        let states: Vec<String> = parts(&site, task).into_iter().map(|p| p.2).collect();
        assert_eq!(states, ["confirmed", "returned"]);
    });
});

both!(nothing_to_report_is_one_key_and_a_file_must_be_a_paper, |db| {
    let site = site(db);
    run(async {
        let mut desk = enter(&site, "xiaozhou").await;
        let fields = [
            ("body", "报送活动方案"),
            ("when", "2026-03-13T17:30"),
            ("communities", "1"),
            ("want_file", "1"),
        ];
        send(&mut desk, "/tasks", &fields, Some(("files", "通知.pdf", "%PDF-1.7 x"))).await;
        let task = newest(&site);
        let (bei, dong) = (parts(&site, task)[0].1, parts(&site, task)[1].1);
        let mut east = enter(&site, "dong").await;
        let path = format!("/tasks/{task}/of/{dong}");
        assert!(east.get(&path).await.body.contains("通知.pdf"));
        for wrong in [None, Some(("files", "a.pdf", "<html><script>1</script>"))] {
            let page = send(&mut east, &path, &[("end", "send")], wrong).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        send(&mut east, &path, &[("end", "send")], Some(("files", "方案.txt", "三月学雷锋"))).await;
        let mut north = enter(&site, "bei").await;
        let own = format!("/tasks/{task}/of/{bei}");
        assert!(!north.get(&own).await.body.contains("方案.txt"));
        send(&mut north, &own, &[("end", "nil")], None).await;
        let states: Vec<String> = parts(&site, task).into_iter().map(|p| p.2).collect();
        assert_eq!(states, ["answered", "answered"]);
        let zip = desk.get(&format!("/tasks/{task}/answers.zip")).await;
        assert!(zip.body.contains("东苑社区-方案.txt"));
    });
});

both!(a_list_says_its_whole_length_and_the_first_page_says_it_too, |db| {
    let site = site(db);
    run(async {
        for _ in 0..52 {
            give(&site, "").await;
        }
        let mut east = enter(&site, "dong").await;
        let first = east.get("/tasks?view=own&state=owed").await;
        assert!(first.body.contains(r#"id="total">共 52 项"#), "{}", first.body);
        assert_eq!(first.body.matches("<tr data-item").count(), 50);
        let second = east.get("/tasks?view=own&state=owed&page=1").await;
        assert!(second.body.contains(r#"id="total">共 52 项"#) && !second.body.contains(r#"rel="next""#));
        assert_eq!(second.body.matches("<tr data-item").count(), 2);
        assert!(east.get("/").await.body.contains("共 52 项"));
        let mut secretary = enter(&site, "xiaozhou").await;
        let given = secretary.get("/tasks?view=given&state=open").await;
        assert!(given.body.contains(r#"id="total">共 52 项"#), "{}", given.body);
    });
});
