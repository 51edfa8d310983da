//! What happened to a case, in the order it happened, for pages: staff see all of it, the requester what is
//! theirs to know.

use super::alarms::Alarm;
use super::procedure::Phase;
use super::service::read_act;
use super::state::{Act, Effect};
use crate::context::Cx;
use crate::events::{self, Event, Stream};
use kernel::{CaseId, Ts, UnitId};
use store::Result;
use store::Tx;

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The event.
    pub event: Event,
    /// The act, unless it is an alarm or a look.
    pub act: Option<Act>,
    /// The alarm, if it is one.
    pub alarm: Option<Alarm>,
}

impl Entry {
    /// Entered later than it happened by more than five minutes: both times are shown.
    #[must_use]
    pub fn is_late_entry(&self) -> bool {
        self.event.recorded_at.since(self.event.occurred_at) > 5 * Ts::MINUTE
    }

    /// The unit it was done for.
    #[must_use]
    pub fn unit(&self) -> Option<UnitId> {
        self.event.behalf.or(self.event.unit)
    }
}

/// All entries of a case, oldest first.
///
/// # Errors
/// When the database refuses.
pub fn of_case(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Entry>> {
    let events = events::list(tx, cx.office.id, Stream::Case, case.0)?;
    events
        .into_iter()
        .map(|event| {
            let act = read_act(&event)?;
            let alarm = if event.kind == "case.alarm" { Some(event.read()?) } else { None };
            Ok(Entry { event, act, alarm })
        })
        .collect()
}

/// A step of the requester's own account: which phase was reached when, by which unit, with which words.
#[derive(Clone, Debug)]
pub struct PublicStep {
    /// When.
    pub at: Ts,
    /// The action's key, for its words.
    pub action: String,
    /// The phase reached, where it changed.
    pub phase: Option<Phase>,
    /// Units that got the case by this step: lead first.
    pub units: Vec<UnitId>,
    /// The text, where the action tells it. Identifiers in it are chips.
    pub text: Option<String>,
    /// The lawful route told with a refusal.
    pub route: Option<String>,
    /// Who reviews, where it is said.
    pub reviewer: Option<String>,
    /// Pictures that go with the text.
    pub photos: Vec<kernel::AttachmentId>,
}

/// What the requester is shown: changes of phase, dispatch, and texts that are told.
#[must_use]
pub fn public(entries: &[Entry]) -> Vec<PublicStep> {
    let mut out = Vec::new();
    for entry in entries {
        let Some(act) = &entry.act else { continue };
        let units: Vec<UnitId> = act
            .effects
            .iter()
            .filter_map(|e| if let Effect::Assign { unit, .. } = e { Some(*unit) } else { None })
            .collect();
        if !act.tells && act.to.is_none() {
            continue;
        }
        let told = act.tells.then(|| act.said.note.clone().or_else(|| act.said.reason.clone())).flatten();
        out.push(PublicStep {
            at: entry.event.occurred_at,
            action: act.action.clone(),
            phase: act.to.as_ref().map(|t| t.1),
            units,
            text: told,
            route: act.said.route.clone().filter(|_| act.tells),
            reviewer: act.said.reviewer.clone().filter(|_| act.tells),
            photos: if act.tells { act.photos.clone() } else { Vec::new() },
        });
    }
    out
}
