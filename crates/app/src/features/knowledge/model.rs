//! An entry of the knowledge base, its versions, and what is said against it.

use crate::words::Words;
use kernel::{Day, Ts, UnitId};
use serde::{Deserialize, Serialize};

/// How an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Never published.
    Draft,
    /// Offered and shown; a newer version may wait.
    Published,
    /// Offered no more.
    Withdrawn,
}

impl State {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Published => "published",
            State::Withdrawn => "withdrawn",
        }
    }

    /// Reads a stored word; anything else is a draft.
    #[must_use]
    pub fn parse(text: &str) -> State {
        match text {
            "published" => State::Published,
            "withdrawn" => State::Withdrawn,
            _ => State::Draft,
        }
    }
}

/// What a version says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// The question, as an office puts it.
    pub question: String,
    /// Other ways to ask it, as people do.
    pub ways: Vec<String>,
    /// What is read aloud.
    pub answer: String,
    /// What to bring 所需材料.
    pub bring: String,
    /// Where.
    pub place: String,
    /// Whom to call.
    pub phone: String,
    /// When it is open.
    pub hours: String,
    /// The legal basis, or the name of the process.
    pub basis: String,
    /// Whether residents may read it, too.
    pub public: bool,
}

impl Content {
    /// What stands beside the answer: the word's key and the text, without what is blank.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("knowledge-bring", self.bring.as_str()),
            ("knowledge-place", &self.place),
            ("knowledge-hours", &self.hours),
            ("knowledge-phone", &self.phone),
            ("knowledge-basis", &self.basis),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
    }

    /// The answer with what stands beside it, as it is told to whoever asked. A number that would be taken out of
    /// the text again is left to the page.
    #[must_use]
    pub fn told(&self, w: &Words) -> String {
        let mut out = self.answer.clone();
        for (key, text) in self.facts().filter(|(key, text)| *key != "knowledge-phone" || is_plain(text)) {
            out.push('\n');
            out.push_str(&w.t2("knowledge-line", ("label", &w.t(key)), ("text", &text)));
        }
        out
    }
}

fn is_plain(text: &str) -> bool {
    text::identifiers::find(text).is_empty()
}

/// An entry as lists and pages show it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// How it stands.
    pub state: State,
    /// The newest version.
    pub latest: i64,
    /// The version that is offered, or was last.
    pub published: Option<i64>,
    /// Whose answer it is.
    pub unit: UnitId,
    /// By when it is to be looked at again.
    pub review: Day,
    /// When it was last changed.
    pub updated_at: Ts,
    /// What the newest version says.
    pub content: Content,
    /// How often it was given.
    pub uses: i64,
    /// How many say that it is wrong and were not answered.
    pub faults: i64,
}

impl Entry {
    /// Whether a newer version waits to be published.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.published != Some(self.latest)
    }

    /// Whether its review is due.
    #[must_use]
    pub fn is_due(&self, today: Day) -> bool {
        self.state == State::Published && self.review <= today
    }
}

/// An older version, or the present one.
#[derive(Clone, Debug)]
pub struct Version {
    /// 1, 2, 3 …
    pub version: i64,
    /// When it was written.
    pub at: Ts,
    /// What it says.
    pub content: Content,
}

/// Somebody says that an entry is wrong 报错.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its id.
    pub id: i64,
    /// Of which entry.
    pub entry: i64,
    /// Which version they read.
    pub version: i64,
    /// Why; may be blank.
    pub reason: String,
    /// Where they work.
    pub unit: Option<UnitId>,
    /// When.
    pub at: Ts,
    /// `open`, `mended`, `dismissed`.
    pub state: String,
    /// What was answered.
    pub answer: String,
    /// When.
    pub closed_at: Option<Ts>,
}

/// Which answer was given: an entry and its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The entry.
    pub entry: i64,
    /// The version that was read out.
    pub version: i64,
}

impl Given {
    /// Reads `12:3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Given> {
        let (entry, version) = text.split_once(':')?;
        Some(Given { entry: entry.parse().ok()?, version: version.parse().ok()? })
    }
}

/// An answer that was given in a case.
#[derive(Clone, Debug)]
pub struct Use {
    /// Entry and version.
    pub given: Given,
    /// What was asked, in that version's words.
    pub question: String,
    /// When.
    pub at: Ts,
}
