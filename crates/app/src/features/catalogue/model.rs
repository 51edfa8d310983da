//! Matters and duties as the rest of the product sees them.

use crate::words::Locale;
use kernel::{Day, DutyId, MatterId, PlaceId, Refusal, UnitId};
use serde::{Deserialize, Serialize};
use worktime::Limit;

/// A name or a short text in both languages. What was recorded as a bare text is the Chinese one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Recorded")]
pub struct Names {
    /// Chinese, always there.
    pub zh: String,
    /// English; may be empty.
    pub en: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Recorded {
    Text(String),
    Both { zh: String, en: String },
}

impl From<Recorded> for Names {
    fn from(recorded: Recorded) -> Names {
        match recorded {
            Recorded::Text(zh) => Names { zh, en: String::new() },
            Recorded::Both { zh, en } => Names { zh, en },
        }
    }
}

impl Names {
    /// As typed or read: without blanks around it.
    #[must_use]
    pub fn trimmed(zh: &str, en: &str) -> Names {
        Names { zh: zh.trim().to_owned(), en: en.trim().to_owned() }
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.zh.is_empty()
    }

    /// The name in a language; the Chinese one where there is no other.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::En if !self.en.is_empty() => &self.en,
            _ => &self.zh,
        }
    }
}

/// Declares a closed list of words as they stand in the database and in spreadsheets.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// As stored.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            /// Reads a stored word.
            #[must_use]
            pub fn parse(text: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|v| v.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// How it is checked that a matter is fixed 核查.
    Verify {
        /// Somebody goes there.
        Onsite = "onsite",
        /// By the pictures of before and after.
        Photo = "photo",
        /// By telephone.
        Phone = "phone",
        /// Not checked.
        None = "none",
    }
}

words! {
    /// Whether the requester is called back 回访.
    Callback {
        /// Every one who left a contact.
        All = "all",
        /// A drawn share, see `callback_rate`.
        Sample = "sample",
        /// Nobody.
        None = "none",
    }
}

words! {
    /// On which of the three lists a matter stands.
    DutyList {
        /// 基本履职: the street's own.
        Basic = "basic",
        /// 配合履职: a department leads, the street helps.
        Assist = "assist",
        /// 上级收回: taken back by an upper department.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Which queue a case of this matter belongs to; petition and report (举报) stay out of the ordinary one.
    Secret {
        /// For all who handle demands.
        Ordinary = "ordinary",
        /// 信访
        Petition = "petition",
        /// 举报
        Report = "report",
    }
}

words! {
    /// The pictures that handling needs.
    Photos {
        /// One before and one after.
        BeforeAfter = "before_after",
        /// One after.
        After = "after",
        /// None.
        None = "none",
    }
}

/// What a row of the catalogue says, without its identity and dates. Equal bodies are the same rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterBody {
    /// `01002`, a condition of it `01002-1`, a local one `L90014`. The kind belongs to the identity of a
    /// national code (a component and a matter share five digits); here all rows are matters.
    pub code: String,
    /// event, consultation, help, suggestion, complaint, report, petition, emergency, thanks …: an open list.
    pub kind: String,
    /// The class's code.
    pub class_code: String,
    /// The class's name.
    pub class: Names,
    /// The matter's name.
    pub names: Names,
    /// Where code and name come from; a transcription says so.
    pub standard_ref: String,
    /// Under which condition this row applies, for matters with several limits.
    pub limit_condition: Names,
    /// 处置时限
    pub handle_limit: Limit,
    /// Whose limit it is: a city's published one, or `example`.
    pub limit_source: Names,
    /// 受理时限
    pub accept_limit: Limit,
    /// 分拨时限
    pub dispatch_limit: Limit,
    /// 签收时限
    pub sign_limit: Limit,
    /// How it is verified.
    pub verify: Verify,
    /// Of how many in a hundred.
    pub verify_rate: i64,
    /// Who is called back.
    pub callback: Callback,
    /// Of how many in a hundred.
    pub callback_rate: i64,
    /// On which list it stands.
    pub duty_list: DutyList,
    /// Who leads when it is on the list of 配合履职.
    pub lead_department: Names,
    /// Ordinary, petition or report.
    pub secret: Secret,
    /// Goes through the emergency lane.
    pub emergency: bool,
    /// Pictures needed for closing.
    pub photos: Photos,
    /// 结案条件
    pub close_condition: Names,
    /// How residents say it.
    pub synonyms: Vec<String>,
    /// How to tell it from its neighbours.
    pub judgement: Names,
}

impl MatterBody {
    /// What no row may be, whoever wrote it.
    ///
    /// # Errors
    /// The first rule broken, with the spreadsheet's column as field.
    pub fn check(&self) -> Result<(), Refusal> {
        let missing =
            |column: &'static str| Err(Refusal::rule("import.row.missing").on(column).with("value", ""));
        if self.code.is_empty() {
            return missing("code");
        }
        if !self.code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') || self.code.len() > 24 {
            return Err(Refusal::rule("import.row.code").on("code").with("value", &self.code));
        }
        if self.names.zh.is_empty() {
            return missing("name_zh");
        }
        for (column, rate) in [("verify_rate", self.verify_rate), ("callback_rate", self.callback_rate)] {
            if !(0..=100).contains(&rate) {
                let wrong = Refusal::rule("import.row.number").on(column).with("value", rate);
                return Err(wrong.with("from", 0).with("to", 100));
            }
        }
        if self.handle_limit.amount <= 0 {
            return Err(Refusal::rule("import.row.limit_zero").on("limit"));
        }
        // The street only helps, so whoever asks must be told who leads.
        if self.duty_list != DutyList::Basic && self.lead_department.is_empty() {
            return missing("lead_department_zh");
        }
        Ok(())
    }
}

/// A version of a row of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// This version; pinned at classification.
    pub id: MatterId,
    /// What it says.
    pub body: MatterBody,
    /// The first day in force.
    pub from_day: Day,
    /// The last day in force.
    pub until_day: Option<Day>,
    /// 1, 2, 3 … for each code.
    pub version: i64,
}

impl std::ops::Deref for Matter {
    type Target = MatterBody;

    fn deref(&self) -> &MatterBody {
        &self.body
    }
}

impl Matter {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, day: Day) -> bool {
        in_force(self.from_day, self.until_day, day)
    }

    /// Whether its limit is only an example that the office has still to replace.
    #[must_use]
    pub fn is_example(&self) -> bool {
        self.limit_source.zh == EXAMPLE
    }

    /// The code without the number of its condition: `01002` for `01002-1`.
    #[must_use]
    pub fn base_code(&self) -> &str {
        base_code(&self.body.code)
    }
}

/// `01002` for `01002-1`.
#[must_use]
pub fn base_code(code: &str) -> &str {
    code.split_once('-').map_or(code, |(base, _)| base)
}

/// Both ends included.
#[must_use]
pub(super) fn in_force(from: Day, until: Option<Day>, day: Day) -> bool {
    from <= day && until.is_none_or(|until| day <= until)
}

/// What `limit_source` says of a limit that is nobody's rule.
pub const EXAMPLE: &str = "example";

/// Who a row of the duty list names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A unit.
    Unit(UnitId),
    /// The unit of the community in which the trouble is.
    Community,
}

/// What a row of the duty list says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyBody {
    /// A matter's code, the beginning of codes (`06*`), or `*` for all.
    pub matter: String,
    /// Where; `None` is everywhere.
    pub place: Option<PlaceId>,
    /// 主办
    pub lead: Holder,
    /// 协办
    pub co: Vec<Holder>,
    /// The law or list it rests on.
    pub basis: String,
    /// A remark for those who keep the list.
    pub note: String,
}

impl DutyBody {
    /// Whether the row is for one matter, and not for a class or for all.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.matter.ends_with('*')
    }

    /// Whether it only says who takes what nobody owns.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.matter == "*"
    }
}

/// A version of a row of the duty list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyRow {
    /// This version; pinned at dispatch.
    pub id: DutyId,
    /// What it says.
    pub body: DutyBody,
    /// The first day in force.
    pub from_day: Day,
    /// The last day in force.
    pub until_day: Option<Day>,
    /// 1, 2, 3 … along a chain of changes.
    pub version: i64,
}

impl std::ops::Deref for DutyRow {
    type Target = DutyBody;

    fn deref(&self) -> &DutyBody {
        &self.body
    }
}

impl DutyRow {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, day: Day) -> bool {
        in_force(self.from_day, self.until_day, day)
    }
}

/// The duty list's answer for one matter at one place on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The row it comes from.
    pub id: DutyId,
    /// 主办
    pub lead: UnitId,
    /// 协办, without the lead.
    pub co: Vec<UnitId>,
    /// The law or list it rests on.
    pub basis: String,
    /// The row's matter: the code itself, a class or `*`.
    pub matter: String,
    /// The row's place.
    pub place: Option<PlaceId>,
}

/// A unit as the duty list needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyUnit {
    /// Which.
    pub id: UnitId,
    /// Its key in spreadsheets.
    pub code: String,
    /// Its short name.
    pub name: String,
    /// `street_department`, `community`, `contractor`, `property`, `public_unit`, `upper_department` …
    pub kind: String,
    /// Whether it still exists.
    pub active: bool,
    /// Its home place.
    pub place: Option<PlaceId>,
}

impl DutyUnit {
    /// Whether it is the street's own or a community: what the list 上级收回 keeps such matters from.
    #[must_use]
    pub fn is_street(&self) -> bool {
        matches!(self.kind.as_str(), "street_department" | "community")
    }
}

/// Whether a unit may lead a case of a matter at all.
///
/// # Errors
/// `demands.dispatch.withdrawn` for a street unit and a matter taken back by an upper department;
/// `demands.dispatch.unit_inactive` for a unit that no longer exists.
pub fn may_handle(matter: &MatterBody, unit: &DutyUnit) -> Result<(), Refusal> {
    if !unit.active {
        return Err(Refusal::rule("demands.dispatch.unit_inactive").on("unit").with("unit", &unit.name));
    }
    if matter.duty_list == DutyList::Withdrawn && unit.is_street() {
        return Err(Refusal::rule("demands.dispatch.withdrawn")
            .on("unit")
            .with("matter", &matter.names.zh)
            .with("matter_en", matter.names.get(Locale::En))
            .with("unit", &unit.name)
            .with("department", &matter.lead_department.zh)
            .with("department_en", matter.lead_department.get(Locale::En)));
    }
    Ok(())
}

/// A lawful route told with a refusal 不予受理.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalRoute {
    /// Its key.
    pub code: String,
    /// The reason.
    pub names: Names,
    /// What the resident can do instead.
    pub routes: Names,
    /// Who reviews the refusal.
    pub reviewer: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_recorded_before_there_was_english_is_the_chinese_one() {
        let old: Names = serde_json::from_str(r#""恢复完好""#).unwrap();
        assert_eq!((old.get(Locale::Zh), old.get(Locale::En)), ("恢复完好", "恢复完好"));
        let new = Names::trimmed(" 修复 ", "repaired");
        let kept: Names = serde_json::from_str(&serde_json::to_string(&new).unwrap()).unwrap();
        assert_eq!((kept.get(Locale::Zh), kept.get(Locale::En)), ("修复", "repaired"));
    }
}
