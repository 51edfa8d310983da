//! Short commands beside a running server (DECISIONS 16): the server leaves its address and a fresh secret in
//! the data folder, readable by its owner only; a command that finds the folder taken asks the server instead
//! of opening the database.

use super::user::{self, TokenCommand};
use super::{BadUse, Global, say};
use crate::config::{Config, ServeFlags};
use crate::features::people::session;
use crate::installation::{Installation, is_locked};
use crate::web::{Access, App, Routes, WebError};
use anyhow::{Context, Result, bail};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use kernel::Clock;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What a server can be asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Ask {
    /// `gezhi user …`
    User(user::Command),
    /// `gezhi token …`
    Token(TokenCommand),
}

/// What comes back: the records for `--json`, and the lines to be read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reply {
    /// The records.
    records: serde_json::Value,
    /// The lines.
    lines: Vec<String>,
}

impl Reply {
    /// Of some records, each with its line.
    pub(super) fn of<T: Serialize>(records: &[T], line: impl Fn(&T) -> String) -> Result<Reply> {
        Ok(Reply { records: serde_json::to_value(records)?, lines: records.iter().map(line).collect() })
    }
}

impl Ask {
    fn answer(&self, installation: &Installation) -> Result<Reply> {
        match self {
            Ask::User(command) => user::answer(installation, command),
            Ask::Token(command) => user::answer_token(installation, command),
        }
    }
}

/// Where a server is asked.
#[derive(Debug, Serialize, Deserialize)]
struct Door {
    address: SocketAddr,
    secret: String,
}

static SECRET: OnceLock<String> = OnceLock::new();

/// The door as a route of the server: open to whoever can read the data folder.
pub(super) fn routes() -> Routes {
    Routes::new().post("/control", Access::Public, answer)
}

async fn answer(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(ask): Json<Ask>,
) -> Result<Response, WebError> {
    let shown = headers.get("x-gezhi-control").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let known = SECRET.get().map(String::as_str).unwrap_or_default();
    if known.is_empty() || session::hash(shown) != session::hash(known) {
        return Err(WebError::not_found());
    }
    let done = tokio::task::spawn_blocking(move || ask.answer(&app.installation)).await?;
    Ok(match done {
        Ok(reply) => Json(reply).into_response(),
        Err(error) if error.is::<BadUse>() => {
            (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response()
        }
        Err(error) => return Err(WebError::Failed(error)),
    })
}

fn path(folder: &Path) -> PathBuf {
    folder.join("control.json")
}

/// Removes the file again when the server ends.
pub(super) struct Open(PathBuf);

impl Drop for Open {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Leaves address and secret in the data folder.
pub(super) fn open(app: &App, listening: SocketAddr) -> Result<Open> {
    let ip = if listening.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listening.ip() };
    let secret = SECRET.get_or_init(|| session::token().map(|t| t.text).unwrap_or_default()).clone();
    let door = Door { address: SocketAddr::new(ip, listening.port()), secret };
    let path = path(&app.config.data);
    let _ = std::fs::remove_file(&path);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(&serde_json::to_vec(&door)?)?;
    Ok(Open(path))
}

/// Runs a command here, or asks the server that has the folder, and prints what comes back.
pub(super) fn run(global: &Global, ask: &Ask) -> Result<()> {
    let config = Config::load(&global.flags, &ServeFlags::default())?;
    let reply = if is_locked(&config.data) {
        call(&config.data, ask)?
    } else {
        ask.answer(&Installation::open(config, Clock::System)?)?
    };
    if global.json {
        return say(&serde_json::to_string_pretty(&reply.records)?);
    }
    reply.lines.iter().try_for_each(|line| say(line))
}

fn call(folder: &Path, ask: &Ask) -> Result<Reply> {
    let text = std::fs::read(path(folder)).with_context(|| {
        format!(
            "the data folder {} is in use by another gezhi command; try again when it has ended",
            folder.display()
        )
    })?;
    let door: Door = serde_json::from_slice(&text).context("control.json is damaged; restart the server")?;
    let body = serde_json::to_vec(ask)?;
    let head = format!(
        "POST /control HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nX-Gezhi-Control: {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        door.address,
        door.secret,
        body.len()
    );
    let answer = exchange(door.address, &head, &body)
        .context("the server that has the data folder does not answer")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the server's answer is not understood")?;
    match head.split(' ').nth(1) {
        Some("200") => Ok(serde_json::from_str(body).context("the server's answer is not understood")?),
        Some("422") => Err(BadUse(body.trim().to_owned()).into()),
        _ => bail!("the server refused: {}", head.lines().next().unwrap_or_default()),
    }
}

fn exchange(address: SocketAddr, head: &str, body: &[u8]) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
