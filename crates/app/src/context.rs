//! The context of one act: who, when, in which office, with which rules and keys. Every service function
//! takes it beside the transaction; nothing else is ambient.

use crate::actor::Actor;
use crate::crypto::Vault;
use crate::features::procedures::procedure::Procedure;
use crate::features::settings::model::Settings;
use jiff::tz::TimeZone;
use kernel::{Day, OfficeId, Ts, UnitId};
use std::collections::BTreeMap;
use std::sync::Arc;
use worktime::{Calendar, Hours, Rules};

/// Through which door an act came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A staff page.
    Web,
    /// The API with a token.
    Api,
    /// A public page.
    Public,
    /// A link of a unit without an account.
    Link,
    /// An import.
    Import,
    /// A background job.
    Job,
    /// The command line.
    Cli,
}

impl Source {
    /// As stored in the event.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Web => "web",
            Source::Api => "api",
            Source::Public => "public",
            Source::Link => "link",
            Source::Import => "import",
            Source::Job => "job",
            Source::Cli => "cli",
        }
    }
}

/// A tenant with what its acts need: zone, working time, procedures.
#[derive(Clone, Debug)]
pub struct Office {
    /// The tenant.
    pub id: OfficeId,
    /// Its code, usually that of the street.
    pub code: String,
    /// For example 青禾街道.
    pub name: String,
    /// The short name at the head of case numbers.
    pub short: String,
    /// Its zone.
    pub tz: TimeZone,
    /// Its working time.
    pub rules: Arc<Rules>,
    /// Every calendar it ever counted by, by version.
    pub calendars: Arc<BTreeMap<String, Arc<Calendar>>>,
    /// What it chose beside these.
    pub settings: Arc<Settings>,
    /// The demand procedure in force.
    pub procedure: Arc<Procedure>,
    /// The id of that pack version, pinned when a case opens.
    pub pack_version: i64,
}

impl Office {
    /// The rules by which a due instant was counted, as [`Rules::version`] names them; today's where it is of a
    /// version that nobody knows any more.
    #[must_use]
    pub fn rules_of(&self, version: &str) -> Arc<Rules> {
        if version == self.rules.version() {
            return Arc::clone(&self.rules);
        }
        let (calendar, hours) = version.split_once(' ').unwrap_or((version, ""));
        let calendar = self.calendars.get(calendar).unwrap_or(&self.rules.calendar);
        let hours = Hours::parse(hours).unwrap_or(self.rules.hours);
        Arc::new(Rules { calendar: Arc::clone(calendar), hours, tz: self.tz.clone() })
    }
}

/// The context of one act.
#[derive(Clone, Debug)]
pub struct Cx {
    /// The instant of the act.
    pub now: Ts,
    /// When it really happened, where that is earlier (an offline report, a slip entered in the evening).
    pub occurred: Option<Ts>,
    /// The tenant.
    pub office: Arc<Office>,
    /// Who acts.
    pub actor: Actor,
    /// The unit on whose behalf it is entered 代录.
    pub behalf: Option<UnitId>,
    /// The door.
    pub source: Source,
    /// Keys.
    pub vault: Arc<Vault>,
}

impl Cx {
    /// The local day of the act.
    #[must_use]
    pub fn today(&self) -> Day {
        self.now.day(&self.office.tz)
    }

    /// The same context with the program itself as actor, for what follows from an act by rule.
    #[must_use]
    pub fn as_system(&self) -> Cx {
        Cx { actor: Actor::system(self.office.id), ..self.clone() }
    }
}
