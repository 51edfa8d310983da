//! `gezhi serve`: listens until it is told to stop, then finishes what it has begun.

use super::{Global, control, say};
use crate::config::{Config, ServeFlags};
use crate::installation::Installation;
use crate::jobs::Worker;
use crate::web::{self, App, live};
use anyhow::{Context, Result};
use kernel::Clock;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// For how long requests in hand may go on after the signal to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves the office in the data folder.
///
/// # Errors
/// When the folder cannot be opened or the address is taken.
pub fn run(global: &Global, flags: &ServeFlags) -> Result<()> {
    let config = Config::load(&global.flags, flags)?;
    let app = App::new(Installation::open(config, Clock::System)?, false);
    listen(app)
}

/// Serves a program until SIGTERM or Ctrl-C; prints `listening on http://…` once it does.
///
/// # Errors
/// When the address is taken.
pub fn listen(app: Arc<App>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(serve(app))
}

async fn serve(app: Arc<App>) -> Result<()> {
    let address = app.config.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on; name another address with --listen"))?;
    let listening = listener.local_addr()?;
    let _door = control::open(&app, listening)?;
    say(&format!("listening on http://{listening}"))?;
    let worker = if app.config.worker {
        Some(Worker::start(&app).context("no thread for background work")?)
    } else {
        None
    };
    let watching = tokio::spawn(live::run(Arc::clone(&app)));
    let routes = web::routes().merge(control::routes());
    let service = web::router_of(&app, routes).into_make_service_with_connect_info::<SocketAddr>();
    let stopped = Arc::new(tokio::sync::Notify::new());
    let (closing, stop) = (Arc::clone(&app), Arc::clone(&stopped));
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        signal().await;
        tracing::info!("stopping");
        // Connections that only listen would never end by themselves.
        closing.live.close();
        stop.notify_one();
    });
    let late = async {
        stopped.notified().await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        ended = IntoFuture::into_future(server) => ended.context("the server failed")?,
        () = late => tracing::warn!("some requests did not end in time"),
    }
    let _ = watching.await;
    // Ends its threads, which wait for the database: not on a thread that drives connections.
    tokio::task::spawn_blocking(move || drop(worker)).await.context("the background work ended badly")
}

async fn signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
