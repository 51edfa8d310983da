//! What people are made of: units, posts, holdings, accounts. No database, no pages.

use crate::actor::Reach;
use kernel::{AccountId, CaseId, PlaceId, PostId, RoleId, Ts, UnitId};
use serde::{Deserialize, Serialize};
use store::Arg;

/// Kinds of units.
pub const UNIT_KINDS: [&str; 6] =
    ["street_department", "community", "public_unit", "contractor", "property", "upper_department"];

/// Whether units of this kind may see a requester's contact only with the requester's own consent
/// (REAL-DAYS, guard 2): firms with a contract and property firms.
#[must_use]
pub fn needs_consent(unit_kind: &str) -> bool {
    matches!(unit_kind, "contractor" | "property")
}

/// A holding: somebody on a post from–to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HoldingId(pub i64);

impl From<HoldingId> for Arg {
    fn from(id: HoldingId) -> Arg {
        Arg::Int(id.0)
    }
}

/// A role given to a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PostRoleId(pub i64);

impl From<PostRoleId> for Arg {
    fn from(id: PostRoleId) -> Arg {
        Arg::Int(id.0)
    }
}

/// A unit of the office or around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its code within the office.
    pub code: String,
    /// Its full name.
    pub name: String,
    /// The name on screens.
    pub short: String,
    /// Sorts by sound.
    pub sort_key: String,
    /// One of [`UNIT_KINDS`].
    pub kind: String,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// Where it sits or works.
    pub place: Option<PlaceId>,
    /// The number people may be told.
    pub phone: Option<String>,
    /// Whether it still exists.
    pub active: bool,
    /// Raised by every change.
    pub version: i64,
}

/// A unit to be made, or what an existing one is to become.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewUnit {
    /// Its code; unique in the office.
    pub code: String,
    /// Its full name.
    pub name: String,
    /// The name on screens; the full name when blank.
    pub short: String,
    /// One of [`UNIT_KINDS`].
    pub kind: String,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// Where it sits or works.
    pub place: Option<PlaceId>,
    /// The number people may be told.
    pub phone: Option<String>,
}

/// A post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// Its unit.
    pub unit: UnitId,
    /// A kind of `packs/base/posts.toml`.
    pub kind: String,
    /// As it is called.
    pub title: String,
    /// The place it answers for.
    pub place: Option<PlaceId>,
    /// The number residents may call.
    pub phone_public: Option<String>,
    /// Whether it still exists.
    pub active: bool,
    /// Raised by every change.
    pub version: i64,
}

/// A post to be made, or what an existing one is to become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewPost {
    /// Its unit.
    pub unit: UnitId,
    /// A kind of `packs/base/posts.toml`.
    pub kind: String,
    /// As it is called.
    pub title: String,
    /// The place it answers for.
    pub place: Option<PlaceId>,
    /// The number residents may call.
    pub phone_public: Option<String>,
}

/// A post with its unit, its place and who holds it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostView {
    /// The post.
    pub post: Post,
    /// The unit's short name.
    pub unit: String,
    /// The place's name.
    pub place: Option<String>,
    /// The kind of the place.
    pub place_kind: Option<String>,
    /// Who holds it now, acting holders last.
    pub holders: Vec<Holder>,
}

/// Who holds a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The holding.
    pub holding: HoldingId,
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// 代班
    pub acting: bool,
    /// When it ends.
    pub until: Option<Ts>,
}

/// An account without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What is typed to log in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Sorts by sound.
    pub sort_key: String,
    /// `active`, `locked` by an administrator, or `closed` for good.
    pub state: String,
    /// The language chosen.
    pub locale: Option<String>,
    /// Whether a second factor is set up.
    pub has_totp: bool,
    /// Locked after failures until then.
    pub locked_until: Option<Ts>,
    /// When the person last chose a password; `None` asks for a new one at the next log-in.
    pub password_at: Option<Ts>,
    /// Raised by every change.
    pub version: i64,
}

/// An account to be made.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// 3–40 of `a-z 0-9 . _ -`.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The language, if chosen.
    pub locale: Option<String>,
    /// The hash of the first password (made outside the transaction: hashing is slow); `None` lets nobody in.
    pub password_hash: Option<String>,
}

/// Somebody on a post, as seen from the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its id.
    pub id: HoldingId,
    /// Who.
    pub account: AccountId,
    /// The post.
    pub post: PostId,
    /// Its title.
    pub title: String,
    /// The unit.
    pub unit: UnitId,
    /// Its short name.
    pub unit_name: String,
    /// The place's name.
    pub place: Option<String>,
    /// 代班
    pub acting: bool,
    /// `asked`, `active`, `refused`.
    pub state: String,
    /// From when.
    pub from: Ts,
    /// Until when, not included.
    pub until: Option<Ts>,
}

impl Holding {
    /// Whether it is in force.
    #[must_use]
    pub fn is_now(&self, now: Ts) -> bool {
        self.state == "active" && self.from <= now && self.until.is_none_or(|until| until > now)
    }
}

/// A post to be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fill {
    /// The post.
    pub post: PostId,
    /// By whom.
    pub account: AccountId,
    /// 代班: beside the holder, with an end.
    pub acting: bool,
    /// From when.
    pub from: Ts,
    /// Until when, not included.
    pub until: Option<Ts>,
}

/// A role as the office has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its code.
    pub code: String,
    /// `verb@scope` each.
    pub grants: Vec<RoleGrant>,
}

/// One line of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// `capability.verb`.
    pub verb: String,
    /// How it takes its reach from the post.
    pub scope: ScopeKind,
}

/// How a grant takes its reach from the post that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// The whole office.
    Office,
    /// The place of the post.
    Place,
    /// The unit of the post.
    Unit,
}

impl RoleGrant {
    /// Reads `verb@scope`.
    #[must_use]
    pub fn parse(text: &str) -> Option<RoleGrant> {
        let (verb, scope) = text.split_once('@')?;
        let scope = match scope {
            "office" => ScopeKind::Office,
            "place" => ScopeKind::Place,
            "unit" => ScopeKind::Unit,
            _ => return None,
        };
        let (capability, act) = verb.split_once('.')?;
        let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        (plain(capability) && plain(act)).then(|| RoleGrant { verb: verb.to_owned(), scope })
    }
}

/// A role given to a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostRole {
    /// Its id.
    pub id: PostRoleId,
    /// The post.
    pub post: PostId,
    /// The role's code.
    pub role: String,
    /// `asked`, `active`, `refused`, `ended`.
    pub state: String,
    /// Who asked.
    pub asked_by: Option<AccountId>,
    /// When.
    pub asked_at: Ts,
}

/// A grant that waits for its second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pending {
    /// A role for a post.
    Role(PostRoleId),
    /// A person for a post that carries roles.
    Holding(HoldingId),
}

/// A grant that waits, as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingView {
    /// Which.
    pub pending: Pending,
    /// The post.
    pub post: PostId,
    /// Its title.
    pub title: String,
    /// The unit's short name.
    pub unit: String,
    /// The place's name.
    pub place: Option<String>,
    /// The role's code, for a role; all the post's roles for a person.
    pub roles: Vec<String>,
    /// The person, for a holding; who holds the post, for a role.
    pub people: Vec<String>,
    /// Who asked, by name.
    pub asked_by: Option<String>,
    /// The same.
    pub asked_by_id: Option<AccountId>,
    /// When.
    pub asked_at: Ts,
    /// For a holding: from when.
    pub from: Option<Ts>,
    /// For a holding: until when.
    pub until: Option<Ts>,
}

/// Where an act would take place: what a [`Reach`] is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The community.
    pub community: Option<PlaceId>,
    /// The grid.
    pub grid: Option<PlaceId>,
    /// The unit that leads or handles.
    pub unit: Option<UnitId>,
}

impl Site {
    /// Whether a reach covers it.
    #[must_use]
    pub fn within(&self, reach: Reach) -> bool {
        match reach {
            Reach::Office => true,
            Reach::Community(id) => self.community == Some(id),
            Reach::Grid(id) => self.grid == Some(id),
            Reach::Unit(id) => self.unit == Some(id),
        }
    }
}

/// Everything an account holds, for leaving. Numbers, units and dates only: whoever administers accounts
/// does not read business data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Posts held now or from a later day, and those asked for.
    pub posts: Vec<Holding>,
    /// Parts of open cases this person took in hand; they stay with their units.
    pub handling: Vec<HeldCase>,
    /// Requests of this person that wait for a decision.
    pub requests: Vec<HeldCase>,
    /// Tasks asked of the units, tasks given, decisions to carry out, shifts to come.
    pub others: Vec<HeldOther>,
    /// Unfinished notes of calls.
    pub drafts: i64,
    /// Keys for programs.
    pub tokens: i64,
    /// Browsers logged in.
    pub sessions: i64,
}

/// A shift to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldShift {
    /// Its id.
    pub id: i64,
    /// Its list.
    pub roster: i64,
    /// When it begins.
    pub from: Ts,
    /// When it ends.
    pub until: Ts,
    /// The unit whose list it is; none for the whole office.
    pub unit: Option<UnitId>,
    /// `leader`, `officer` and so on.
    pub kind: String,
}

/// What else somebody holds: it belongs to the unit, and is listed so that it is spoken of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldOther {
    /// `task`, `given`, `decision`, `shift`.
    pub kind: String,
    /// The task's, the meeting's or the shift's id. Never its title: whoever administers accounts reads no business.
    pub id: i64,
    /// When it is due; for a shift, when it begins.
    pub at: Option<Ts>,
}

/// A case in somebody's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCase {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub no: String,
    /// The unit it belongs to.
    pub unit: Option<String>,
    /// When it is due; for a request, when it was asked.
    pub at: Option<Ts>,
}

/// Filled posts by kind (CAPABILITIES, GRID).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostFill {
    /// The kind.
    pub kind: String,
    /// Posts that somebody holds now.
    pub filled: i64,
    /// Posts defined.
    pub defined: i64,
}

/// Places of one kind with somebody answering for them (CAPABILITIES, GRID).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The kind of place.
    pub kind: String,
    /// Places of the kind with a filled post.
    pub covered: i64,
    /// Places of the kind.
    pub places: i64,
}
