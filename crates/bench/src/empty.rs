//! An axum that answers nothing: what the network and the framework cost before any work is done. It runs in a process of
//! its own, as the product does.

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::routing::get;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// The argument that makes this program the empty server.
pub const ARGUMENT: &str = "--empty-server";

/// Serves until it is killed.
///
/// # Errors
/// When no port is free.
#[expect(clippy::print_stdout, reason = "tells its parent where it listens")]
pub fn run() -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        Ok(axum::serve(listener, Router::new().route("/", get(|| async { "" }))).await?)
    })
}

/// The empty server as a child.
pub struct Empty {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
}

impl Empty {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start() -> Result<Empty> {
        let mut child =
            Command::new(std::env::current_exe()?).arg(ARGUMENT).stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().context("no output")?;
        let Some(line) = BufReader::new(out).lines().next() else { bail!("the empty server ended") };
        Ok(Empty { child, at: line?.parse()? })
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
