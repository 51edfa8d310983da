//! Meetings: what is not done comes back by itself, a decision follows its task, only those who come see it.

use crate::browser::{Site, run};
use crate::tasks::community;
use axum::http::StatusCode;
use gezhi::config::Config;
use store::{Db, Sql, both};

const MEETING: Sql = Sql::Both("select id from meeting order by id desc");
const DECISION: Sql = Sql::Both("select id from meeting_decision order by id desc");
const TASK: Sql = Sql::Both("select id from task order by id desc");

fn newest(site: &Site, of: &'static Sql) -> i64 {
    site.app.db.read_now(move |tx| tx.value::<i64>(of, &[])).unwrap().expect("one")
}

fn site(db: Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    site.person("xiaozhou", &["secretary"]);
    site
}

async fn enter<'a>(site: &'a Site, login: &str) -> crate::browser::Browser<'a> {
    let mut browser = site.browser();
    assert_eq!(browser.post("/demo/login", &[("login", login)]).await.status, StatusCode::SEE_OTHER);
    browser
}

both!(what_is_not_done_comes_back_until_it_is_and_a_task_decides_for_its_decision, |db| {
    let site = site(db);
    let (_, dong) = community(&site, "dong", "东苑社区");
    community(&site, "bei", "北塘社区");
    run(async {
        let mut desk = enter(&site, "xiaozhou").await;
        let csrf = desk.csrf().await;
        let unit = format!("u{dong}");
        let call = |at: &'static str| {
            vec![
                ("csrf".to_owned(), csrf.clone()),
                ("kind".to_owned(), "班子会".to_owned()),
                ("at".to_owned(), at.to_owned()),
                ("to".to_owned(), unit.clone()),
                ("items".to_owned(), "夜市油烟\n充电设施".to_owned()),
            ]
        };
        let post = async |desk: &mut crate::browser::Browser<'_>, path: &str, fields: &[(String, String)]| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            desk.post(path, &fields).await
        };
        post(&mut desk, "/meetings", &call("2026-03-12T10:00")).await;
        let first = newest(&site, &MEETING);
        for text in ["排查油烟净化设施", "拿出充电棚选址"] {
            let fields = [("csrf", csrf.as_str()), ("text", text), ("target", &unit), ("due", "2026-03-13")];
            let page = desk.post(&format!("/meetings/{first}/items"), &fields).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        }
        let second_decision = newest(&site, &DECISION);
        let settle = format!("/meetings/decisions/{second_decision}");
        let page = desk.post(&settle, &[("csrf", &csrf), ("act", "task")]).await;
        let task = newest(&site, &TASK);
        assert_eq!(page.location(), format!("/tasks/{task}"));
        // What follows a task is not settled by hand.
        let page = desk.post(&settle, &[("csrf", &csrf), ("act", "done")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        desk.post(&format!("/meetings/{first}/close"), &[("csrf", &csrf)]).await;
        let minutes = desk.get(&format!("/meetings/{first}/minutes")).await;
        let text = minutes.text("#minutes-text").unwrap();
        assert!(
            text.contains("三、排查油烟净化设施") && text.contains("责任单位：东苑社区；3月13日前完成"),
            "{text}"
        );

        // At the same hour, called later.
        site.pass(kernel::Ts::MINUTE);
        post(&mut desk, "/meetings", &call("2026-03-12T10:00")).await;
        let second = newest(&site, &MEETING);
        let page = desk.get(&format!("/meetings/{second}")).await;
        assert!(page.body.contains("上次未办结"));
        assert_eq!(page.count(".section:first-of-type .decision"), 2);
        // Closing the task settles its decision; the third meeting no longer has it.
        desk.post(&format!("/tasks/{task}/act"), &[("csrf", &csrf), ("act", "close")]).await;
        site.pass(kernel::Ts::MINUTE);
        post(&mut desk, "/meetings", &call("2026-03-13T10:00")).await;
        let third = newest(&site, &MEETING);
        let page = desk.get(&format!("/meetings/{third}")).await;
        assert!(page.body.contains("排查油烟净化设施") && !page.body.contains("拿出充电棚选址"));
        // Another kind of meeting carries nothing.
        let mut other = call("2026-03-13T11:00");
        other[1].1 = "联席会议".to_owned();
        post(&mut desk, "/meetings", &other).await;
        let page = desk.get(&format!("/meetings/{}", newest(&site, &MEETING))).await;
        assert!(!page.body.contains("排查油烟净化设施"));

        // Who comes sees it and changes nothing; who does not come finds nothing.
        let mut east = enter(&site, "dong").await;
        let page = east.get(&format!("/meetings/{third}")).await;
        assert!(page.status == StatusCode::OK && page.count("#add") == 0);
        let own = east.csrf().await;
        let fields = [("csrf", own.as_str()), ("text", "x")];
        assert_eq!(
            east.post(&format!("/meetings/{third}/items"), &fields).await.status,
            StatusCode::FORBIDDEN
        );
        let mut north = enter(&site, "bei").await;
        assert_eq!(north.get(&format!("/meetings/{third}")).await.status, StatusCode::NOT_FOUND);
    });
});
