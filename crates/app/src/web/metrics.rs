//! Counts for monitoring, as Prometheus reads them. No label ever holds an id, a name or a text.

use axum::http::{Method, StatusCode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the classes of time, in milliseconds.
const CLASSES: [u64; 9] = [1, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/// A request that was answered.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) method: &'a Method,
    pub(super) route: Option<&'a str>,
    pub(super) status: StatusCode,
    pub(super) took: Duration,
}

/// The counts of this process since its start.
#[derive(Debug, Default)]
pub struct Metrics {
    routes: Mutex<BTreeMap<(String, String, u16), u64>>,
    times: Mutex<Times>,
}

#[derive(Debug, Default)]
struct Times {
    classes: [u64; CLASSES.len()],
    count: u64,
    sum: Duration,
}

impl Metrics {
    pub(super) fn count(&self, seen: Seen<'_>) {
        let route = seen.route.unwrap_or("none").to_owned();
        let key = (seen.method.as_str().to_owned(), route, seen.status.as_u16());
        *self.routes.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.count += 1;
        times.sum += seen.took;
        let ms = u64::try_from(seen.took.as_millis()).unwrap_or(u64::MAX);
        for (class, most) in times.classes.iter_mut().zip(CLASSES) {
            *class += u64::from(ms <= most);
        }
    }

    /// The text of `/metrics`; `gauges` are added as they stand.
    pub(super) fn text(&self, gauges: &[(&str, i64)]) -> String {
        let mut out = String::from("# TYPE gezhi_requests_total counter\n");
        for ((method, route, status), n) in &*self.routes.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = writeln!(
                out,
                "gezhi_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {n}"
            );
        }
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        out.push_str("# TYPE gezhi_request_seconds histogram\n");
        for (class, most) in times.classes.iter().zip(CLASSES) {
            let seconds = Duration::from_millis(most).as_secs_f64();
            let _ = writeln!(out, "gezhi_request_seconds_bucket{{le=\"{seconds}\"}} {class}");
        }
        let _ = writeln!(out, "gezhi_request_seconds_bucket{{le=\"+Inf\"}} {}", times.count);
        let _ = writeln!(out, "gezhi_request_seconds_sum {}", times.sum.as_secs_f64());
        let _ = writeln!(out, "gezhi_request_seconds_count {}", times.count);
        for (name, value) in gauges {
            let _ = writeln!(out, "# TYPE {name} gauge\n{name} {value}");
        }
        out
    }
}
