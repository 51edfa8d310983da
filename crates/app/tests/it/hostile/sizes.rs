//! Requests of the wrong size or shape: refused with the right status, in words, and nothing is kept.

use super::{address, demo, events, guarded, writing};
use crate::browser::{Browser, Site, run};
use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode};
use futures_util::stream;
use gezhi::config::Config;
use gezhi::web::Access;
use store::both;

const FORM: &str = "application/x-www-form-urlencoded";
const MEGABYTE: usize = 1024 * 1024;

fn site(db: store::Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    for (login, roles) in
        [("zhoumin", ["acceptor"]), ("wuhao", ["system_admin"]), ("chenli", ["grid_worker"])]
    {
        site.person(login, &roles);
    }
    site
}

/// A body that never says how long it is, and keeps coming.
fn endless(first: String, bytes: usize) -> Body {
    let chunk = Bytes::from(vec![b'a'; 64 * 1024]);
    let rest = (0..bytes / chunk.len()).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
    let end = std::iter::once(Ok(Bytes::from_static(b"\r\n--x--\r\n")));
    Body::from_stream(stream::iter(std::iter::once(Ok(Bytes::from(first))).chain(rest).chain(end)))
}

#[test]
fn a_form_that_is_too_large_is_refused_by_every_route_and_says_so() {
    let test = store::testing::sqlite().unwrap();
    let site = site(test.db.clone());
    run(async {
        let mut desk = demo(&site, "zhoumin").await;
        let csrf = desk.csrf().await;
        let before = events(&test.db).await;
        for entry in writing() {
            if matches!(entry.access, Access::Token(_)) {
                continue;
            }
            let path = address(entry.path, "1");
            let body = format!("csrf={csrf}&text={}", "a".repeat(MEGABYTE + 1));
            let page = desk.send(entry.method.clone(), &path, Some(FORM), body).await;
            assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}: {}", page.body);
            guarded(&page, &path);
            let page = desk
                .send(
                    entry.method.clone(),
                    &path,
                    Some(FORM),
                    endless(format!("csrf={csrf}&text="), 3 * MEGABYTE),
                )
                .await;
            assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path} without a length");
        }
        assert_eq!(events(&test.db).await, before);
    });
}

both!(a_file_that_is_too_large_is_refused_before_it_is_kept, |db| {
    let site = site(db.clone());
    run(async {
        let mut worker = demo(&site, "chenli").await;
        let csrf = worker.csrf().await;
        let before = events(&db).await;
        let head = |name: &str| {
            format!(
                "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"{name}\"\r\n\r\n"
            )
        };
        let kind = Some("multipart/form-data; boundary=x");
        for bytes in [13 * MEGABYTE, 81 * MEGABYTE] {
            let page = worker.send(Method::POST, "/report", kind, endless(head("a.jpg"), bytes)).await;
            assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{bytes}: {}", page.body);
            guarded(&page, "/report");
        }
        // A name that would like to be markup is shown as text.
        let page = worker
            .send(Method::POST, "/report", kind, endless(head("<img src=x onerror=x>.jpg"), 13 * MEGABYTE))
            .await;
        assert!(page.body.contains("&#60;img") && page.count("img[src=x]") == 0, "{}", page.body);
        assert_eq!(events(&db).await, before);
    });
});

/// Whatever a route is sent, it answers, and with a refusal rather than a failure.
#[test]
fn no_body_of_the_wrong_shape_is_a_failure_of_ours() {
    let test = store::testing::sqlite().unwrap();
    let site = site(test.db.clone());
    run(async {
        let mut browsers = Vec::new();
        for login in ["zhoumin", "wuhao", "chenli"] {
            let mut browser = demo(&site, login).await;
            let csrf = browser.csrf().await;
            browser.headers.push(("x-csrf-token", csrf));
            browsers.push(browser);
        }
        browsers.push(site.browser());
        for entry in writing() {
            if ["/logout", "/account/sessions/end", "/demo/login"].contains(&entry.path) {
                continue;
            }
            let path = address(entry.path, "1");
            for browser in &mut browsers {
                shapes(browser, &entry.method, &path).await;
            }
        }
    });
}

async fn shapes(browser: &mut Browser<'_>, method: &Method, path: &str) {
    let many = (0..5_000).map(|n| format!("case={n}&ids={n}&phase=x")).collect::<Vec<_>>().join("&");
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let bodies: [(&str, String); 13] = [
        (FORM, String::new()),
        (FORM, "%zz=%".into()),
        (FORM, "text=%00&name=%00&q=a%00b&no=%00&code=%00&id=%00&title=%00".into()),
        (FORM, "text=%ff%fe&version=99999999999999999999&id=-9223372036854775808&day=9999999999".into()),
        (FORM, many),
        ("multipart/form-data", String::new()),
        ("multipart/form-data; boundary=", "--\r\n".into()),
        ("multipart/form-data; boundary=x", "--x\r\n".into()),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n".into(),
        ),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../x\"\r\n\r\nhalf".into(),
        ),
        ("application/json", deep),
        ("application/json", "{\"text\":\"\\u0000\",\"text\":1e999}".into()),
        ("text/plain\u{7f}".trim_end_matches('\u{7f}'), "x".into()),
    ];
    for (kind, body) in bodies {
        let said: String = body.chars().take(40).collect();
        let page = browser.send(method.clone(), path, Some(kind), body).await;
        assert!(page.status.as_u16() < 500, "{method} {path} {kind} {said}: {} {}", page.status, page.body);
        guarded(&page, path);
    }
}

// A zero character comes by paste and by malice: PostgreSQL keeps none, so neither database gets one.
both!(a_zero_character_is_refused_in_words_wherever_it_comes_in, |db| {
    let site = site(db.clone());
    run(async {
        let page = site.browser().post("/login", &[("login", "a\0b"), ("password", "x")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.body);
        let mut desk = demo(&site, "zhoumin").await;
        let csrf = desk.csrf().await;
        let fields = [
            ("csrf", csrf.as_str()),
            ("name", "a\0b"),
            ("query", "phase=open"),
            ("href", "/cases?phase=open"),
        ];
        let page = desk.post("/cases/views", &fields).await;
        assert!(page.status.is_client_error(), "{} {}", page.status, page.body);
        for path in [
            "/cases?q=a%00b",
            "/cases?place=%00",
            "/people?q=%00",
            "/matters?q=%00",
            "/knowledge?q=%00",
            "/log?q=%00",
            "/p/track/a%00",
            "/p/%00",
            "/p/u/%00",
        ] {
            let page = desk.get(path).await;
            assert!(page.status.as_u16() < 500, "{path}: {} {}", page.status, page.body);
        }
    });
});

#[test]
fn a_picture_sent_many_times_at_once_is_kept_once_and_one_that_is_cut_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let files = gezhi::files::Files::open(dir.path()).unwrap();
    let mut picture = std::io::Cursor::new(Vec::new());
    let low = |n: u32| n.to_le_bytes()[0];
    let pixels = image::RgbImage::from_fn(200, 200, |x, y| image::Rgb([low(x * y), low(x), low(y)]));
    pixels.write_to(&mut picture, image::ImageFormat::Png).unwrap();
    let picture = picture.into_inner();
    let hashes: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let put = || files.put_photo(&picture).unwrap().hash;
        let all: Vec<_> = (0..8).map(|_| scope.spawn(put)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(hashes.len(), 1);
    for at in [1, 8, 40, 300, picture.len() / 2] {
        assert!(files.put_photo(&picture[..at]).is_err(), "cut after {at}");
    }
    let mut kept = Vec::new();
    for folder in std::fs::read_dir(dir.path()).unwrap() {
        kept.extend(std::fs::read_dir(folder.unwrap().path()).unwrap().map(|f| f.unwrap().file_name()));
    }
    assert_eq!(kept.len(), 1, "{kept:?}");
}
