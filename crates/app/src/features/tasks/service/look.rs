//! Who sees what. A receiver sees the task and its own part; the giver and those who read all tasks of the office see
//! every part.

use crate::actor::{ActorKind, Reach};
use crate::context::Cx;
use crate::features::people::service as people;
use crate::features::places::model::Kind;
use crate::features::places::service as places;
use crate::features::procedures::service as engine;
use crate::features::tasks::model::{Candidate, File, FileId, Receiver, ReceiverId, Target, Task, TaskId};
use crate::features::tasks::store::{self as rows, Filter, Page};
use kernel::{CaseId, Refusal};
use store::{Arg, Query, Result, Tx};

/// Whom the actor answers for.
#[must_use]
pub fn targets(cx: &Cx) -> Vec<Target> {
    let of = |reach| match reach {
        Reach::Unit(id) => Some(Target::Unit(id)),
        Reach::Community(id) | Reach::Grid(id) => Some(Target::Place(id)),
        Reach::Office => None,
    };
    cx.actor.reaches("tasks.answer").filter_map(of).collect()
}

/// Whether the actor is on the giver's side: of the unit that gave it, with the right to give.
#[must_use]
pub fn may_manage(cx: &Cx, task: &Task) -> bool {
    cx.actor.kind == ActorKind::System
        || cx.actor.has("tasks.give")
            && (task.unit.is_some_and(|unit| cx.actor.units.contains(&unit))
                || task.account.is_some() && task.account == cx.actor.account)
}

/// Whether the actor sees all parts.
#[must_use]
pub fn sees_all(cx: &Cx, task: &Task) -> bool {
    may_manage(cx, task) || cx.actor.reaches("tasks.read").any(|reach| reach == Reach::Office)
}

/// A task with the parts that the actor may see.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The task.
    pub task: Task,
    /// All parts, or the actor's own.
    pub receivers: Vec<Receiver>,
    /// Its files and those of the parts.
    pub files: Vec<File>,
    /// Whether these are all parts.
    pub all: bool,
    /// Whether the actor is on the giver's side.
    pub manages: bool,
}

impl Seen {
    /// One of the parts.
    ///
    /// # Errors
    /// `common.not_found`.
    pub fn part(&self, id: ReceiverId) -> std::result::Result<&Receiver, Refusal> {
        self.receivers.iter().find(|r| r.id == id).ok_or_else(Refusal::not_found)
    }

    /// Whether the actor answers for a part.
    #[must_use]
    pub fn is_own(&self, cx: &Cx, part: &Receiver) -> bool {
        targets(cx).contains(&part.target)
    }
}

/// A task as the actor may see it.
///
/// # Errors
/// `common.not_found` when there is none, or nothing of it is theirs.
pub fn seen(tx: &mut Tx<'_>, cx: &Cx, id: TaskId) -> Result<Seen> {
    let task = rows::task(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    let mut receivers = rows::receivers(tx, cx.office.id, id)?;
    let mut files = rows::files(tx, cx.office.id, id)?;
    let all = sees_all(cx, &task);
    if !all {
        let own = targets(cx);
        receivers.retain(|r| own.contains(&r.target) && r.state.as_str() != "withdrawn");
        if receivers.is_empty() {
            return Err(Refusal::not_found().into());
        }
        files.retain(|f| f.receiver.is_none_or(|id| receivers.iter().any(|r| r.id == id)));
    }
    let manages = may_manage(cx, &task);
    Ok(Seen { task, receivers, files, all, manages })
}

/// One file of a task.
///
/// # Errors
/// `common.not_found` when it is not of a part that the actor may see.
pub fn file(tx: &mut Tx<'_>, cx: &Cx, id: TaskId, file: FileId) -> Result<File> {
    let seen = seen(tx, cx, id)?;
    Ok(seen.files.into_iter().find(|f| f.id == file).ok_or_else(Refusal::not_found)?)
}

/// What a task comes from, where the actor may see the case: its number and title.
///
/// # Errors
/// When the database refuses.
pub fn origin(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Option<(String, String)>> {
    match engine::visible(tx, cx, case) {
        Ok(_) if cx.actor.has("demands.read") => rows::case_no(tx, cx.office.id, case),
        Err(e) if e.refusal().is_none() => Err(e),
        _ => Ok(None),
    }
}

/// Everybody whom the actor may ask: with the office as reach all units and grids, else the grids of a community.
///
/// # Errors
/// When the database refuses.
pub fn candidates(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Candidate>> {
    let mut out = everybody(tx, cx)?;
    let reaches: Vec<Reach> = cx.actor.reaches("tasks.give").collect();
    if cx.actor.kind != ActorKind::System && !reaches.contains(&Reach::Office) {
        out.retain(|c| {
            c.kind == "grid" && c.community.is_some_and(|id| reaches.contains(&Reach::Community(id)))
        });
    }
    Ok(out)
}

/// All units, all grids, and communities without a unit of their own.
///
/// # Errors
/// When the database refuses.
pub fn everybody(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Candidate>> {
    let mut out = Vec::new();
    let mut covered = Vec::new();
    for unit in people::units(tx, cx.office.id)?.into_iter().filter(|u| u.active) {
        if unit.kind == "community" {
            covered.extend(unit.place);
        }
        out.push(Candidate {
            target: Target::Unit(unit.id),
            name: unit.short,
            sort_key: unit.sort_key,
            community: unit.place.filter(|_| unit.kind == "community"),
            kind: unit.kind,
        });
    }
    let book = places::book(tx, cx.office.id)?;
    for place in book.all().filter(|p| p.is_active() && matches!(p.kind, Kind::Community | Kind::Grid)) {
        if place.kind == Kind::Community && covered.contains(&place.id) {
            continue;
        }
        let above = place.community.filter(|id| *id != place.id).and_then(|id| book.get(id));
        let name = match above {
            // A grid's number says nothing without its community.
            Some(above) if !place.name.contains(&above.name) => format!("{} {}", above.name, place.name),
            _ => place.name.clone(),
        };
        out.push(Candidate {
            target: Target::Place(place.id),
            sort_key: above.map_or_else(String::new, |a| a.sort_key.clone()) + &place.sort_key,
            name,
            kind: place.kind.as_str().to_owned(),
            community: place.community,
        });
    }
    Ok(out)
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What the actor is asked.
    Own,
    /// What the actor's units ask.
    Given,
    /// All of the office.
    All,
}

impl View {
    /// As written in an address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            View::Own => "own",
            View::Given => "given",
            View::All => "all",
        }
    }

    /// The lists that an actor has, the usual one first.
    #[must_use]
    pub fn of(cx: &Cx) -> Vec<View> {
        let mut out = Vec::new();
        if cx.actor.has("tasks.give") {
            out.push(View::Given);
        }
        if !targets(cx).is_empty() {
            out.push(View::Own);
        }
        if cx.actor.kind == ActorKind::System
            || cx.actor.reaches("tasks.read").any(|reach| reach == Reach::Office)
        {
            out.push(View::All);
        }
        out
    }
}

/// Narrows a list of tasks (`t`) and receivers (`r`) to what the actor may read: all with `tasks.read` of the office, else
/// what their units gave and what they are asked.
pub fn restrict(query: &mut Query, cx: &Cx) {
    if View::of(cx).contains(&View::All) {
        return;
    }
    let mut units: Vec<Arg> = Vec::new();
    if cx.actor.has("tasks.give") {
        units.extend(cx.actor.units.iter().map(|u| Arg::from(*u)));
    }
    let own: Vec<Arg> = targets(cx).iter().map(|t| Arg::from(t.to_string())).collect();
    query.and_any([("t.unit", units), ("r.target", own)]);
}

/// The filter of what is not closed.
#[must_use]
pub fn open_ones() -> Filter {
    Filter { state: "open".to_owned(), ..Filter::default() }
}

/// A page of a list.
///
/// # Errors
/// `common.forbidden` for a list that the actor does not have.
pub fn list(tx: &mut Tx<'_>, cx: &Cx, view: View, filter: &Filter) -> Result<Page> {
    if !View::of(cx).contains(&view) {
        return Err(Refusal::forbidden("common.forbidden").with("grant", "tasks.read").into());
    }
    match view {
        View::Own => rows::own(tx, cx.office.id, &targets(cx), filter, cx.now),
        View::Given => rows::given(tx, cx.office.id, Some(&cx.actor.units), filter, cx.now),
        View::All => rows::given(tx, cx.office.id, None, filter, cx.now),
    }
}

/// What the actor still owes, the earliest due first: the first page of it.
///
/// # Errors
/// When the database refuses.
pub fn owed(tx: &mut Tx<'_>, cx: &Cx) -> Result<Page> {
    let filter = Filter { state: "owed".to_owned(), ..Filter::default() };
    rows::own(tx, cx.office.id, &targets(cx), &filter, cx.now)
}

/// How many answers the actor owes, for the menu.
///
/// # Errors
/// When the database refuses.
pub fn menu(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(&'static str, i64)>> {
    let own = targets(cx);
    if own.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![("tasks", rows::count_owed(tx, cx.office.id, &own)?)])
}
