//! The next step of a case and its instant, from where the case stands and what was drawn for it.

use super::data::Mode;
use super::life::{Hold, Life, Step};
use super::world::World;
use crate::features::procedures::state::{Assignment, AssignmentState, CaseState, ClockState, Role};
use kernel::Ts;
use worktime::{Limit, LimitUnit};

/// What the accept clock counts by before the matter is known.
const ACCEPT: Limit = Limit::new(LimitUnit::WorkHour, 2_000);

/// The next step after an instant; `None` when the case stays where it is.
pub(super) fn next(world: &World, life: &mut Life, case: &CaseState, now: Ts) -> Option<(Ts, Step)> {
    if is_kept(life, case) {
        return None;
    }
    let (at, step) = match case.state.as_str() {
        "received" => received(world, life, now)?,
        "accepted" => accepted(world, life, now),
        "dispatched" => dispatched(world, life, case, now)?,
        "ruling" => (soon(world, life, now, (20, 190)), Step::Rule),
        "handling" => handling(world, life, case, now)?,
        "paused" => (soon(world, life, now, (300, 2_600)), Step::Resume),
        "shelved" if life.fate.shelve == Some(true) => {
            (soon(world, life, now, (4_200, 14_000)), Step::Unshelve)
        }
        "checking" => {
            (soon(world, life, now, (15, 300)), if life.fate.rework { Step::Fail } else { Step::Pass })
        }
        "calling" => calling(world, life, case, now),
        _ => return None,
    };
    Some((at.max(now.plus(20 * Ts::SECOND)), step))
}

/// Whether the case has reached the place where it is kept.
fn is_kept(life: &Life, case: &CaseState) -> bool {
    let Some(hold) = life.cast.hold else { return false };
    let waits = |kind: &str| case.requests.iter().any(|r| r.kind == kind && r.granted.is_none());
    match hold {
        Hold::Received => case.state == "received",
        Hold::Accepted => case.state == "accepted",
        Hold::Dispatched => case.state == "dispatched",
        Hold::Ruling => case.state == "ruling",
        Hold::Handling | Hold::Late => case.state == "handling" && !life.fate.progress && !unsigned(case),
        Hold::Asked => waits("extension"),
        Hold::PauseAsked => waits("pause"),
        Hold::Paused => case.state == "paused",
        Hold::Shelved => case.state == "shelved",
        Hold::Checking => case.state == "checking",
        Hold::Calling => case.state == "calling" && life.fate.missed == 0,
        Hold::Split => case.state == "split",
    }
}

fn unsigned(case: &CaseState) -> bool {
    case.assignments.iter().any(|a| a.state == AssignmentState::Sent)
}

/// So many working minutes later; a case that is to be kept somewhere hurries there.
fn soon(world: &World, life: &mut Life, now: Ts, within: (i64, i64)) -> Ts {
    let within = if life.cast.hold.is_some() { (4, 13) } else { within };
    world.axis.later(now, life.chance.between(within.0, within.1))
}

/// A share of a limit, in thousandths, seldom more than the whole.
fn share(world: &World, life: &mut Life, now: Ts, limit: Limit, (from, to, late): (i64, i64, i64)) -> Ts {
    if life.cast.hold.is_some() {
        return soon(world, life, now, (4, 13));
    }
    let part = if life.chance.of_thousand(late) {
        life.chance.between(1_050, 1_700)
    } else {
        life.chance.between(from, to)
    };
    world.axis.part(now, limit, part)
}

fn received(world: &World, life: &mut Life, now: Ts) -> Option<(Ts, Step)> {
    let story = world.data.stories.get(life.cast.story)?;
    let urgent = world.matters.get(&life.cast.matter).is_some_and(|m| m.emergency);
    if urgent {
        return Some((now.plus(life.chance.between(2, 12) * Ts::MINUTE), Step::Accept));
    }
    if life.cast.joins.is_some() {
        return Some((share(world, life, now, ACCEPT, (60, 700, 0)), Step::Merge));
    }
    let mode = if life.cast.parent.is_some() { Mode::Ordinary } else { story.mode };
    let step = match mode {
        Mode::Answered => Step::Answer,
        Mode::Thanks => Step::Thank,
        Mode::Refused | Mode::Handover => Step::Refuse,
        Mode::Split => Step::Split,
        Mode::Ordinary | Mode::OnTheSpot => Step::Accept,
    };
    Some((share(world, life, now, ACCEPT, (30, 800, 25)), step))
}

fn accepted(world: &World, life: &mut Life, now: Ts) -> (Ts, Step) {
    let limit = world.matters.get(&life.cast.matter).map_or(ACCEPT, |m| m.dispatch_limit);
    let at = share(world, life, now, limit, (80, 850, 30));
    let step = if life.fate.void {
        Step::Void
    } else if life.fate.send_back {
        Step::SendBack
    } else if life.fate.withdraw && life.chance.of_thousand(400) {
        Step::Withdraw
    } else {
        Step::Dispatch
    };
    (at, step)
}

fn dispatched(world: &World, life: &mut Life, case: &CaseState, now: Ts) -> Option<(Ts, Step)> {
    let limit = world.matters.get(&life.cast.matter).map_or(ACCEPT, |m| m.sign_limit);
    if life.fate.ret.is_some() && !case.ruled && life.chance.of_thousand(500) {
        return Some((share(world, life, now, limit, (150, 800, 0)), Step::Return));
    }
    let lead = case.lead().is_some_and(|a| a.state == AssignmentState::Sent);
    let step = if lead {
        Step::SignLead
    } else if unsigned(case) {
        Step::SignCo
    } else {
        return None;
    };
    Some((share(world, life, now, limit, (40, 700, 30)), step))
}

fn of_role(case: &CaseState, role: Role, state: AssignmentState) -> Option<&Assignment> {
    case.assignments.iter().find(|a| a.role == role && a.state == state)
}

fn handling(world: &World, life: &mut Life, case: &CaseState, now: Ts) -> Option<(Ts, Step)> {
    let lead = case.lead()?;
    let due = case
        .clocks
        .iter()
        .rev()
        .find(|c| c.kind == "handle" && c.assignment == Some(lead.id) && c.state == ClockState::Running);
    let due = due.and_then(|c| c.due).unwrap_or(now);
    if unsigned(case) {
        return Some((soon(world, life, now, (5, 90)), Step::SignCo));
    }
    if case.requests.iter().any(|r| r.kind == "extension" && r.granted.is_none()) {
        return Some((soon(world, life, now, (20, 170)), Step::DecideExtension));
    }
    if case.requests.iter().any(|r| r.kind == "pause" && r.granted.is_none()) {
        return Some((soon(world, life, now, (20, 170)), Step::GrantPause));
    }
    let finish = finish_at(world, life, lead.sent_at, due, now);
    // Working minutes to the likely end, of which the steps in between take their shares.
    let left = (world.axis.position(finish.min(due)) - world.axis.position(now)).max(8);
    let between = |life: &mut Life, from: i64, to: i64| {
        soon(world, life, now, (left * from / 100 + 1, left * to / 100 + 2))
    };
    let step = if life.fate.redispatch {
        (between(life, 5, 20), Step::Redispatch)
    } else if life.fate.ret.is_some() && !case.ruled {
        (between(life, 5, 25), Step::Return)
    } else if life.fate.withdraw {
        (between(life, 10, 60), Step::Withdraw)
    } else if life.fate.progress {
        (between(life, 15, 50), Step::Progress)
    } else if life.fate.extension.is_some() && now < due {
        (between(life, 30, 70), Step::AskExtension)
    } else if life.fate.pause {
        (between(life, 20, 50), Step::AskPause)
    } else if life.fate.shelve.is_some() {
        (between(life, 30, 70), Step::Shelve)
    } else if of_role(case, Role::Co, AssignmentState::Signed).is_some() {
        (between(life, 25, 75), Step::FinishCo)
    } else {
        (finish, Step::Finish)
    };
    Some(step)
}

/// When this round of handling ends: mostly well before the due instant, else clearly after it.
fn finish_at(world: &World, life: &mut Life, start: Ts, due: Ts, now: Ts) -> Ts {
    if life.cast.hold.is_some() {
        return soon(world, life, now, (4, 13));
    }
    // An extension or a pause moves the due instant, a reopening begins anew: then the end is drawn again.
    if let Some((of, at)) = life.round
        && of == due
    {
        return if at > now { at } else { soon(world, life, now, (6, 50)) };
    }
    let urgent =
        world.matters.get(&life.cast.matter).is_some_and(|m| m.handle_limit.unit == LimitUnit::UrgentHour);
    let at = if life.fate.overdue {
        life.fate.overdue = false;
        world.axis.later(due, life.chance.between(40, 1_100))
    } else if urgent {
        start.plus(due.since(start) * life.chance.between(180, 900) / 1_000)
    } else {
        let (from, to) = (world.axis.position(start), world.axis.position(due));
        // Many end early, few on the last day.
        let part = life.chance.between(60, 960).min(life.chance.between(60, 990));
        world
            .axis
            .instant(from + (to - from) * part / 1_000, start.plus(life.chance.between(0, 59) * Ts::SECOND))
    };
    let at = if at > now { at } else { soon(world, life, now, (6, 50)) };
    life.round = Some((due, at));
    at
}

fn calling(world: &World, life: &mut Life, case: &CaseState, now: Ts) -> (Ts, Step) {
    let at = soon(world, life, now, (15, 380));
    let step = if life.fate.missed > 0 || (life.fate.unreached && case.missed_calls < 2) {
        Step::CallMissed
    } else if life.fate.unreached {
        Step::CloseUnreached
    } else if life.fate.call_reopen {
        Step::CallReopen
    } else {
        Step::CallClose
    };
    (at, step)
}
