//! For monitoring: whether the program lives, and its counts.

use super::{App, WebError};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use store::{Sql, statements};

statements! {
    ALIVE = Sql::Both("select count(*) from migration");
    JOBS = Sql::Both("select state, count(*) from job group by state");
    SESSIONS = Sql::Both("select count(*) from session");
}

/// `GET /healthz`: 200 while the database answers, 503 otherwise.
pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
    match app.db.read(|tx| tx.value::<i64>(&ALIVE, &[])).await {
        Ok(_) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// `GET /metrics`, from this machine only.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, WebError> {
    let (jobs, sessions) = app
        .db
        .read(|tx| {
            let jobs = tx.query(&JOBS, &[], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))?;
            Ok((jobs, tx.value::<i64>(&SESSIONS, &[])?.unwrap_or(0)))
        })
        .await?;
    let count = |state: &str| jobs.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
    let mut gauges = vec![
        ("gezhi_jobs_ready", count("ready")),
        ("gezhi_jobs_running", count("running")),
        ("gezhi_jobs_failed", count("failed")),
        ("gezhi_sessions", sessions),
        ("gezhi_offices", i64::try_from(app.offices().len()).unwrap_or(0)),
    ];
    let (bodies, commits) = app.db.written();
    gauges.extend([("gezhi_writes", bodies), ("gezhi_commits", commits)]);
    gauges.extend(crate::jobs::counters());
    let text = app.metrics.text(&gauges);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
