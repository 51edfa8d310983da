//! Who acts, with which rights, and what they may see. A [`Scope`] is made only from an [`Actor`] and
//! never compiles to nothing (DECISIONS 18, 19).

use kernel::{AccountId, OfficeId, PlaceId, PostId, Refusal, UnitId};
use serde::{Deserialize, Serialize};
use store::{Arg, Query};

/// How far a grant reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reach {
    /// The whole office.
    Office,
    /// One community and what lies in it.
    Community(PlaceId),
    /// One grid and what lies in it.
    Grid(PlaceId),
    /// What a unit leads, helps with or has handed in.
    Unit(UnitId),
}

/// One right: a `capability.verb` and its reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// For example `demands.dispatch`.
    pub verb: String,
    /// How far it reaches.
    pub reach: Reach,
    /// The post that brings it.
    pub post: PostId,
}

/// What sort of actor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// An account of the office, by page, API or command.
    Staff,
    /// The requester, who proved it with number and code.
    Requester,
    /// The program itself: alarms, imports, the demo.
    System,
}

/// Who acts.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The tenant.
    pub office: OfficeId,
    /// What sort of actor.
    pub kind: ActorKind,
    /// The account, for staff.
    pub account: Option<AccountId>,
    /// The name shown in the log.
    pub name: String,
    /// The post in whose name the act is done: the first one held, unless chosen.
    pub post: Option<PostId>,
    /// The unit of that post.
    pub unit: Option<UnitId>,
    /// The units of all posts held.
    pub units: Vec<UnitId>,
    /// Those units and all above them: a case about one of these is not theirs to see.
    pub unit_line: Vec<UnitId>,
    /// All rights of all posts held now, acting ones included.
    pub grants: Vec<Grant>,
}

impl Actor {
    /// The program itself, with every right in the office; never reachable from a request.
    #[must_use]
    pub fn system(office: OfficeId) -> Actor {
        Actor {
            office,
            kind: ActorKind::System,
            account: None,
            name: "system".to_owned(),
            post: None,
            unit: None,
            units: Vec::new(),
            unit_line: Vec::new(),
            grants: Vec::new(),
        }
    }

    /// A requester: no rights but the acts on their own report.
    #[must_use]
    pub fn requester(office: OfficeId) -> Actor {
        Actor { kind: ActorKind::Requester, name: "requester".to_owned(), ..Actor::system(office) }
    }

    /// Whether some post brings this right, whatever its reach.
    #[must_use]
    pub fn has(&self, verb: &str) -> bool {
        self.kind == ActorKind::System || self.grants.iter().any(|g| g.verb == verb)
    }

    /// The reaches of a right.
    pub fn reaches<'a>(&'a self, verb: &'a str) -> impl Iterator<Item = Reach> + 'a {
        self.grants.iter().filter(move |g| g.verb == verb).map(|g| g.reach)
    }

    /// Refuses unless some post brings this right.
    ///
    /// # Errors
    /// `common.forbidden` with the right's name.
    pub fn need(&self, verb: &'static str) -> Result<(), Refusal> {
        if self.has(verb) { Ok(()) } else { Err(Refusal::forbidden("common.forbidden").with("grant", verb)) }
    }

    /// Whether one of the posts lets the actor work at intake, who see a case before its subject is known.
    #[must_use]
    pub fn is_intake(&self) -> bool {
        self.has("demands.accept") || self.has("demands.dispatch")
    }

    /// The scope of a right over cases.
    #[must_use]
    pub fn scope(&self, verb: &'static str) -> Scope<'_> {
        Scope { actor: self, verb }
    }
}

/// What a right lets an actor see of the cases. Compiles to equality on office, community, grid and
/// unit, and always excludes the subject of a complaint, those under it and its staff.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    actor: &'a Actor,
    verb: &'static str,
}

impl Scope<'_> {
    /// Adds the scope to a list whose cases table is called `c`.
    pub fn restrict(&self, query: &mut Query) {
        query.and("c.office = ?", [self.actor.office.into()]);
        if self.actor.kind == ActorKind::System {
            return;
        }
        self.restrict_reach(query);
        self.restrict_subject(query);
        for (class, grant) in [
            ("petition", "demands.read_petition"),
            ("report", "demands.read_report"),
            ("protected", "demands.read_protected"),
        ] {
            if !self.actor.has(grant) {
                query.and("c.class <> ?", [class.into()]);
            }
        }
    }

    fn restrict_reach(&self, query: &mut Query) {
        let reaches: Vec<Reach> = self.actor.reaches(self.verb).collect();
        if reaches.contains(&Reach::Office) {
            return;
        }
        let mut text = String::new();
        let mut args: Vec<Arg> = Vec::new();
        let mut next = query.next_arg();
        for reach in reaches {
            let (piece, id) = match reach {
                Reach::Office => continue,
                Reach::Community(id) => ("c.community_id = $", id.0),
                Reach::Grid(id) => ("c.grid_id = $", id.0),
                Reach::Unit(id) => (
                    "exists (select 1 from assignment a where a.office = c.office and a.case_id = c.id and a.state <> 'off' and a.unit = $",
                    id.0,
                ),
            };
            if !text.is_empty() {
                text.push_str(" or ");
            }
            text.push_str(piece);
            text.push_str(&next.to_string());
            if matches!(reach, Reach::Unit(_)) {
                text.push(')');
            }
            args.push(id.into());
            next += 1;
        }
        if text.is_empty() {
            text.push_str("1 = 0");
        }
        query.condition(&text, args);
    }

    fn restrict_subject(&self, query: &mut Query) {
        if !self.actor.is_intake() {
            query.and("c.subject_known", []);
        }
        query.and_not_in("c.subject_unit", self.actor.unit_line.iter().map(|u| Arg::from(*u)));
    }
}
