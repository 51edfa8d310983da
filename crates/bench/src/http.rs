//! A client that costs next to nothing, so that what is measured is the server: requests over kept connections, their
//! answers read by the length that the server names.

use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One request as it is sent.
#[derive(Clone, Debug)]
pub struct Ask(Vec<u8>);

/// What authorises a request.
#[derive(Clone, Debug)]
pub enum Pass {
    /// Nothing.
    None,
    /// The token of a program.
    Token(String),
    /// The session cookie of a browser.
    Cookie(String),
}

impl Pass {
    fn header(&self) -> String {
        match self {
            Pass::None => String::new(),
            Pass::Token(token) => format!("authorization: Bearer {token}\r\n"),
            Pass::Cookie(cookie) => format!("cookie: {cookie}\r\n"),
        }
    }
}

impl Ask {
    /// `GET`.
    pub fn get(path: &str, pass: &Pass) -> Ask {
        Ask(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{}\r\n", pass.header()).into_bytes())
    }

    /// `POST` of JSON; a blank `key` is left out.
    pub fn post(path: &str, pass: &Pass, key: &str, body: &str) -> Ask {
        let key = if key.is_empty() { String::new() } else { format!("idempotency-key: {key}\r\n") };
        let kind =
            if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\n{}{key}content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            pass.header(),
            body.len()
        );
        Ask(text.into_bytes())
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Told {
    /// The status.
    pub status: u16,
    /// The lines of the head, in small letters.
    pub head: String,
    /// The cookies that are set, as they stand.
    pub cookies: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A kept connection.
pub struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(to: SocketAddr) -> Result<Line> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Line { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Asks and waits for the whole answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer cannot be read.
    pub async fn ask(&mut self, ask: &Ask) -> Result<Told> {
        self.stream.write_all(&ask.0).await?;
        self.buffer.clear();
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let given = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).into_owned();
        let head = given.to_ascii_lowercase();
        let cookies = if head.contains("set-cookie: ") {
            given
                .lines()
                .filter(|l| {
                    l.len() > 12
                        && l.is_char_boundary(12)
                        && l.to_ascii_lowercase().starts_with("set-cookie: ")
                })
                .map(|l| l.split_at(12).1.to_owned())
                .collect()
        } else {
            Vec::new()
        };
        let status = head.get(9..12).and_then(|s| s.parse().ok()).context("an answer without a status")?;
        let body = if let Some(length) = header(&head, "content-length") {
            let whole = end + length.parse::<usize>()?;
            while self.buffer.len() < whole {
                self.more().await?;
            }
            self.buffer.get(end..whole).unwrap_or_default().to_vec()
        } else if head.contains("transfer-encoding: chunked") {
            while !self.buffer.ends_with(b"0\r\n\r\n") {
                self.more().await?;
            }
            self.buffer.get(end..).unwrap_or_default().to_vec()
        } else {
            Vec::new()
        };
        Ok(Told { status, head, cookies, body })
    }

    async fn more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

/// A line of the head.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "))
}

/// What came of a load.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Answers a second.
    pub rate: f64,
    /// Times of the answers, in order of length.
    pub times: Vec<Duration>,
    /// Answers that were no success, with the first of them.
    pub bad: usize,
    /// The first of them.
    pub first_bad: String,
    /// How long it took.
    pub took: Duration,
}

impl Load {
    /// A quantile of the times, in milliseconds.
    pub fn ms(&self, part: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index within the list"
        )]
        let at = ((self.times.len() as f64) * part) as usize;
        self.times.get(at.min(self.times.len().saturating_sub(1))).map_or(0.0, |t| t.as_secs_f64() * 1_000.0)
    }

    /// Refuses a load in which anything was refused.
    ///
    /// # Errors
    /// With the first answer that was no success.
    pub fn good(&self) -> Result<()> {
        ensure!(
            self.bad == 0 && !self.times.is_empty(),
            "{} answers were refusals: {}",
            self.bad,
            self.first_bad
        );
        Ok(())
    }

    fn of(mut parts: Vec<Load>, took: Duration) -> Load {
        let mut all = Load { took, ..Load::default() };
        for part in &mut parts {
            all.times.append(&mut part.times);
            all.bad += part.bad;
            if all.first_bad.is_empty() {
                all.first_bad.clone_from(&part.first_bad);
            }
        }
        all.times.sort_unstable();
        all.rate = all.times.len() as f64 / took.as_secs_f64();
        all
    }

    fn note(&mut self, told: &Told, took: Duration) {
        if (200..300).contains(&told.status) {
            self.times.push(took);
        } else {
            if self.bad == 0 {
                self.first_bad = format!("{} {}", told.status, String::from_utf8_lossy(&told.body));
            }
            self.bad += 1;
        }
    }
}

/// A closed loop: each client asks again as soon as it is answered. The request of each turn is made by `make`, given a
/// running number; the load ends when `make` gives none or the time is over.
///
/// # Errors
/// When a connection breaks.
pub async fn closed(
    to: SocketAddr,
    clients: usize,
    most: Duration,
    make: impl Fn(usize) -> Option<Ask> + Send + Sync + 'static,
) -> Result<Load> {
    // Whatever is due now.
    loaded(to, clients, most, |_, passed| passed, make).await
}

/// An open loop: requests leave at a fixed rate whether or not the ones before are answered, and each is timed from when
/// it should have left, so that a server that falls behind shows it.
///
/// # Errors
/// When a connection breaks.
pub async fn open(
    to: SocketAddr,
    clients: usize,
    rate: f64,
    most: Duration,
    make: impl Fn(usize) -> Option<Ask> + Send + Sync + 'static,
) -> Result<Load> {
    loaded(to, clients, most, move |n, _| Duration::from_secs_f64(n as f64 / rate), make).await
}

/// Asks from so many connections at once; `due` says when the n-th request is to leave, given how long the load has
/// lasted.
async fn loaded(
    to: SocketAddr,
    clients: usize,
    most: Duration,
    due: impl Fn(usize, Duration) -> Duration + Copy + Send + Sync + 'static,
    make: impl Fn(usize) -> Option<Ask> + Send + Sync + 'static,
) -> Result<Load> {
    let (make, next) = (Arc::new(make), Arc::new(AtomicUsize::new(0)));
    let mut lines = Vec::new();
    for _ in 0..clients {
        lines.push(Line::open(to).await?);
    }
    let start = Instant::now();
    let ask_on = |mut line: Line| {
        let (make, next) = (Arc::clone(&make), Arc::clone(&next));
        tokio::spawn(async move {
            let mut load = Load::default();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let due = due(n, start.elapsed());
                if due >= most {
                    return anyhow::Ok(load);
                }
                let due = start + due;
                if due > Instant::now() {
                    tokio::time::sleep_until(due.into()).await;
                }
                let Some(ask) = make(n) else { return Ok(load) };
                let told = line.ask(&ask).await?;
                load.note(&told, due.elapsed());
            }
        })
    };
    let tasks: Vec<_> = lines.into_iter().map(ask_on).collect();
    let mut parts = Vec::new();
    for task in tasks {
        parts.push(task.await??);
    }
    Ok(Load::of(parts, start.elapsed()))
}
