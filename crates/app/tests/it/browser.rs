//! The product behind its router, in process: an office, people with roles, and browsers that keep cookies.

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use futures_util::StreamExt;
use gezhi::actor::Actor;
use gezhi::config::Config;
use gezhi::context::{Cx, Source};
use gezhi::features::people::model::{Fill, NewAccount, NewPost, NewUnit};
use gezhi::features::people::{pack, password, service as people};
use gezhi::installation::{Installation, NewOffice, create_office};
use gezhi::web::{App, Routes, router, router_of};
use kernel::{AccountId, Clock, PlaceId, Ts, UnitId};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use store::Db;
use tower::ServiceExt;

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";
static HASH: LazyLock<String> = LazyLock::new(|| password::hash(PASSWORD).unwrap());

/// The street, on which every post stands.
pub const STREET: PlaceId = PlaceId(1);
const PUT_STREET: store::Sql = store::Sql::Both(
    "insert into place (id, office, code, kind, level, name, sort_key, aliases, from_day, version)
     values (1, $1, '999901001', 'street', 1, '青禾街道', 'qinghe', '', 20200101, 1)",
);
const HOME: store::Sql = store::Sql::Both("update office set home_place = 1 where id = $1");

/// A running program over a fresh database.
pub struct Site {
    pub app: Arc<App>,
    pub clock: Clock,
    router: Router,
    unit: UnitId,
    _dir: tempfile::TempDir,
}

impl Site {
    /// With the product's routes.
    pub fn new(db: Db) -> Site {
        Site::with(db, Config::default(), false, None)
    }

    /// With another configuration, as the demonstration, or with routes of the test's own.
    pub fn with(db: Db, config: Config, demo: bool, routes: Option<Routes>) -> Site {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Ts::parse("2026-03-12T09:00:00+08:00").unwrap());
        let config = Config { data: dir.path().join("data"), ..config };
        let installation = Installation::over(config, clock.clone(), db).unwrap();
        let new = NewOffice {
            code: "999901001".into(),
            name: "青禾街道办事处".into(),
            short: "青禾".into(),
            time_zone: "Asia/Shanghai".into(),
            hours: "08:30-12:00,14:00-17:30".into(),
            locale: "zh-CN".into(),
        };
        let (vault, now) = (Arc::clone(&installation.vault), clock.now());
        installation.db.write_now(move |tx| create_office(tx, &vault, &new, now)).unwrap();
        installation.reload().unwrap();
        let cx = system(&installation);
        let unit = installation
            .db
            .write_now(move |tx| {
                tx.exec(&PUT_STREET, store::args![cx.office.id])?;
                tx.exec(&HOME, store::args![cx.office.id])?;
                people::install_roles(tx, &cx, &pack::roles(pack::ROLES)?)?;
                let unit = NewUnit {
                    code: "centre".into(),
                    name: "综合网格中心".into(),
                    kind: "street_department".into(),
                    ..NewUnit::default()
                };
                people::create_unit(tx, &cx, &unit)
            })
            .unwrap();
        let app = App::new(installation, demo);
        let router = match routes {
            Some(routes) => router_of(&app, routes),
            None => router(&app),
        };
        Site { app, clock, router, unit, _dir: dir }
    }

    /// Over an office that something else has made; everybody in it comes in by one click.
    pub fn over(installation: Installation, dir: tempfile::TempDir) -> Site {
        let clock = installation.clock.clone();
        let app = App::new(installation, true);
        Site { router: router(&app), app, clock, unit: UnitId(0), _dir: dir }
    }

    /// Somebody on a post with these roles, whose password is [`PASSWORD`] and no longer the first one.
    pub fn person(&self, login: &str, roles: &[&str]) -> AccountId {
        const SETTLED: store::Sql = store::Sql::Both("update account set password_at = $2 where id = $1");
        let (cx, unit) = (system(&self.app), self.unit);
        let (login, roles): (String, Vec<String>) =
            (login.into(), roles.iter().map(ToString::to_string).collect());
        let body = move |tx: &mut store::Tx<'_>| {
            let account = NewAccount {
                login: login.clone(),
                name: login.clone(),
                locale: None,
                password_hash: Some(HASH.clone()),
            };
            let id = people::create_account(tx, &cx, &account)?;
            let post = NewPost {
                unit,
                kind: "other".into(),
                title: format!("post of {login}"),
                place: Some(STREET),
                phone_public: None,
            };
            let post = people::create_post(tx, &cx, &post)?;
            for role in &roles {
                let role = people::role_by_code(tx, &cx, role)?.expect("a shipped role").id;
                people::ask_role(tx, &cx, post, role)?;
            }
            people::fill_post(
                tx,
                &cx,
                &Fill { post, account: id, acting: false, from: cx.now, until: None },
            )?;
            tx.exec(&SETTLED, store::args![id, cx.now])?;
            Ok(id)
        };
        self.app.db.write_now(body).unwrap()
    }

    /// A browser that knows nothing yet.
    pub fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// Moves the clock.
    pub fn pass(&self, ms: i64) {
        self.clock.set(self.clock.now().plus(ms));
    }
}

/// The program itself, in the only office.
pub fn system(installation: &Installation) -> Cx {
    let office = installation.offices().pop().expect("an office");
    installation.cx(&office, Actor::system(office.id), Source::Cli)
}

/// A browser: keeps cookies, follows nothing by itself.
#[derive(Clone)]
pub struct Browser<'a> {
    site: &'a Site,
    pub cookies: BTreeMap<String, String>,
    /// Sent with every request.
    pub headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// The body as it came, for files.
    pub bytes: Vec<u8>,
}

impl Page {
    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }

    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// An attribute of the first element that fits.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let html = scraper::Html::parse_document(&self.body);
        let selector = scraper::Selector::parse(selector).unwrap();
        html.select(&selector).next()?.value().attr(name).map(str::to_owned)
    }

    /// The text of the first element that fits.
    pub fn text(&self, selector: &str) -> Option<String> {
        let html = scraper::Html::parse_document(&self.body);
        let selector = scraper::Selector::parse(selector).unwrap();
        let text: String = html.select(&selector).next()?.text().collect();
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// How many elements fit.
    pub fn count(&self, selector: &str) -> usize {
        let html = scraper::Html::parse_document(&self.body);
        html.select(&scraper::Selector::parse(selector).unwrap()).count()
    }
}

impl Browser<'_> {
    /// With a header on every request.
    pub fn having(&self, name: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name, value.to_owned()));
        other
    }

    /// A page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, None, String::new()).await
    }

    /// A form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = fields
            .iter()
            .map(|(n, v)| format!("{}={}", gezhi::web::encode(n), gezhi::web::encode(v)))
            .collect::<Vec<_>>();
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), body.join("&")).await
    }

    /// Anything.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: impl Into<Body>,
    ) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        if !self.headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, "office.example");
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = self.site.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Page { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes: bytes.to_vec() }
    }

    /// A stream of server-sent events.
    pub async fn listen(&mut self, path: &str) -> Events {
        let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = Request::get(path)
            .header(header::HOST, "office.example")
            .header(header::COOKIE, pairs.join("; "));
        let response = self.site.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Events(response.into_body().into_data_stream())
    }

    /// Logs in by password.
    pub async fn log_in(&mut self, login: &str, password: &str) -> Page {
        self.post("/login", &[("login", login), ("password", password)]).await
    }

    /// The CSRF token of this browser's session, as a page carries it.
    pub async fn csrf(&mut self) -> String {
        self.get("/account").await.attribute("meta[name=csrf]", "content").unwrap_or_default()
    }
}

/// Events as they come.
pub struct Events(BodyDataStream);

impl Events {
    /// The next one; none when the stream has ended.
    pub async fn next(&mut self) -> Option<String> {
        let chunk =
            tokio::time::timeout(Duration::from_secs(30), self.0.next()).await.expect("an event in time")?;
        Some(String::from_utf8(chunk.unwrap().to_vec()).unwrap())
    }
}

/// A file in a form, as browsers send it.
pub async fn upload(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)], file: &str) -> Page {
    let csrf = browser.csrf().await;
    let part = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body = part("csrf", &csrf);
    fields.iter().for_each(|(name, value)| body.push_str(&part(name, value)));
    body.push_str(&format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{file}\r\n--x--\r\n"
    ));
    browser.send(Method::POST, path, Some("multipart/form-data; boundary=x"), body).await
}

/// Runs a test's body in a runtime of its own.
pub fn run(body: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(body);
}
