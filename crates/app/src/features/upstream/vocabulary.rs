//! What platforms above call their columns and what their words mean (`packs/base/upstream.toml`).

use super::tickets::Field;
use anyhow::Context;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The words of platforms.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// The names of columns, the usual one first.
    pub columns: BTreeMap<Field, Vec<String>>,
    /// Grades from 1 to 5.
    pub satisfied: BTreeMap<String, i64>,
    /// Whether it is solved.
    pub solved: BTreeMap<String, bool>,
    /// Words that stand for a count.
    pub counts: BTreeMap<String, i64>,
    /// What platforms take back.
    pub reply: Reply,
    /// What a rating of theirs may be contested for.
    pub contest: Contest,
    /// What else words mean.
    pub meaning: Meaning,
}

/// What a rating may be contested for 申诉.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// Keys of the words `upstream-grounds-…`.
    pub grounds: Vec<String>,
}

/// What platforms take back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The most that a bundle of pictures may weigh, in MiB.
    pub bundle_mb: u64,
}

/// Single words with a meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// No rating was given.
    pub silent: Vec<String>,
    /// Parts of a state that ask for another handling.
    pub again: Vec<String>,
    /// Parts of a state that say it is closed there.
    pub over: Vec<String>,
    /// Parts of a state that refuse a return.
    pub kept: Vec<String>,
    /// Parts of a state that grant it.
    pub taken_back: Vec<String>,
    /// What follows an hour that stands alone.
    pub hour: Vec<String>,
    /// Hours below twelve are in the afternoon.
    pub afternoon: String,
}

impl Vocabulary {
    /// Reads it from its text.
    ///
    /// # Errors
    /// When it is no such text, or a field has no name.
    pub fn parse(text: &str) -> anyhow::Result<Vocabulary> {
        let read: Vocabulary = toml::from_str(text)?;
        for field in Field::ALL {
            anyhow::ensure!(
                read.columns.get(&field).is_some_and(|names| !names.is_empty()),
                "the column {} has no name",
                field.as_str()
            );
        }
        Ok(read)
    }

    /// The shipped one.
    ///
    /// # Errors
    /// Never where the test below has run.
    pub fn shipped() -> anyhow::Result<&'static Vocabulary> {
        static TEXT: &str = include_str!("../../../../../packs/base/upstream.toml");
        static READ: LazyLock<Result<Vocabulary, String>> =
            LazyLock::new(|| Vocabulary::parse(TEXT).map_err(|e| format!("{e:#}")));
        READ.as_ref().map_err(|e| anyhow::anyhow!("{e}")).context("packs/base/upstream.toml")
    }

    /// Whether a text is a word that headers have.
    #[must_use]
    pub fn is_header_word(&self, text: &str) -> bool {
        self.columns.values().flatten().any(|name| name == text.trim())
    }

    /// Whether a state asks for another handling.
    #[must_use]
    pub fn is_again(&self, state: &str) -> bool {
        self.meaning.again.iter().any(|part| state.contains(part.as_str()))
    }

    /// How a state rules on a ticket that was given back; none where it says nothing of it.
    #[must_use]
    pub fn ruling(&self, state: &str) -> Option<bool> {
        let has = |parts: &[String]| parts.iter().any(|part| state.contains(part.as_str()));
        let kept = has(&self.meaning.kept);
        (kept || has(&self.meaning.taken_back) && !self.is_again(state)).then_some(!kept)
    }

    /// Whether a state says that it is closed there.
    #[must_use]
    pub fn is_over(&self, state: &str) -> bool {
        !self.is_again(state) && self.meaning.over.iter().any(|part| state.contains(part.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_words_are_read() {
        let words = Vocabulary::shipped().unwrap();
        assert!(words.is_header_word("工单编号") && !words.is_header_word("序号"));
        assert!(words.ruling("退单审核通过") == Some(true) && words.ruling("退单审核不通过") == Some(false));
        assert_eq!((words.ruling("退单审核中"), words.ruling("退回重办")), (None, None));
        assert!(
            words.is_again("不满意重办中") && words.is_over("已办结") && !words.is_over("办结后退回重办")
        );
    }
}
