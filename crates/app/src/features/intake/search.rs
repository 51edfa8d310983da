//! Full-text search over cases: character bigrams, filled by a job; what is not indexed yet is scanned
//! (DECISIONS 22).

use super::store as rows;
use crate::context::Cx;
use crate::features::procedures::verbs;
use kernel::{CaseId, OfficeId};
use store::{Dialect, Query, Result, Tx, args};

/// Candidates looked at for one query; beyond that the page says so.
pub const CANDIDATES_MOST: usize = 10_000;

/// Indexes up to `most` cases that have changed; returns how many. Safe to run again.
///
/// # Errors
/// When the database refuses.
pub fn fill(tx: &mut Tx<'_>, cx: &Cx, most: i64) -> Result<usize> {
    let todo: Vec<CaseId> = tx.query(&rows::TODO, args![cx.office.id, most], |row| row.get(0))?;
    for case in &todo {
        let terms = terms_of(&text_of(tx, cx, *case, None)?);
        // Taking out what is not there would look through the whole index for it.
        if tx.value::<i64>(&rows::INDEXED, args![cx.office.id, *case])?.is_some() {
            tx.exec(&rows::INDEX_OFF, args![cx.office.id, *case])?;
        }
        tx.exec(&rows::INDEX_ON, args![cx.office.id, *case, terms])?;
        tx.exec(&rows::DONE, args![cx.office.id, *case])?;
    }
    Ok(todo.len())
}

/// What is searched of a case: number, title, address and the masked words of its reports, or only those of its own part
/// of a split message.
fn text_of(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, part: Option<&str>) -> Result<String> {
    let mut text = String::new();
    tx.query(&rows::WORDS_OF_CASE, args![cx.office.id, case], |row| {
        if text.is_empty() {
            text = format!("{}\n{}\n{}", row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?);
        }
        let words = row.get::<Option<String>>(3)?;
        if let Some(words) = part.or(words.as_deref()) {
            text.push('\n');
            text.push_str(words);
        }
        Ok(())
    })?;
    Ok(text)
}

/// The index terms, spelt so that neither database's tokenizer takes them apart: hexadecimal code points
/// joined by `x`.
fn terms_of(text: &str) -> String {
    let mut terms: Vec<String> = text::bigrams(text).iter().map(|t| spelt(t)).collect();
    terms.sort_unstable();
    terms.dedup();
    terms.join(" ")
}

fn spelt(term: &str) -> String {
    if term.chars().all(|c| c.is_ascii_alphanumeric()) {
        return format!("w{term}");
    }
    term.chars().map(|c| format!("{:x}", u32::from(c))).collect::<Vec<_>>().join("x")
}

/// What a query asks the index for; a query without terms matches nothing.
#[derive(Clone, Debug)]
pub struct Search {
    terms: Vec<String>,
    text: String,
}

impl Search {
    /// Reads what somebody typed.
    #[must_use]
    pub fn new(text: &str) -> Search {
        Search { terms: text::query_terms(text), text: text.to_owned() }
    }

    /// Restricts a list over `cases c` to the candidates of the index and those not indexed yet. One list of ids, so that
    /// the database can begin with it.
    pub fn restrict(&self, query: &mut Query, dialect: Dialect, office: OfficeId) {
        if self.terms.is_empty() {
            query.and("1 = 0", []);
            return;
        }
        let asked = self.asked(dialect).into();
        match dialect {
            Dialect::Sqlite => query.and(
                "c.id in (select rowid from search where search match ? union all select t.case_id from search_todo t where t.office = ?)",
                [asked, office.into()],
            ),
            // Sent as text: the type's own form on the wire is another.
            Dialect::Postgres => query.and(
                "c.id in (select s.case_id from search s where s.terms @@ cast(cast(? as text) as tsquery) and s.office = ? union all select t.case_id from search_todo t where t.office = ?)",
                [asked, office.into(), office.into()],
            ),
        };
    }

    /// Whether the index has more candidates than one query looks at.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_broad(&self, tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
        if self.terms.is_empty() {
            return Ok(false);
        }
        let dialect = tx.dialect();
        let most = i64::try_from(CANDIDATES_MOST).unwrap_or(i64::MAX);
        let found = tx.value::<i64>(&rows::WEIGHT, args![self.asked(dialect), most + 1, cx.office.id])?;
        Ok(found.unwrap_or(0) > most)
    }

    /// All terms in a database's own spelling; a query of one character asks for a prefix.
    fn asked(&self, dialect: Dialect) -> String {
        let one = |term: &String| {
            let (term, is_prefix) = match text::prefix_of(term) {
                Some(stem) => (spelt(stem), true),
                None => (spelt(term), false),
            };
            match (dialect, is_prefix) {
                (Dialect::Sqlite, false) => format!("\"{term}\""),
                (Dialect::Sqlite, true) => format!("\"{term}\"*"),
                (Dialect::Postgres, false) => format!("'{term}'"),
                (Dialect::Postgres, true) => format!("'{term}':*"),
            }
        };
        let joint = if dialect == Dialect::Sqlite { " AND " } else { " & " };
        self.terms.iter().map(one).collect::<Vec<_>>().join(joint)
    }

    /// Whether a candidate really holds what was typed: bigrams can lie next to each other by chance. Of a split message
    /// only what the viewer may read counts.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn holds(&self, tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<bool> {
        if !text::matches(&text_of(tx, cx, case, None)?, &self.text) {
            return Ok(false);
        }
        match verbs::own_part(tx, cx, case)? {
            Some(part) => Ok(text::matches(&text_of(tx, cx, case, Some(&part))?, &self.text)),
            None => Ok(true),
        }
    }
}
