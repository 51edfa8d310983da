//! The demo office in a folder or a database of its own, and the server that is measured: the release binary, started as
//! an office would start it.

use crate::http::{Ask, Line, Pass, Told};
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where an office keeps its records.
#[derive(Clone, Debug)]
pub struct Office {
    /// The data folder.
    pub folder: PathBuf,
    /// The database, where it is not in the folder.
    pub url: Option<String>,
    /// The binary.
    pub binary: PathBuf,
}

/// A server that runs; dropping it ends it.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
    /// How long it took from its start until it listened.
    pub start: Duration,
}

impl Office {
    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.folder.join("gezhi.db")
    }

    /// A command of the program on this office.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).arg("--data").arg(&self.folder);
        command.current_dir(self.folder.parent().unwrap_or(Path::new(".")));
        command.env("GEZHI_LOG", "error").env_remove("GEZHI_DATABASE_URL");
        if let Some(url) = &self.url {
            command.env("GEZHI_DATABASE_URL", url);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end and gives what it printed.
    ///
    /// # Errors
    /// When it fails, with its own words.
    pub fn run(&self, args: &[&str]) -> Result<String> {
        let out = self.command(args).output().context("the program cannot be started")?;
        ensure!(out.status.success(), "{args:?} failed: {}", String::from_utf8_lossy(&out.stderr));
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// Makes the demo office.
    ///
    /// # Errors
    /// When the program cannot make it.
    pub fn make(&self) -> Result<()> {
        self.run(&["demo", "--check"]).map(|_| ())
    }

    /// A key with which a program acts as an account.
    ///
    /// # Errors
    /// When the account does not exist.
    pub fn token(&self, login: &str) -> Result<Pass> {
        let out = self.run(&["token", "add", login, "--name", "bench", "--json"])?;
        let value: serde_json::Value = serde_json::from_str(&out)?;
        Ok(Pass::Token(value[0]["token"].as_str().context("no token")?.to_owned()))
    }

    /// Starts the server and waits until it listens. `worker` says whether it does the background work too.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn serve(&self, worker: bool, environment: &[(&str, String)]) -> Result<Server> {
        self.listen("demo", worker, environment)
    }

    /// Starts the server of an office that is no demonstration.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn serve_office(&self) -> Result<Server> {
        self.listen("serve", true, &[])
    }

    fn listen(&self, how: &str, worker: bool, environment: &[(&str, String)]) -> Result<Server> {
        let config = self.folder.with_extension("toml");
        std::fs::write(&config, "api_per_minute = 1000000\n")?;
        let mut args = vec![how, "--listen", "127.0.0.1:0", "--config"];
        let config = config.to_string_lossy().into_owned();
        args.push(&config);
        if !worker {
            args.push("--no-worker");
        }
        let mut command = self.command(&args);
        command.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
        let begin = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().context("the server cannot be started")?;
        let out = child.stdout.take().context("the server says nothing")?;
        let mut lines = BufReader::new(out).lines();
        let at = loop {
            let Some(line) = lines.next() else { bail!("the server ended before it listened") };
            if let Some((_, at)) = line?.split_once("listening on http://") {
                break at.trim().parse()?;
            }
        };
        let start = begin.elapsed();
        // Whatever it still prints must not block it.
        std::thread::spawn(move || lines.count());
        Ok(Server { child, at, start })
    }
}

impl Server {
    /// The session of a member of the demo office.
    ///
    /// # Errors
    /// When nobody has this log-in.
    pub async fn session(&self, login: &str) -> Result<Pass> {
        let told = self.ask(&Ask::post("/demo/login", &Pass::None, "", &format!("login={login}"))).await?;
        ensure!(told.status == 303, "the log-in was refused: {}", told.status);
        Ok(Pass::Cookie(format!("gezhi={}", told.cookie("gezhi").context("no session")?)))
    }

    /// One request over a connection of its own.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn ask(&self, ask: &Ask) -> Result<Told> {
        Line::open(self.at).await?.ask(ask).await
    }

    /// A gauge of `/metrics`.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn gauge(&self, name: &str) -> Result<i64> {
        let told = self.ask(&Ask::get("/metrics", &Pass::None)).await?;
        let text = String::from_utf8_lossy(&told.body).into_owned();
        let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        line.with_context(|| format!("no gauge {name}"))
    }

    /// Memory in use, in MiB, as the system counts it: all of it, and without pages of files.
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn memory(&self) -> Result<(f64, f64)> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = |name: &str| {
            let line = text
                .lines()
                .find_map(|l| l.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
            line.unwrap_or(0.0) / 1_024.0
        };
        Ok((kib("VmRSS:"), kib("RssAnon:")))
    }
}

impl Told {
    /// The value of a cookie that is set, in its own letters.
    fn cookie(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}=");
        self.cookies.iter().find_map(|c| c.strip_prefix(&prefix)?.split(';').next())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
