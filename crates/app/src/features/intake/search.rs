//! Full-text search over cases: character bigrams, filled by a job; what is not indexed yet is scanned
//! (DECISIONS 22).

use super::store as rows;
use crate::context::Cx;
use crate::features::intake::service::reports_of_case;
use kernel::CaseId;
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
        let terms = terms_of(&text_of(tx, cx, *case)?);
        tx.exec(&rows::INDEX_OFF, args![cx.office.id, *case])?;
        tx.exec(&rows::INDEX_ON, args![cx.office.id, *case, terms])?;
        tx.exec(&rows::DONE, args![cx.office.id, *case])?;
    }
    Ok(todo.len())
}

/// What is searched of a case: number, title, address and the masked words of its reports.
fn text_of(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<String> {
    let head = tx.opt(&rows::TEXT_OF_CASE, args![cx.office.id, case], |row| {
        Ok(format!("{}\n{}\n{}", row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?))
    })?;
    let mut text = head.unwrap_or_default();
    for report in reports_of_case(tx, cx, case)? {
        text.push('\n');
        text.push_str(&report.text);
    }
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

    /// Restricts a list over `cases c` to the candidates of the index and those not indexed yet.
    pub fn restrict(&self, query: &mut Query, dialect: Dialect) {
        if self.terms.is_empty() {
            query.and("1 = 0", []);
            return;
        }
        match dialect {
            Dialect::Sqlite => {
                let all = self.asked(|t| format!("\"{t}\""), "*", " AND ");
                query.and(
                    "c.id in (select rowid from search where search match ?) or c.id in (select case_id from search_todo t where t.office = c.office)",
                    [all.into()],
                );
            }
            Dialect::Postgres => {
                let all = self.asked(|t| format!("'{t}'"), ":*", " & ");
                query.and(
                    "c.id in (select s.case_id from search s where s.office = c.office and s.terms @@ cast(cast(? as text) as tsquery)) or c.id in (select t.case_id from search_todo t where t.office = c.office)",
                    [all.into()],
                );
            }
        }
    }

    /// The terms in a database's own spelling; a query of one character asks for a prefix.
    fn asked(&self, quoted: impl Fn(&str) -> String, prefix: &str, joint: &str) -> String {
        let one = |term: &String| match text::prefix_of(term) {
            Some(stem) => format!("{}{prefix}", quoted(&spelt(stem))),
            None => quoted(&spelt(term)),
        };
        self.terms.iter().map(one).collect::<Vec<_>>().join(joint)
    }

    /// Whether a candidate really holds what was typed: bigrams can lie next to each other by chance.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn holds(&self, tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<bool> {
        Ok(text::matches(&text_of(tx, cx, case)?, &self.text))
    }
}
