//! The pages of people and the log, through the router: what each administrator can do and what they cannot.

use crate::browser::{Browser, Page, Site, run};
use axum::http::StatusCode;
use gezhi::config::Config;
use gezhi::features::people::password;
use kernel::Ts;
use store::both;

fn site(db: store::Db) -> Site {
    Site::with(db, Config::default(), true, None)
}

/// Somebody logged in, second factor included, as the demonstration does it.
async fn enter<'a>(site: &'a Site, login: &str) -> Browser<'a> {
    let mut browser = site.browser();
    let page = browser.post("/demo/login", &[("login", login)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{login}: {}", page.body);
    browser
}

/// Fills the form with an id on a page and sends it with some fields changed.
async fn send(browser: &mut Browser<'_>, page: &Page, form: &str, fields: &[(&str, &str)]) -> Page {
    let action = page
        .attribute(&format!("form#{form}"), "action")
        .unwrap_or_else(|| panic!("no form {form}: {}", page.body));
    let value =
        |name: &str| page.attribute(&format!("form#{form} input[name={name}]"), "value").unwrap_or_default();
    let (csrf, idem) = (value("csrf"), value("idem"));
    let mut all = vec![("csrf", csrf.as_str()), ("idem", idem.as_str())];
    all.extend_from_slice(fields);
    browser.post(&action, &all).await
}

/// The last number of an address.
fn number(address: &str) -> String {
    address
        .rsplit('/')
        .find(|part| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty())
        .unwrap_or_default()
        .to_owned()
}

both!(a_new_colleague_is_made_put_on_a_post_and_confirmed_by_three_people, |db| {
    let site = site(db);
    for (login, role) in [("wuhao", "system_admin"), ("yuting", "security_admin"), ("dingjie", "auditor")] {
        site.person(login, &[role]);
    }
    run(async {
        let mut maker = enter(&site, "wuhao").await;
        let form = maker.get("/people/new").await;
        let typed = [("name", "周敏"), ("login", "ZhouMin")];
        let made = send(&mut maker, &form, "people-new", &typed).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
        let first = made.text("#first-password").expect("a first password");
        assert_eq!(first.len(), 14);
        let again = send(&mut maker, &form, "people-new", &typed).await;
        assert_eq!((again.status, again.text("#first-password")), (StatusCode::OK, None), "shown only once");
        let other = maker.get("/people/new").await;
        let taken = send(&mut maker, &other, "people-new", &typed).await;
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(taken.text(".errors").unwrap().contains("zhoumin"), "{}", taken.body);
        assert_eq!(taken.attribute("#f-name", "value").as_deref(), Some("周敏"), "what was typed stays");

        let form = maker.get("/posts/new").await;
        let unit = form.attribute("#f-unit option:nth-child(2)", "value").expect("a unit");
        let fields = [
            ("title", "受理员"),
            ("kind", "clerk"),
            ("unit", unit.as_str()),
            ("phone_public", "0000-6600-101"),
        ];
        let post = send(&mut maker, &form, "post", &fields).await;
        assert_eq!(post.status, StatusCode::SEE_OTHER, "{}", post.body);
        let address = post.location().to_owned();
        let page = maker.get(&address).await;
        assert!(page.count("form#fill") == 1 && page.count("form#role") == 0, "system grants nothing");

        let mut granter = enter(&site, "yuting").await;
        let page = granter.get(&address).await;
        assert_eq!(page.count("form#post"), 0, "security changes no posts");
        let acceptor = role_option(&page, "受理员");
        assert_eq!(
            send(&mut granter, &page, "role", &[("role", &acceptor)]).await.status,
            StatusCode::SEE_OTHER
        );
        let page = granter.get(&address).await;
        let zhou = option(&page, "#f-account", "周敏");
        let asked = send(&mut granter, &page, "fill", &[("account", &zhou)]).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
        assert_eq!(
            granter.get("/people/grants").await.count("button[value=confirm]"),
            0,
            "who asks does not confirm"
        );

        let mut auditor = enter(&site, "dingjie").await;
        for left in [2, 1] {
            let page = auditor.get("/people/grants").await;
            assert_eq!(page.count("button[value=confirm]"), left);
            let value = |name: &str| page.attribute(&format!("td form input[name={name}]"), "value").unwrap();
            let fields = ["csrf", "idem", "kind", "id"].map(|name| (name, value(name)));
            let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            fields.push(("decision", "confirm"));
            assert_eq!(auditor.post("/people/grants", &fields).await.status, StatusCode::SEE_OTHER);
        }
        let mut newcomer = site.browser();
        assert_eq!(newcomer.log_in("zhoumin", &first).await.status, StatusCode::SEE_OTHER);
        assert_eq!(newcomer.get("/").await.location(), "/account/password", "the first password is for once");
        let form = newcomer.get("/account/password").await;
        let own = "四月的槐花开满了东苑路";
        let fields = [("current", first.as_str()), ("password", own), ("again", own)];
        assert_eq!(send(&mut newcomer, &form, "password", &fields).await.status, StatusCode::SEE_OTHER);
        let nav = newcomer.get("/nav").await;
        assert_eq!(nav.count("a[href='/queue/accept']"), 1, "the rights of the post: {}", nav.body);
    });
});

both!(in_a_small_office_one_person_makes_and_grants_and_only_the_auditor_confirms, |db| {
    let site = site(db);
    site.person("wuhao", &["system_admin", "security_admin"]);
    site.person("dingjie", &["auditor"]);
    site.person("luwen", &["leader"]);
    site.person("zhoumin", &[]);
    run(async {
        let mut both = enter(&site, "wuhao").await;
        let list = both.get("/posts").await;
        let html = scraper::Html::parse_document(&list.body);
        let link = scraper::Selector::parse("table.fold th a").unwrap();
        let desk = html.select(&link).find(|a| a.text().collect::<String>() == "post of zhoumin").unwrap();
        let address = desk.value().attr("href").unwrap().to_owned();
        drop(html);
        let page = both.get(&address).await;
        assert!(page.count("form#post") == 1 && page.count("form#role") == 1, "one person makes and grants");
        let role = role_option(&page, "受理员");
        assert_eq!(send(&mut both, &page, "role", &[("role", &role)]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(both.get("/people/grants").await.count("button[value=confirm]"), 0);

        let confirm = async |login: &str| {
            let mut browser = enter(&site, login).await;
            let page = browser.get("/people/grants").await;
            let value = |name: &str| {
                page.attribute(&format!("td form input[name={name}]"), "value").unwrap_or_default()
            };
            let fields = ["csrf", "idem", "kind", "id"].map(|name| (name, value(name)));
            let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            fields.push(("decision", "confirm"));
            let offered = page.count("button[value=confirm]");
            (offered, browser.post("/people/grants", &fields).await)
        };
        let (offered, _) = confirm("luwen").await;
        assert_eq!(offered, 0, "a leader confirms only where three administer");
        let mut clerk = enter(&site, "zhoumin").await;
        assert_eq!(clerk.get("/nav").await.count("a[href='/queue/accept']"), 0, "it waits");
        let (offered, done) = confirm("dingjie").await;
        assert_eq!((offered, done.status), (1, StatusCode::SEE_OTHER), "{}", done.body);
        assert_eq!(clerk.get("/nav").await.count("a[href='/queue/accept']"), 1);
    });
});

fn option(page: &Page, select: &str, label: &str) -> String {
    let html = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse(&format!("{select} option")).unwrap();
    let found = html.select(&selector).find(|o| o.text().collect::<String>().trim() == label);
    found.unwrap_or_else(|| panic!("no {label} in {select}")).value().attr("value").unwrap().to_owned()
}

fn role_option(page: &Page, label: &str) -> String {
    option(page, "#f-role", label)
}

both!(a_clerk_sees_people_and_changes_nothing, |db| {
    let site = site(db);
    let clerk = site.person("zhaogang", &["handler"]);
    let other = site.person("maliqun", &["handler"]);
    run(async {
        let mut browser = enter(&site, "zhaogang").await;
        let list = browser.get("/people").await;
        assert_eq!((list.status, list.count("tbody tr")), (StatusCode::OK, 2));
        assert_eq!(list.count("a[href='/people/new']"), 0);
        let page = browser.get(&format!("/people/{other}")).await;
        assert_eq!(page.count("main form"), 0, "no act is offered");
        let csrf = browser.csrf().await;
        for (path, fields) in [
            ("/people/new".to_owned(), vec![("name", "x"), ("login", "xxx")]),
            (format!("/people/{other}/password"), vec![]),
            (format!("/people/{other}/lock"), vec![("reason", "x")]),
            (format!("/people/{clerk}/leave"), vec![]),
            ("/people/grants".to_owned(), vec![("kind", "role"), ("id", "1"), ("decision", "confirm")]),
            ("/units/new".to_owned(), vec![("name", "x")]),
            ("/log/export".to_owned(), vec![]),
        ] {
            let mut fields = fields;
            fields.push(("csrf", csrf.as_str()));
            let page = browser.post(&path, &fields).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
            assert!(page.body.contains("什么也没有改动"), "{path}");
        }
        for path in ["/log", "/people/grants", "/people/new"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
            // A look changes nothing anyway, and a right has a name.
            let said = page.text(".card p").unwrap();
            assert!(!said.contains("什么也没有改动") && !said.contains('.'), "{path}: {said}");
        }
        assert_eq!(browser.get("/people/77").await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.get("/people?q=mali&state=all").await.count("tbody tr"), 1);
        assert_eq!(browser.get("/posts?vacant=1").await.count("table.fold tbody tr"), 0);
        assert_eq!(browser.get("/units").await.count("tbody tr"), 1);
    });
});

both!(leaving_is_one_page_and_one_sheet_for_signature, |db| {
    let site = site(db);
    for (login, role) in [("wuhao", "system_admin"), ("yuting", "security_admin"), ("dingjie", "auditor")] {
        site.person(login, &[role]);
    }
    let leaver = site.person("zhouxiaoyun", &["handler"]);
    site.person("hexiufang", &["handler"]);
    run(async {
        let mut gone = enter(&site, "zhouxiaoyun").await;
        let mut maker = enter(&site, "wuhao").await;
        let page = maker.get(&format!("/people/{leaver}/leave")).await;
        assert_eq!(page.count("select[name=to]"), 1);
        assert!(
            page.text("dl.facts").unwrap().ends_with('1'),
            "one log-in is listed: {:?}",
            page.text("dl.facts")
        );
        let post = page.attribute("input[name=post]", "value").unwrap();
        let next = option(&page, "select[name=to]", "hexiufang");
        let left = send(&mut maker, &page, "leave", &[("post", &post), ("to", &next)]).await;
        assert_eq!(left.location(), format!("/people/{leaver}/left"), "{}", left.body);
        let sheet = maker.get(left.location()).await;
        assert!(sheet.text("table.ledger").unwrap().contains("post of zhouxiaoyun"));
        assert!(sheet.text("table.ledger").unwrap().contains("hexiufang"), "the successor is named");
        assert_eq!(sheet.count(".signs > div"), 4);
        assert_eq!(
            gone.get("/account").await.location().split('?').next(),
            Some("/login"),
            "the log-in has ended"
        );
        let mut again = site.browser();
        let refused = again.log_in("zhouxiaoyun", crate::browser::PASSWORD).await;
        assert_ne!(refused.status, StatusCode::SEE_OTHER, "a closed account does not log in");
        assert_eq!(number(left.location()), leaver.to_string());
    });
});

both!(the_holder_of_a_post_names_a_substitute_from_the_page_of_the_post, |db| {
    let site = site(db);
    site.person("chenli", &["grid_worker"]);
    site.person("zhouyan", &["handler"]);
    run(async {
        let mut holder = enter(&site, "chenli").await;
        assert_eq!(
            holder.get("/posts").await.status,
            StatusCode::FORBIDDEN,
            "grid workers do not list people"
        );
        let mut reader = enter(&site, "zhouyan").await;
        let list = reader.get("/posts").await;
        let html = scraper::Html::parse_document(&list.body);
        let link = scraper::Selector::parse("table.fold th a").unwrap();
        let own = html.select(&link).find(|a| a.text().collect::<String>() == "post of zhouyan").unwrap();
        let address = own.value().attr("href").unwrap().to_owned();
        drop(html);
        let page = reader.get(&address).await;
        let chen = option(&page, "#f-account", "chenli");
        let open =
            send(&mut reader, &page, "fill", &[("account", &chen), ("acting", "true"), ("until", "")]).await;
        assert_eq!(open.status, StatusCode::UNPROCESSABLE_ENTITY, "acting needs an end");
        let done = send(
            &mut reader,
            &page,
            "fill",
            &[("account", &chen), ("acting", "true"), ("until", "2026-03-16")],
        )
        .await;
        assert_eq!(done.location(), address, "{}", done.body);
        let mut holder = enter(&site, "chenli").await;
        assert_eq!(holder.get("/posts").await.status, StatusCode::OK, "with the scope of the post");
        site.pass(5 * Ts::DAY);
        let mut holder = enter(&site, "chenli").await;
        assert_eq!(holder.get("/posts").await.status, StatusCode::FORBIDDEN, "it ended by itself");
    });
});

both!(the_log_is_read_filtered_and_taken_away_by_the_auditor, |db| {
    let site = site(db);
    site.person("wuhao", &["system_admin"]);
    let auditor = site.person("dingjie", &["auditor"]);
    run(async {
        let mut maker = enter(&site, "wuhao").await;
        assert_eq!(maker.get("/log").await.status, StatusCode::FORBIDDEN);
        let mut browser = enter(&site, "dingjie").await;
        let all = browser.get("/log").await;
        assert_eq!(all.status, StatusCode::OK);
        assert!(all.count("tbody tr") > 8, "{}", all.count("tbody tr"));
        let mine = browser.get(&format!("/log?account={auditor}")).await;
        assert_eq!(mine.count("tbody tr"), 1, "the log-in: {}", mine.body);
        assert_eq!(
            browser.get("/log?kind=roles.").await.count("tbody tr"),
            3,
            "the list of roles and two given"
        );
        assert_eq!(browser.get("/log?view=reveals").await.count(".empty"), 1);
        assert_eq!(browser.get("/log?from=2026-03-13").await.count("tbody tr"), 0);
        let wrong = browser.get("/log?case_no=x").await;
        assert_eq!((wrong.status, wrong.count(".errors, .err")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
        let csrf = browser.csrf().await;
        let file = browser.post("/log/export", &[("csrf", &csrf), ("kind", "roles.")]).await;
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"log-20260312.csv\"");
        assert_eq!(file.body.lines().count(), 4);
        assert!(browser.get("/log?kind=audit.").await.body.contains("rows: 3"), "taking it away is an entry");
    });
});

#[test]
fn the_hash_of_nobody_is_a_hash() {
    // A log-in name that does not exist must cost as much time as one that does.
    let start = std::time::Instant::now();
    assert!(!password::verify("x", None));
    let nobody = start.elapsed();
    let stored = password::hash("y").unwrap();
    let start = std::time::Instant::now();
    assert!(!password::verify("x", Some(&stored)));
    assert!(nobody * 5 > start.elapsed(), "{nobody:?}");
}
