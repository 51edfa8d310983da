//! A procedure as data: states with their phases, clocks, actions with typed effects. Read once, checked
//! as a whole, immutable afterwards.

use super::facts;
use anyhow::{Context, Result, bail, ensure};
use condition::Condition;
use serde::Deserialize;
use std::collections::BTreeMap;
use worktime::Limit;

/// The fixed phases that pages, indicators and public tracking know; a pack's states belong to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// 待受理
    Received,
    /// 待分拨
    Accepted,
    /// 退单待审
    Ruling,
    /// 待签收
    Dispatched,
    /// 办理中
    Handling,
    /// 暂停计时
    Paused,
    /// 挂账
    Shelved,
    /// 待核查
    Checking,
    /// 待回访
    Calling,
    /// 已结案
    Closed,
    /// 不予受理
    Refused,
    /// 撤回、作废、并单
    Ended,
}

impl Phase {
    /// All phases in the order a case passes them.
    pub const ALL: [Phase; 12] = [
        Phase::Received,
        Phase::Accepted,
        Phase::Ruling,
        Phase::Dispatched,
        Phase::Handling,
        Phase::Paused,
        Phase::Shelved,
        Phase::Checking,
        Phase::Calling,
        Phase::Closed,
        Phase::Refused,
        Phase::Ended,
    ];

    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Received => "received",
            Phase::Accepted => "accepted",
            Phase::Ruling => "ruling",
            Phase::Dispatched => "dispatched",
            Phase::Handling => "handling",
            Phase::Paused => "paused",
            Phase::Shelved => "shelved",
            Phase::Checking => "checking",
            Phase::Calling => "calling",
            Phase::Closed => "closed",
            Phase::Refused => "refused",
            Phase::Ended => "ended",
        }
    }

    /// Reads a stored phase.
    #[must_use]
    pub fn parse(text: &str) -> Option<Phase> {
        Phase::ALL.into_iter().find(|p| p.as_str() == text)
    }

    /// Whether somebody still has something to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Phase::Closed | Phase::Refused | Phase::Ended)
    }

    /// Whether there is a result to tell: at most the call-back is still to come.
    #[must_use]
    pub fn has_result(self) -> bool {
        !self.is_open() || self == Phase::Calling
    }
}

/// On what a clock hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockOn {
    /// The case.
    Case,
    /// Each unit's part.
    Assignment,
}

/// A clock as data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    /// Its key: `accept`, `handle` …
    pub key: String,
    /// On what it hangs.
    pub on: ClockOn,
    /// The matter's column with the limit.
    pub limit: Option<String>,
    /// The limit where the matter has none.
    #[serde(rename = "default")]
    default_text: String,
    /// The same, read.
    #[serde(skip)]
    pub default_limit: Option<Limit>,
    /// Actions that start it.
    #[serde(default)]
    pub starts: Vec<String>,
    /// States whose entry starts it.
    #[serde(default)]
    pub starts_in: Vec<String>,
    /// Actions that end it.
    pub ends: Vec<String>,
    /// Whether a pause stops it.
    #[serde(default)]
    pub pauses: bool,
    /// Whether an extension lengthens it.
    #[serde(default)]
    pub extends: bool,
    /// Whether it ends the office's margin before the deadline of an upper platform.
    #[serde(default)]
    pub caps: bool,
}

/// Who may do an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Whoever holds the grant over the case.
    Desk,
    /// The leading unit.
    Lead,
    /// A helping unit.
    Co,
    /// Either of them.
    Unit,
    /// The requester, by number and code.
    Requester,
}

/// What an action does: the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is explained where it is decided, in effects.rs")]
pub enum Directive {
    Classify,
    Subject,
    Urgent,
    Accepted,
    EndRefused,
    EndAnswered,
    EndThanks,
    EndWithdrawn,
    EndVoid,
    Assign,
    AssignCo,
    WithdrawAssignments,
    Sign,
    Handled,
    FinishOwn,
    Done,
    Sample,
    Verified,
    RequestReturn,
    RequestExtension,
    RequestPause,
    GrantRequest,
    RefuseRequest,
    Returned,
    Ruled,
    Extend,
    Pause,
    Resume,
    Shelve,
    Unshelve,
    Again,
    CountRedispatch,
    CountRework,
    CountReopen,
    CountUrge,
    CallMissed,
    Called,
    CalledUnsolved,
    Supervise,
    Exempt,
    PauseAll,
    GiveBack,
    GivenBack,
    NotGivenBack,
    EndReturnedUp,
}

/// Where an action leads under a condition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteText {
    when: Option<String>,
    to: String,
}

/// An action as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionText {
    key: String,
    from: Vec<String>,
    to: Option<String>,
    by: Vec<By>,
    grant: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    takes: Vec<String>,
    when: Option<String>,
    unless: Option<String>,
    refusal: Option<String>,
    effects: Vec<Directive>,
    #[serde(default)]
    routes: Vec<RouteText>,
    #[serde(default)]
    tells: bool,
    #[serde(default)]
    quiet: bool,
    #[serde(default)]
    independent: bool,
    #[serde(default)]
    primary: bool,
    hotkey: Option<String>,
    document: Option<String>,
}

/// An action, read and checked.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its key; the event is called `case.<key>`, the words `action-<key>`.
    pub key: String,
    /// The states in which it may be done.
    pub from: Vec<String>,
    /// Where it leads; the first route whose condition holds. Empty: the state stays.
    pub routes: Vec<(Option<Condition>, String)>,
    /// Who may do it.
    pub by: Vec<By>,
    /// The right it needs.
    pub grant: &'static str,
    /// Inputs that must be given.
    pub needs: Vec<String>,
    /// Inputs that may be given.
    pub takes: Vec<String>,
    /// What must hold.
    pub when: Option<Condition>,
    /// What must not hold.
    pub unless: Option<Condition>,
    /// The refusal when `when` or `unless` forbids it.
    pub refusal: &'static str,
    /// What it does, in order.
    pub effects: Vec<Directive>,
    /// Whether its text is shown to the requester.
    pub tells: bool,
    /// Whether it leaves the record's version alone.
    pub quiet: bool,
    /// Whether somebody else than the handler must do it.
    pub independent: bool,
    /// Whether it is the likely next step.
    pub primary: bool,
    /// Its key on the keyboard.
    pub hotkey: Option<String>,
    /// The kind of document that must be signed before, for example `refusal`.
    pub document: Option<String>,
}

/// A procedure in force.
#[derive(Debug)]
pub struct Procedure {
    /// `demand`.
    pub key: String,
    /// The state of a new case.
    pub initial: String,
    /// State → phase.
    pub states: BTreeMap<String, Phase>,
    /// The clocks.
    pub clocks: Vec<ClockRule>,
    /// The actions, in the order they are offered.
    pub actions: Vec<Action>,
    /// The exact text it was read from; its hash names the version.
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    procedure: Head,
    states: BTreeMap<String, Phase>,
    #[serde(default)]
    clock: Vec<ClockRule>,
    action: Vec<ActionText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    key: String,
    initial: String,
}

impl Procedure {
    /// The demand procedure that the program carries.
    ///
    /// # Errors
    /// Never for a released program; a test reads it.
    pub fn builtin() -> Result<Procedure> {
        Procedure::parse(include_str!("../../../../../packs/demands/procedure.toml"))
    }

    /// Reads and checks a procedure.
    ///
    /// # Errors
    /// Names the action or clock and what is wrong with it.
    pub fn parse(text: &str) -> Result<Procedure> {
        let file: FileText = toml::from_str(text).context("the procedure cannot be read")?;
        ensure!(file.states.contains_key(&file.procedure.initial), "the initial state is not declared");
        let mut clocks = file.clock;
        for clock in &mut clocks {
            let limit = Limit::parse(&clock.default_text);
            clock.default_limit = Some(limit.map_err(|e| anyhow::anyhow!("clock {}: {e:?}", clock.key))?);
        }
        let mut actions = Vec::new();
        for action in file.action {
            let key = action.key.clone();
            actions.push(read_action(action, &file.states).with_context(|| format!("action {key}"))?);
        }
        let procedure = Procedure {
            key: file.procedure.key,
            initial: file.procedure.initial,
            states: file.states,
            clocks,
            actions,
            text: text.to_owned(),
        };
        procedure.check()?;
        Ok(procedure)
    }

    /// The action with a key.
    #[must_use]
    pub fn action(&self, key: &str) -> Option<&Action> {
        self.actions.iter().find(|a| a.key == key)
    }

    /// The phase of a state.
    #[must_use]
    pub fn phase(&self, state: &str) -> Phase {
        self.states.get(state).copied().unwrap_or(Phase::Ended)
    }

    fn check(&self) -> Result<()> {
        for clock in &self.clocks {
            for key in clock.starts.iter().chain(&clock.ends) {
                let known = matches!(key.as_str(), "open" | "split") || self.action(key).is_some();
                ensure!(known, "clock {}: there is no action {key}", clock.key);
            }
            for state in &clock.starts_in {
                ensure!(self.states.contains_key(state), "clock {}: there is no state {state}", clock.key);
            }
        }
        Ok(())
    }
}

/// A route that leaves the state as it is.
pub(super) const STAY: &str = "stay";

/// The inputs an action may name.
const INPUTS: [&str; 17] = [
    "matter",
    "subject",
    "urgent",
    "note",
    "reason",
    "basis",
    "route",
    "lead",
    "co",
    "limit",
    "photos",
    "request",
    "until",
    "missing",
    "reviewer",
    "solved",
    "satisfied",
];

fn read_action(text: ActionText, states: &BTreeMap<String, Phase>) -> Result<Action> {
    for state in text.from.iter().chain(text.to.iter()).chain(text.routes.iter().map(|r| &r.to)) {
        ensure!(state == STAY || states.contains_key(state), "there is no state {state}");
    }
    for input in text.needs.iter().chain(&text.takes) {
        ensure!(INPUTS.contains(&input.as_str()), "there is no input {input}");
    }
    if text.to.is_some() && !text.routes.is_empty() {
        bail!("`to` and `routes` exclude each other");
    }
    let mut routes = Vec::new();
    for route in text.routes {
        routes.push((route.when.as_deref().map(facts::parse).transpose()?, route.to));
    }
    routes.extend(text.to.map(|to| (None, to)));
    if let Some((last, _)) = routes.last() {
        ensure!(last.is_none(), "the last route must hold always");
    }
    Ok(Action {
        from: text.from,
        routes,
        by: text.by,
        grant: kept(text.grant),
        needs: text.needs,
        takes: text.takes,
        when: text.when.as_deref().map(facts::parse).transpose()?,
        unless: text.unless.as_deref().map(facts::parse).transpose()?,
        refusal: kept(text.refusal.unwrap_or_else(|| "demands.act.not_now".to_owned())),
        effects: text.effects,
        tells: text.tells,
        quiet: text.quiet,
        independent: text.independent,
        primary: text.primary,
        hotkey: text.hotkey,
        document: text.document,
        key: text.key,
    })
}

/// Grants and refusal codes are `&'static str` everywhere; those a pack names are few and live as long as
/// the program, so each is kept once.
fn kept(text: String) -> &'static str {
    use std::collections::HashSet;
    use std::sync::{LazyLock, Mutex, PoisonError};
    static KEPT: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    match all.get(text.as_str()) {
        Some(found) => found,
        None => {
            let leaked: &'static str = Box::leak(text.into_boxed_str());
            all.insert(leaked);
            leaked
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demand_procedure_is_read() {
        let procedure = Procedure::builtin().unwrap();
        assert_eq!(procedure.key, "demand");
        assert!(procedure.action("return").unwrap().unless.is_some());
        assert_eq!(procedure.action("finish").unwrap().routes.len(), 3);
    }

    #[test]
    fn a_wrong_procedure_is_refused_with_its_place() {
        let text =
            Procedure::builtin().unwrap().text.replace("unless = \"case.ruled\"", "unless = \"case.rueld\"");
        let error = format!("{:#}", Procedure::parse(&text).unwrap_err());
        assert!(error.contains("return") && error.contains("case.rueld"), "{error}");
    }
}
