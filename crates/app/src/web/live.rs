//! Live updates (DECISIONS 23): each process looks once a second which streams moved, and tells the browsers
//! keys and versions only; the pieces themselves are fetched under the viewer's own rights. A connection
//! never keeps a session alive and ends with it.
//!
//! Keys: `cases` (any case of the office), `case:<id>` (to whoever may see that case), `reports`, and the other streams by name (`place`,
//! `catalogue`, `account`, `post`, `unit`, `office`, `roster`, `message`). A version is the instant of the last event × 1,000 plus
//! a count, the same in every process.

use super::guard::recognise;
use super::{App, Query as Asking, Staff, Visit, WebError};
use crate::context::Cx;
use axum::Json;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use kernel::{OfficeId, Ts};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Query, Sql, args, statements};
use tokio::sync::watch;

statements! {
    MOVED = Sql::Both(
        "select id, stream, stream_id, recorded_at from event where office = $1 and recorded_at > $2
         order by recorded_at, id limit 5000");
    LAST = Sql::Both(
        "select recorded_at from event where office = $1 order by recorded_at desc, id desc limit 1");
}

/// How often the streams are looked at.
pub const EVERY: Duration = Duration::from_secs(1);
/// An event may be committed so long after the instant it carries.
const LATE: i64 = 15 * Ts::SECOND;
/// Keys of single cases remembered in one office at most; older ones are forgotten first.
const KEYS_MOST: usize = 5_000;
/// Cases looked up in one statement.
const AT_ONCE: usize = 500;
/// How often a silent connection looks whether its session still stands.
const CHECK: Duration = Duration::from_secs(20);
/// Before news it looks again when it has not for so long: an ended session hears nothing more.
const FRESH: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    at: i64,
    count: i64,
}

impl Mark {
    fn version(self) -> i64 {
        self.at * 1_000 + self.count.min(999)
    }
}

#[derive(Debug, Default)]
struct Known {
    marks: BTreeMap<String, Mark>,
    seen: HashMap<i64, Ts>,
    until: Option<Ts>,
    moves: i64,
}

/// The versions this process knows.
#[derive(Debug)]
pub struct Live {
    offices: Mutex<HashMap<OfficeId, Known>>,
    moved: watch::Sender<u64>,
    polled: tokio::sync::Mutex<Option<Duration>>,
    closed: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Live {
            offices: Mutex::default(),
            moved: watch::Sender::new(0),
            polled: tokio::sync::Mutex::new(None),
            closed: watch::Sender::new(false),
        }
    }
}

impl Live {
    fn offices(&self) -> MutexGuard<'_, HashMap<OfficeId, Known>> {
        self.offices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The versions of keys with blanks between, in the same order; 0 for what never moved.
    #[must_use]
    pub fn versions(&self, office: OfficeId, keys: &str) -> String {
        let offices = self.offices();
        let known = offices.get(&office);
        let version = |key: &str| known.and_then(|k| k.marks.get(key)).map_or(0, |mark| mark.version());
        let texts: Vec<String> = keys.split_whitespace().map(|key| version(key).to_string()).collect();
        texts.join(" ")
    }

    /// A number that grows whenever this process hears that a stream of an office moved.
    pub(super) fn moves_of(&self, office: OfficeId) -> i64 {
        self.offices().get(&office).map_or(0, |known| known.moves)
    }

    /// The same over all offices.
    pub(super) fn moves(&self) -> i64 {
        self.offices().values().map(|known| known.moves).sum()
    }

    fn all(&self, office: OfficeId) -> BTreeMap<String, i64> {
        let offices = self.offices();
        offices
            .get(&office)
            .map(|k| k.marks.iter().map(|(key, mark)| (key.clone(), mark.version())).collect())
            .unwrap_or_default()
    }

    /// Ends all connections, so that the server can stop.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    fn take(&self, office: OfficeId, rows: Vec<(i64, String, i64, Ts)>, now: Ts) -> (bool, bool) {
        let mut offices = self.offices();
        let known = offices.entry(office).or_default();
        let (mut moved, mut settings) = (false, false);
        for (id, name, stream_id, at) in rows {
            known.until = known.until.max(Some(at));
            if known.seen.insert(id, at).is_some() {
                continue;
            }
            moved = true;
            known.moves += 1;
            settings |= name == "office";
            let keys = match name.as_str() {
                "case" => vec!["cases".to_owned(), format!("case:{stream_id}")],
                "report" => vec!["reports".to_owned()],
                _ => vec![name],
            };
            for key in keys {
                let mark = known.marks.entry(key).or_default();
                if at.0 > mark.at {
                    *mark = Mark { at: at.0, count: 0 };
                } else {
                    mark.count += 1;
                }
            }
        }
        let oldest = known.until.unwrap_or(now).plus(-2 * LATE);
        known.seen.retain(|_, at| *at > oldest);
        if known.marks.len() > KEYS_MOST {
            let mut ages: Vec<i64> = known.marks.values().map(|mark| mark.at).collect();
            ages.sort_unstable();
            let limit = ages.get(ages.len() / 2).copied().unwrap_or(0);
            known.marks.retain(|key, mark| !key.starts_with("case:") || mark.at > limit);
        }
        (moved, settings)
    }
}

/// Looks once which streams moved, in all offices.
///
/// # Errors
/// When the database refuses.
pub async fn poll(app: &App) -> Result<(), WebError> {
    let mut any = false;
    for office in app.offices() {
        let now = app.clock.now();
        let since = app.live.offices().get(&office.id).and_then(|k| k.until);
        // A clock set back (a demonstration) starts anew.
        let since = since.filter(|at| *at <= now.plus(LATE));
        let id = office.id;
        let rows = app
            .db
            .read(move |tx| {
                let from = match since {
                    Some(at) => at.plus(-LATE),
                    None => tx.value::<Ts>(&LAST, args![id])?.map_or(now, |at| at.plus(-1)),
                };
                tx.query(&MOVED, args![id, from], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })
            })
            .await?;
        let (moved, settings) = app.live.take(id, rows, now);
        any |= moved;
        if settings {
            app.reload_async().await?;
        }
    }
    if any {
        app.live.moved.send_modify(|n| *n += 1);
    }
    *app.live.polled.lock().await = Some(app.uptime());
    Ok(())
}

/// Looks every second, until the server closes.
pub async fn run(app: Arc<App>) {
    let mut closed = app.live.closed.subscribe();
    while !*closed.borrow() {
        if let Err(error) = poll(&app).await {
            tracing::warn!(?error, "the streams cannot be looked at; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = closed.changed() => {}
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    keys: String,
}

/// `GET /live/poll?keys=cases,case:17`: the versions of some keys.
pub(super) async fn answer(
    staff: Staff,
    Asking(asked): Asking<Asked>,
) -> Result<Json<BTreeMap<String, i64>>, WebError> {
    let stale = {
        let polled = staff.app.live.polled.lock().await;
        polled.is_none_or(|at| staff.app.uptime().saturating_sub(at) > 2 * EVERY)
    };
    if stale {
        poll(&staff.app).await?;
    }
    let all = staff.app.live.all(staff.cx.office.id);
    let keys: Vec<String> =
        asked.keys.split(',').take(200).filter(|key| !key.is_empty()).map(str::to_owned).collect();
    let seen = seen(&staff.app, &staff.cx, keys.iter().filter_map(|key| case_of(key)).collect()).await?;
    let version = |key: &str| match case_of(key) {
        Some(id) if !seen.contains(&id) => 0,
        _ => all.get(key).copied().unwrap_or(0),
    };
    Ok(Json(keys.into_iter().map(|key| (key.clone(), version(&key))).collect()))
}

/// The case a key tells of.
fn case_of(key: &str) -> Option<i64> {
    key.strip_prefix("case:").and_then(|id| id.parse().ok())
}

/// Which of these cases the actor may see: that a case elsewhere moved is nobody's business.
async fn seen(app: &App, cx: &Cx, ids: Vec<i64>) -> Result<HashSet<i64>, WebError> {
    if ids.is_empty() || !cx.actor.has("demands.read") {
        return Ok(HashSet::new());
    }
    let cx = cx.clone();
    let found = app.db.read(move |tx| {
        let mut out = HashSet::new();
        for some in ids.chunks(AT_ONCE) {
            let mut query = Query::new("select c.id from cases c");
            query.and_in("c.id", some.iter().map(|id| (*id).into()));
            cx.actor.scope("demands.read").restrict(&mut query);
            out.extend(tx.list(&query, |row| row.get::<i64>(0))?);
        }
        Ok(out)
    });
    Ok(found.await?)
}

struct Feed {
    app: Arc<App>,
    visit: Arc<Visit>,
    /// Who listens, with the rights they had at the last look.
    cx: Cx,
    moved: watch::Receiver<u64>,
    closed: watch::Receiver<bool>,
    sent: Option<BTreeMap<String, i64>>,
    checked: Duration,
}

enum Step {
    Send(Event),
    Last(Event),
    End,
}

/// `GET /live`: one connection per browser.
pub(super) async fn connect(staff: Staff) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let feed = Feed {
        cx: staff.cx,
        moved: staff.app.live.moved.subscribe(),
        closed: staff.app.live.closed.subscribe(),
        sent: None,
        checked: staff.app.uptime(),
        visit: staff.visit,
        app: staff.app,
    };
    let events = stream::unfold(Some(feed), |feed| async move {
        let mut feed = feed?;
        match feed.step().await {
            Step::Send(event) => Some((Ok(event), Some(feed))),
            Step::Last(event) => Some((Ok(event), None)),
            Step::End => None,
        }
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

impl Feed {
    async fn step(&mut self) -> Step {
        loop {
            if *self.closed.borrow() {
                return Step::End;
            }
            if self.app.uptime().saturating_sub(self.checked) >= FRESH {
                self.checked = self.app.uptime();
                match recognise(&self.app, &self.visit).await {
                    Ok(Some(auth)) => self.cx = auth.cx,
                    Ok(None) => return Step::Last(Event::default().event("bye").data("{}")),
                    Err(error) => tracing::warn!(?error, "a session cannot be looked at"),
                }
            }
            match self.news().await {
                Ok(Some(event)) => return Step::Send(event),
                Ok(None) => {}
                // Told again at the next look.
                Err(error) => tracing::warn!(?error, "what somebody may see cannot be looked at"),
            }
            tokio::select! {
                _ = self.moved.changed() => {}
                _ = self.closed.changed() => {}
                () = tokio::time::sleep(CHECK) => {}
            }
        }
    }

    /// What moved since the last message, within what the listener may see; at first, everything known.
    async fn news(&mut self) -> Result<Option<Event>, WebError> {
        self.moved.mark_unchanged();
        let all = self.app.live.all(self.cx.office.id);
        let mut news: BTreeMap<String, i64> = all
            .iter()
            .filter(|(key, version)| self.sent.as_ref().and_then(|sent| sent.get(*key)) != Some(version))
            .map(|(key, version)| (key.clone(), *version))
            .collect();
        let ids = news.keys().filter_map(|key| case_of(key)).collect();
        let seen = seen(&self.app, &self.cx, ids).await?;
        news.retain(|key, _| case_of(key).is_none_or(|id| seen.contains(&id)));
        self.sent = Some(all);
        if news.is_empty() {
            return Ok(None);
        }
        Ok(serde_json::to_string(&news).ok().map(|text| Event::default().event("v").data(text)))
    }
}
