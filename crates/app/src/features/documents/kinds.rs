//! Which documents there are, what they ask, and which fields a template may name. Read from `packs/base/documents.toml`.

use super::docx::Found;
use super::make;
use anyhow::Context;
use kernel::Refusal;
use serde::Deserialize;
use std::sync::LazyLock;

/// A kind of document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// `refusal`; its name is the word `document-kind-refusal`.
    pub key: String,
    /// How its numbers look, unless the office says otherwise.
    pub pattern: String,
    /// What whoever makes it writes or corrects.
    pub asks: Vec<String>,
    /// In which phases of a case it is the one looked for.
    pub likely: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    kind: Vec<Kind>,
}

/// The texts of the shipped templates.
const TEXTS: [(&str, &str); 5] = [
    ("refusal", include_str!("../../../../../packs/base/documents/refusal.txt")),
    ("extension", include_str!("../../../../../packs/base/documents/extension.txt")),
    ("reply", include_str!("../../../../../packs/base/documents/reply.txt")),
    ("supervision", include_str!("../../../../../packs/base/documents/supervision.txt")),
    ("handover", include_str!("../../../../../packs/base/documents/handover.txt")),
];

/// The fields that every template may name; `ask.…` are those that its kind asks.
pub const FIELDS: [&str; 23] = [
    "document.number",
    "document.date",
    "document.title",
    "office.name",
    "office.short",
    "office.phone",
    "unit.name",
    "requester.name",
    "mark",
    "case.number",
    "case.title",
    "case.text",
    "case.matter",
    "case.place",
    "case.opened",
    "case.due",
    "case.state",
    "case.unit",
    "case.result",
    "row.no",
    "row.name",
    "row.count",
    "row.note",
];

/// All kinds.
///
/// # Errors
/// Never where the test below has run.
pub fn all() -> anyhow::Result<&'static [Kind]> {
    static TEXT: &str = include_str!("../../../../../packs/base/documents.toml");
    static READ: LazyLock<Result<Vec<Kind>, String>> =
        LazyLock::new(|| toml::from_str::<Kinds>(TEXT).map(|k| k.kind).map_err(|e| e.to_string()));
    READ.as_ref().map(Vec::as_slice).map_err(|e| anyhow::anyhow!("packs/base/documents.toml: {e}"))
}

/// A kind by its key.
///
/// # Errors
/// `common.not_found`.
pub fn find(key: &str) -> store::Result<&'static Kind> {
    let all = all().map_err(|e| store::Error::failed(format!("{e:#}")))?;
    all.iter().find(|k| k.key == key).ok_or_else(|| Refusal::not_found().into())
}

impl Kind {
    /// The word of its name.
    #[must_use]
    pub fn words(&self) -> String {
        format!("document-kind-{}", self.key)
    }

    /// Whether a template of this kind may name a field.
    #[must_use]
    pub fn knows(&self, field: &str) -> bool {
        FIELDS.contains(&field)
            || field.strip_prefix("ask.").is_some_and(|ask| self.asks.iter().any(|a| a == ask))
    }

    /// The fields of a template that nobody can fill.
    #[must_use]
    pub fn unknown(&self, found: &[Found]) -> Vec<Found> {
        found.iter().filter(|f| !self.knows(&f.name)).cloned().collect()
    }

    /// The shipped template.
    ///
    /// # Errors
    /// When there is none.
    pub fn shipped(&self) -> anyhow::Result<Vec<u8>> {
        let text = TEXTS.iter().find(|(key, _)| *key == self.key).map(|(_, text)| *text);
        make::docx(text.with_context(|| format!("packs/base/documents/{}.txt", self.key))?)
    }
}

/// A number by its pattern.
#[must_use]
pub fn number(pattern: &str, short: &str, year: i64, n: i64) -> String {
    pattern.replace("{short}", short).replace("{year}", &year.to_string()).replace("{n}", &n.to_string())
}

/// Whether a pattern gives numbers as they are written: the full year in 〔〕, then the number.
///
/// # Errors
/// `documents.pattern`.
pub fn check_pattern(pattern: &str) -> Result<(), Refusal> {
    let plain = pattern.replace("{short}", "").replace("{year}", "").replace("{n}", "");
    let fits = pattern.contains("\u{3014}{year}\u{3015}")
        && pattern.matches("{n}").count() == 1
        && pattern.find("{year}") < pattern.find("{n}")
        && !plain.contains(['{', '}', '[', ']', '\n'])
        && pattern.chars().count() <= 40;
    if fits { Ok(()) } else { Err(Refusal::rule("documents.pattern").on("pattern")) }
}

#[cfg(test)]
mod tests {
    use super::super::docx;
    use super::*;

    #[test]
    fn the_shipped_templates_can_be_filled() {
        for kind in all().unwrap() {
            let bytes = kind.shipped().unwrap();
            let found = docx::fields(&bytes).unwrap();
            assert!(found.iter().any(|f| f.name == "document.number"), "{}", kind.key);
            assert!(found.iter().any(|f| f.name == "mark"), "{}", kind.key);
            assert_eq!(kind.unknown(&found), [], "{}", kind.key);
            for ask in &kind.asks {
                assert!(
                    found.iter().any(|f| f.name == format!("ask.{ask}")),
                    "{} asks {ask} in vain",
                    kind.key
                );
            }
            check_pattern(&kind.pattern).unwrap();
        }
    }

    #[test]
    fn numbers_look_as_they_are_written() {
        assert_eq!(number("{short}责改〔{year}〕{n}号", "青禾", 2026, 12), "青禾责改〔2026〕12号");
        for wrong in ["青禾[{year}]{n}号", "青禾〔{year}〕号", "{n}〔{year}〕号", "〔{year}〕{n}{x}号"]
        {
            assert_eq!(check_pattern(wrong).unwrap_err().code, "documents.pattern", "{wrong}");
        }
    }
}
