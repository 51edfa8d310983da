//! The life of one case: what was drawn for it at the start, and how far it is.

use super::chance::Chance;
use super::site::Slots;
use crate::features::parties::service::Contact;
use crate::features::procedures::state::Location;
use kernel::{AccountId, CaseId, ReportId, Ts};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a case is kept so that each desk finds work when the demonstration opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hold {
    Received,
    Accepted,
    Dispatched,
    Ruling,
    Handling,
    /// In hand and late.
    Late,
    /// An extension waits for the answer.
    Asked,
    /// A pause waits for the answer.
    PauseAsked,
    Paused,
    Shelved,
    Checking,
    Calling,
    Split,
}

/// What was drawn for a case when it was cast; never changed.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    pub(super) story: usize,
    pub(super) matter: String,
    pub(super) channel: String,
    pub(super) kind: String,
    pub(super) class: String,
    /// When it is entered.
    pub(super) arrive: Ts,
    /// When it happened, where a night's call is entered in the morning.
    pub(super) occurred: Option<Ts>,
    pub(super) text: String,
    pub(super) title: String,
    pub(super) contact: Contact,
    pub(super) reply_wanted: bool,
    pub(super) share: bool,
    pub(super) grid: usize,
    pub(super) at: Location,
    /// Pictures the reporter sent.
    pub(super) photos: usize,
    pub(super) hold: Option<Hold>,
    /// The life it is merged into, if that is still open.
    pub(super) joins: Option<usize>,
    /// The life it was split from.
    pub(super) parent: Option<usize>,
}

/// What is still to happen to a case beyond the plain way.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate {
    pub(super) send_back: bool,
    /// A return, and whether it is upheld.
    pub(super) ret: Option<bool>,
    pub(super) redispatch: bool,
    pub(super) co: bool,
    /// An extension, and whether it is granted.
    pub(super) extension: Option<bool>,
    pub(super) pause: bool,
    /// Shelved, and whether it is taken up again.
    pub(super) shelve: Option<bool>,
    pub(super) supervise: bool,
    pub(super) urge: bool,
    pub(super) supplement: bool,
    pub(super) reveal: bool,
    pub(super) progress: bool,
    pub(super) overdue: bool,
    pub(super) rework: bool,
    pub(super) missed: u8,
    pub(super) unreached: bool,
    pub(super) call_reopen: bool,
    pub(super) rate: bool,
    pub(super) rate_reopen: bool,
    pub(super) withdraw: bool,
    pub(super) void: bool,
    pub(super) exempt: bool,
    /// Entered by the desk for the unit 代录, though it has people of its own.
    pub(super) behalf: bool,
}

/// A case under way.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) cast: Arc<Cast>,
    pub(super) chance: Chance,
    pub(super) fate: Fate,
    pub(super) slots: Slots,
    pub(super) case: Option<CaseId>,
    pub(super) report: Option<ReportId>,
    /// Raised whenever the plan is made anew; a step of an older turn no longer counts.
    pub(super) turn: u32,
    /// When the present round of handling began and by when it is to be finished.
    pub(super) round: Option<(Ts, Ts)>,
    /// Who has handled it: they neither verify nor call back.
    pub(super) hands: Vec<AccountId>,
    pub(super) over: bool,
}

impl Life {
    pub(super) fn new(cast: Cast, fate: Fate, slots: Slots, chance: Chance) -> Life {
        Life {
            cast: Arc::new(cast),
            chance,
            fate,
            slots,
            case: None,
            report: None,
            turn: 0,
            round: None,
            hands: Vec::new(),
            over: false,
        }
    }
}

/// A step of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Arrive,
    Accept,
    Refuse,
    Answer,
    Thank,
    Split,
    Merge,
    SendBack,
    Dispatch,
    Redispatch,
    SignLead,
    SignCo,
    Return,
    Rule,
    Progress,
    AskExtension,
    DecideExtension,
    AskPause,
    GrantPause,
    Resume,
    Shelve,
    Unshelve,
    FinishCo,
    Finish,
    Pass,
    Fail,
    CallMissed,
    CallClose,
    CallReopen,
    CloseUnreached,
    Withdraw,
    Void,
    // Beside the way: done if the case is open for it when the time comes.
    Urge,
    Supplement,
    Supervise,
    Reveal,
    Rate,
    Exempt,
    WriteBack,
    RatedAbove,
    /// Look at the case again: something happened to it from elsewhere.
    Wake,
}

impl Step {
    /// Whether it belongs to the way that [`super::plan`] lays out.
    pub(super) fn is_planned(self) -> bool {
        !matches!(
            self,
            Step::Arrive
                | Step::Urge
                | Step::Supplement
                | Step::Supervise
                | Step::Reveal
                | Step::Rate
                | Step::Exempt
                | Step::WriteBack
                | Step::RatedAbove
                | Step::Wake
        )
    }
}

/// A step laid at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Laid {
    pub(super) life: usize,
    pub(super) turn: u32,
    pub(super) step: Step,
}

/// Everything that changes while it is played; cloned at the start of each write body, which may be run again.
#[derive(Clone, Debug, Default)]
pub(super) struct Stage {
    pub(super) lives: Vec<Life>,
    pub(super) queue: BTreeMap<(Ts, u64), Laid>,
    pub(super) next: u64,
    /// Numbers of the upper platform given out, by day.
    pub(super) upper: BTreeMap<i64, i64>,
    /// Until when early warnings and overdue marks have been written.
    pub(super) alarms: Ts,
    /// Steps done.
    pub(super) done: u64,
    /// Steps that a rule forbade: a fault of the demonstration.
    pub(super) refused: Vec<(usize, Step, String)>,
}

impl Stage {
    /// Lays a step.
    pub(super) fn lay(&mut self, at: Ts, life: usize, step: Step) {
        let turn = self.lives.get(life).map_or(0, |l| l.turn);
        self.queue.insert((at, self.next), Laid { life, turn, step });
        self.next += 1;
    }
}
