//! An office in a folder of its own, made by the program's commands, and the program serving it.

use super::Dice;
use super::cluster::{Cluster, Guard};
use super::disk::Disk;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The folder, its database, and the program while it runs.
pub struct House {
    dir: TempDir,
    url: Option<String>,
    pub disk: Option<Disk>,
    server: Option<(Child, Guard)>,
    desk: Arc<Desk>,
}

/// What clients know: where to send, with which keys, and the ids of the office's things. Address and moment change with
/// each start.
#[derive(Debug, Default)]
pub struct Desk {
    address: std::sync::RwLock<String>,
    pub acceptor: String,
    pub handler: String,
    pub matter: String,
    pub unit: String,
    pub place: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is done and safe.
    Done(String),
    /// The program said no: nothing was done.
    Refused(u16, String),
    /// Nobody knows: the connection broke, or the program or its database failed.
    Unknown(String),
}

impl House {
    /// A fresh office, made without any trouble.
    pub fn new(cluster: Option<&Cluster>, power_cut: bool) -> House {
        let disk = if power_cut { Disk::new() } else { None };
        let dir = tempfile::tempdir().unwrap();
        let mut house =
            House { dir, url: cluster.map(Cluster::url), disk, server: None, desk: Arc::default() };
        let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/import.md");
        let document = std::fs::read_to_string(document).unwrap();
        for (kind, file) in [("csv", "old.csv"), ("toml", "old.toml")] {
            let (_, rest) = document.split_once(&format!("```{kind}\n")).unwrap();
            std::fs::write(house.path(file), rest.split_once("```").unwrap().0).unwrap();
        }
        house.good(&["import", "cases", "old.csv", "--profile", "old.toml"]);
        let roles = ["--role", "acceptor", "--role", "dispatcher"];
        house
            .good(&[&["user", "add", "zhoumin", "--name", "Zhou", "--title", "受理员"], &roles[..]].concat());
        let acceptor = house.key("zhoumin");
        let mut desk = Desk { acceptor: acceptor.clone(), ..Desk::default() };
        house.start();
        let first = |path: &str, wanted: &str| -> Value {
            let Answer::Done(text) = house.desk.get(path, &acceptor) else { panic!("{path}") };
            let all: Value = serde_json::from_str(&text).unwrap();
            let mut items = all["items"].as_array().unwrap().iter();
            items.find(|i| i.to_string().contains(wanted)).unwrap_or_else(|| panic!("{text}")).clone()
        };
        let unit = first("/api/v1/units", "市政服务中心");
        desk.unit = unit["id"].as_str().unwrap().to_owned();
        desk.matter = first("/api/v1/matters", "路灯不亮")["id"].as_str().unwrap().to_owned();
        desk.place = first("/api/v1/places", "北塘社区")["id"].as_str().unwrap().to_owned();
        let code = unit["code"].as_str().unwrap().to_owned();
        house.good(&[
            "user", "add", "liwei", "--name", "Li", "--title", "工", "--unit", &code, "--role", "handler",
        ]);
        desk.handler = house.key("liwei");
        house.end();
        house.desk = Arc::new(desk);
        let data = house.data();
        if let Some(disk) = &mut house.disk {
            disk.watch(&data);
        }
        house
    }

    /// What a backup of this office gives in a folder of its own, with its key.
    pub fn restored(&self, file: &str, url: Option<String>) -> House {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(self.path("gezhi-data.key"), dir.path().join("gezhi-data.key")).unwrap();
        let made = House { dir, url, disk: None, server: None, desk: self.desk() };
        made.good(&["restore", self.path(file).to_str().unwrap()]);
        made
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("gezhi-data")
    }

    pub fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    /// Where the records are.
    pub fn target(&self) -> store::Target {
        match &self.url {
            Some(url) => store::Target::Postgres(url.clone()),
            None => store::Target::Sqlite(self.data().join("gezhi.db")),
        }
    }

    fn key(&self, login: &str) -> String {
        let made = self.good(&["token", "add", login, "--name", "client", "--json"]);
        let made: Value = serde_json::from_str(&made).unwrap();
        made[0]["token"].as_str().unwrap().to_owned()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gezhi"));
        command
            .current_dir(self.dir.path())
            .args(args)
            .env_remove("GEZHI_DATA")
            .env_remove("GEZHI_DATABASE_URL");
        if let Some(url) = &self.url {
            command.env("GEZHI_DATABASE_URL", url);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command prints that must go well.
    pub fn good(&self, args: &[&str]) -> String {
        let out = self.run(args);
        let (told, wrong) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success(), "{args:?}: {wrong}{told}");
        told.into_owned()
    }

    /// What a command says on stderr that must fail.
    pub fn bad(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(!out.status.success(), "{args:?} went well");
        String::from_utf8(out.stderr).unwrap()
    }

    fn spawn(&self) -> Child {
        let log = std::fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        if let Some(disk) = &self.disk {
            disk.under(&mut command);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap()
    }

    /// Serves, unless it does already; what was there before it was killed must come up.
    pub fn start(&mut self) {
        if self.server.is_some() {
            return;
        }
        if let Err(line) = self.try_start() {
            panic!("the program does not come up: {line}\n{}", self.log());
        }
    }

    /// Serves; gives what it said instead.
    pub fn try_start(&mut self) -> Result<(), String> {
        let mut child = self.spawn();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            child.wait().unwrap();
            return Err(self.log().lines().last().unwrap_or_default().to_owned());
        };
        address.clone_into(&mut self.desk.address.write().unwrap());
        let guard = Guard::over(&child);
        self.server = Some((child, guard));
        Ok(())
    }

    /// The process that serves.
    pub fn id(&self) -> u32 {
        self.server.as_ref().map_or(0, |(server, _)| server.id())
    }

    /// What the program logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Killed after a while, wherever its start has got to.
    pub fn start_and_kill(&mut self, after: Duration) {
        self.kill();
        let mut child = self.spawn();
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some((mut server, guard)) = self.server.take() {
            drop(guard);
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Ends it as an administrator does.
    pub fn end(&mut self) {
        if let Some((mut server, guard)) = self.server.take() {
            drop(guard);
            let id = server.id().to_string();
            assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
            assert!(server.wait().unwrap().success(), "{}", self.log());
        }
    }

    /// Takes back what is not safe; see [`Disk::cut`].
    pub fn cut_power(&mut self, dice: &mut Dice) -> u64 {
        self.kill();
        self.disk.as_ref().map_or(0, |disk| disk.cut(dice))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Desk {
    fn agent() -> ureq::Agent {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        config.timeout_global(Some(Duration::from_secs(20))).build().into()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address.read().unwrap())
    }

    pub fn get(&self, path: &str, key: &str) -> Answer {
        let request = Desk::agent().get(self.url(path)).header("authorization", format!("Bearer {key}"));
        read(request.call())
    }

    /// A write by the API, under a key of its own.
    pub fn post(&self, path: &str, key: &str, idem: &str, body: &Value) -> Answer {
        let request = Desk::agent().post(self.url(path)).header("authorization", format!("Bearer {key}"));
        let request = request.header("idempotency-key", idem).header("content-type", "application/json");
        read(request.send(body.to_string()))
    }

    /// A report with a picture, as a resident sends it.
    pub fn file(&self, idem: &str, text: &str, picture: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in [("csrf", ""), ("idem", idem), ("text", text), ("asked", "1")] {
            let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        let head = "--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n";
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(picture);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let request = Desk::agent().post(self.url(&format!("/p/at/{}", self.place)));
        let request = request.header("content-type", "multipart/form-data; boundary=x");
        // The receipt names the number; it begins with the short name of the office.
        match read(request.send(&body[..])) {
            Answer::Done(page) => match page.split("甲-").nth(1).and_then(|rest| rest.get(..13)) {
                Some(no) => Answer::Done(json!({ "no": format!("甲-{no}") }).to_string()),
                None => panic!("no receipt: {page}"),
            },
            other => other,
        }
    }
}

fn read(outcome: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = match outcome {
        Ok(response) => response,
        Err(error) => return Answer::Unknown(error.to_string()),
    };
    let status = response.status().as_u16();
    match response.body_mut().read_to_string() {
        Ok(text) if status < 300 => Answer::Done(text),
        Ok(text) if status < 500 => Answer::Refused(status, text),
        Ok(text) => Answer::Unknown(format!("{status} {text}")),
        Err(error) => Answer::Unknown(error.to_string()),
    }
}
