//! Who is on duty, in one line: on every home page, on the page of duty, on the duty PC.

use super::model::OnDuty;
use super::service::{self, kind_name};
use crate::context::Cx;
use crate::words::Words;
use ::store::{Result, Tx};

/// One kind of duty with who has it.
#[derive(Clone, Debug)]
pub struct Post {
    /// The kind's name.
    pub kind: String,
    /// Names and numbers.
    pub people: Vec<(String, String)>,
}

/// Who is on duty now, for the office or for a unit.
#[derive(Clone, Debug)]
pub struct Strip {
    /// Whose duty; blank for the office's.
    pub unit: String,
    /// Leader first, as it is read out.
    pub posts: Vec<Post>,
    /// Until when the first of them is.
    pub until: String,
    /// Whether nobody is.
    pub nobody: bool,
}

/// Who is on duty now: the office's people, and those of the actor's own unit where it has duty of its own. Empty for
/// whoever does not see the lists.
///
/// # Errors
/// When the database refuses.
pub fn now(tx: &mut Tx<'_>, cx: &Cx, w: &Words) -> Result<Vec<Strip>> {
    if !cx.actor.has("roster.read") {
        return Ok(Vec::new());
    }
    let office = service::on_duty(tx, cx, None, cx.now)?;
    let mut out = vec![strip(tx, cx, w, &office, String::new())?];
    for unit in &cx.actor.units {
        let own = service::on_duty(tx, cx, Some(*unit), cx.now)?;
        if own.first().is_some_and(|d| d.unit.is_some()) {
            let name = service::units(tx, cx)?.into_iter().find(|(id, _)| id == unit).map(|(_, name)| name);
            out.push(strip(tx, cx, w, &own, name.unwrap_or_default())?);
        }
    }
    Ok(out)
}

/// Some people on duty, as they are shown.
///
/// # Errors
/// When the database refuses.
pub fn strip(tx: &mut Tx<'_>, cx: &Cx, w: &Words, on: &[OnDuty], unit: String) -> Result<Strip> {
    let (setup, _) = service::setup(tx, cx)?;
    let mut posts = Vec::new();
    for kind in &setup.kinds {
        let people: Vec<(String, String)> =
            on.iter().filter(|d| d.kind == kind.key).map(|d| (d.name.clone(), d.phone.clone())).collect();
        if !people.is_empty() {
            posts.push(Post { kind: kind_name(w, &setup, &kind.key), people });
        }
    }
    let until = on.iter().map(|d| d.until).min().map(|at| w.when(at)).unwrap_or_default();
    Ok(Strip { unit, nobody: posts.is_empty(), posts, until })
}
