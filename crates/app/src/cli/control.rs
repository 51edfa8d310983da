//! Short commands beside a running server (DECISIONS 16): the server leaves its address and a fresh secret in
//! the data folder, readable by its owner only; a command that finds the folder taken asks the server instead
//! of opening the database. The question carries what the command has read of files, the answer comes as
//! frames: what to tell meanwhile, bytes of an export, and the end.

use super::{BadUse, Global, export, import, office, say, stats, user};
use crate::config::{Config, ServeFlags};
use crate::features::people::session;
use crate::installation::{Installation, is_locked};
use crate::web::{Access, App, Routes, WebError};
use anyhow::{Context, Result, bail};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use kernel::Clock;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::Target;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Largest question: the list of all communities of the country is 60 MB.
const ASK_MOST: usize = 1024 * 1024 * 1024;

/// What a server can be asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Ask {
    /// `gezhi user …`
    User(user::Command),
    /// `gezhi token …`
    Token(user::TokenCommand),
    /// `gezhi office …`
    Office(office::Command),
    /// `gezhi stats …`
    Stats(stats::Stats),
    /// `gezhi export …`
    Export(export::Job),
    /// `gezhi import …`
    Import(import::Job),
}

/// What comes back: the records for `--json`, and the lines to be read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Reply {
    /// The records as JSON, in the order in which they are told; empty for none.
    pub(super) records: String,
    /// The lines.
    pub(super) lines: Vec<String>,
    /// Lines for whoever watches: to stderr, and not with `--json`, whose records say the same.
    pub(super) notes: Vec<String>,
    /// Why the command failed all the same.
    pub(super) failed: Option<String>,
}

impl Reply {
    /// Of some records, each with its line.
    pub(super) fn of<T: Serialize>(records: &[T], line: impl Fn(&T) -> String) -> Result<Reply> {
        let lines = records.iter().map(line).collect();
        Ok(Reply { records: json(records)?, lines, ..Reply::default() })
    }
}

/// Records as they are printed. Not by way of `Value`, which would sort the keys.
pub(super) fn json<T: Serialize + ?Sized>(records: &T) -> Result<String> {
    Ok(serde_json::to_string_pretty(records)?)
}

/// Where a command says what it does while it works.
pub(super) trait Meanwhile {
    /// How far it is; a line that stays is not overwritten by the next.
    fn tell(&mut self, text: &str, stays: bool);
    /// The next bytes of what it writes.
    fn data(&mut self, bytes: &[u8]) -> std::io::Result<()>;
}

impl Ask {
    fn answer(&self, installation: &Installation, out: &mut dyn Meanwhile) -> Result<Reply> {
        match self {
            Ask::User(command) => user::answer(installation, command),
            Ask::Token(command) => user::answer_token(installation, command),
            Ask::Office(command) => office::answer(installation, command),
            Ask::Stats(args) => stats::answer(installation, args),
            Ask::Export(job) => export::answer(installation, job, out),
            Ask::Import(job) => import::answer(installation, job, out),
        }
    }

    /// Whether it may begin a data folder; all others need one.
    fn begins(&self) -> bool {
        match self {
            Ask::Office(command) => command.begins(),
            Ask::Import(job) => job.begins(),
            _ => false,
        }
    }
}

/// A piece of an answer, one JSON object a line.
#[derive(Debug, Serialize, Deserialize)]
enum Frame {
    Tell {
        text: String,
        stays: bool,
    },
    /// Base64.
    Data(String),
    Done(Reply),
    Failed {
        text: String,
        bad_use: bool,
    },
}

impl Frame {
    fn of(done: Result<Reply>) -> Frame {
        match done {
            Ok(reply) => Frame::Done(reply),
            Err(error) => Frame::Failed { text: format!("{error:#}"), bad_use: error.is::<BadUse>() },
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

async fn answer(State(app): State<Arc<App>>, request: Request) -> Result<Response, WebError> {
    let shown = request.headers().get("x-gezhi-control").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let known = SECRET.get().map(String::as_str).unwrap_or_default();
    if known.is_empty() || session::hash(shown) != session::hash(known) {
        return Err(WebError::not_found());
    }
    let body = to_bytes(request.into_body(), ASK_MOST).await.context("a question that is too long")?;
    let ask: Ask = serde_json::from_slice(&body).map_err(|e| WebError::Bad(e.to_string()))?;
    let (to, from) = channel::<Bytes>(16);
    tokio::task::spawn_blocking(move || {
        let mut out = Far(to);
        // Whoever asked may have gone; what was begun is finished all the same.
        let done = Frame::of(ask.answer(&app.installation, &mut out));
        let _ = out.send(&done);
    });
    let next = |mut from: Receiver<Bytes>| async {
        from.recv().await.map(|bytes| (Ok::<_, std::convert::Infallible>(bytes), from))
    };
    Ok(Response::new(Body::from_stream(futures_util::stream::unfold(from, next))))
}

/// The other end of a connection.
struct Far(Sender<Bytes>);

impl Far {
    fn send(&self, frame: &Frame) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(frame)?;
        line.push(b'\n');
        self.0.blocking_send(line.into()).map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    }
}

impl Meanwhile for Far {
    fn tell(&mut self, text: &str, stays: bool) {
        let _ = self.send(&Frame::Tell { text: text.to_owned(), stays });
    }

    fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.send(&Frame::Data(data_encoding::BASE64.encode(bytes)))
    }
}

/// This terminal. A file is made with its first bytes, so that a refusal leaves none behind.
struct Near {
    output: Option<PathBuf>,
    file: Option<Box<dyn Write>>,
}

impl Near {
    fn file(&mut self) -> std::io::Result<&mut Box<dyn Write>> {
        if self.file.is_none() {
            self.file = Some(match &self.output {
                None => Box::new(std::io::stdout()),
                Some(path) => {
                    Box::new(std::io::BufWriter::new(std::fs::File::create(path).map_err(|e| {
                        std::io::Error::new(e.kind(), format!("{} cannot be written: {e}", path.display()))
                    })?))
                }
            });
        }
        self.file.as_mut().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

impl Meanwhile for Near {
    fn tell(&mut self, text: &str, stays: bool) {
        let mut err = std::io::stderr().lock();
        let live = err.is_terminal();
        let _ = match (live, stays) {
            (true, false) => write!(err, "\r\x1b[K{text}"),
            (true, true) => writeln!(err, "\r\x1b[K{text}"),
            (false, _) => writeln!(err, "{text}"),
        };
        let _ = err.flush();
    }

    fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file()?.write_all(bytes)
    }
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
    run_to(global, ask, None)
}

/// The same; bytes go to a file, or to stdout where none is named.
pub(super) fn run_to(global: &Global, ask: &Ask, output: Option<&Path>) -> Result<()> {
    let config = Config::load(&global.flags, &ServeFlags::default())?;
    let mut near = Near { output: output.map(Path::to_owned), file: None };
    let reply = if is_locked(&config.data) {
        call(&config.data, ask, &mut near)?
    } else {
        if let Target::Sqlite(path) = config.target()
            && !path.exists()
            && !ask.begins()
        {
            let text = format!(
                "there is no office in {}: name the data folder with --data, or make an office with `gezhi office add`",
                config.data.display()
            );
            return Err(BadUse(text).into());
        }
        ask.answer(&Installation::open(config, Clock::System)?, &mut near)?
    };
    if let Some(file) = near.file.as_mut() {
        file.flush()?;
    } else if matches!(ask, Ask::Export(_)) {
        near.file()?.flush()?;
    }
    tell(global, ask, &reply)
}

fn tell(global: &Global, ask: &Ask, reply: &Reply) -> Result<()> {
    if global.json && !reply.records.is_empty() {
        // An export is data already; what is told of it goes beside.
        let text = &reply.records;
        if matches!(ask, Ask::Export(_)) { writeln!(std::io::stderr(), "{text}")? } else { say(text)? }
    } else {
        reply.lines.iter().try_for_each(|line| say(line))?;
        let mut err = std::io::stderr().lock();
        reply.notes.iter().try_for_each(|line| writeln!(err, "{line}"))?;
    }
    match &reply.failed {
        None => Ok(()),
        Some(why) => bail!("{why}"),
    }
}

fn call(folder: &Path, ask: &Ask, near: &mut Near) -> Result<Reply> {
    let text = std::fs::read(path(folder)).with_context(|| {
        format!(
            "the data folder {} is in use by another gezhi command; try again when it has ended",
            folder.display()
        )
    })?;
    let door: Door = serde_json::from_slice(&text).context("control.json is damaged; restart the server")?;
    let mut stream = TcpStream::connect_timeout(&door.address, Duration::from_secs(5))
        .context("the server that has the data folder does not answer")?;
    let body = serde_json::to_vec(ask)?;
    // HTTP/1.0: the answer is what comes until the connection ends.
    let head = format!(
        "POST /control HTTP/1.0\r\nHost: {}\r\nX-Gezhi-Control: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        door.address,
        door.secret,
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    frames(BufReader::new(stream), near)
}

fn frames(from: impl BufRead, near: &mut Near) -> Result<Reply> {
    const BROKEN: &str = "the server's answer is not understood; is it of another version? Restart it";
    let mut lines = from.lines();
    let status = lines.next().context(BROKEN)??;
    if status.split(' ').nth(1) != Some("200") {
        bail!("the server refused ({status}); is it of another version? Restart it");
    }
    for line in lines.by_ref() {
        if line?.is_empty() {
            break;
        }
    }
    for line in lines {
        match serde_json::from_str(&line?).context(BROKEN)? {
            Frame::Tell { text, stays } => near.tell(&text, stays),
            Frame::Data(text) => {
                near.data(&data_encoding::BASE64.decode(text.as_bytes()).context(BROKEN)?)?
            }
            Frame::Done(reply) => return Ok(reply),
            Frame::Failed { text, bad_use: true } => return Err(BadUse(text).into()),
            Frame::Failed { text, .. } => bail!("{text}"),
        }
    }
    bail!("the server ended before it had answered; run the command again: what it did is not done twice")
}
