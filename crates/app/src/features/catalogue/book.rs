//! The catalogue of one office in memory, and the search in it. Pure but for reading it once.

use super::model::{DutyRow, Matter, base_code};
use super::store;
use crate::kept::Kept;
use ::store::{Result, Tx};
use kernel::{Day, DutyId, MatterId, OfficeId};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

static KEPT: Kept<Book> = Kept::new("catalogue");

/// All versions of all matters and duties, indexed.
pub(super) struct Book {
    pub(super) matters: Vec<Matter>,
    pub(super) duties: Vec<DutyRow>,
    by_id: HashMap<MatterId, usize>,
    by_code: HashMap<String, Vec<usize>>,
    duty_by_id: HashMap<DutyId, usize>,
    duty_by_matter: HashMap<String, Vec<usize>>,
    entries: Vec<Entry>,
    rarity: HashMap<String, f64>,
}

/// What the search knows of a matter.
struct Entry {
    code: String,
    name: String,
    name_en: String,
    synonyms: Vec<String>,
    /// Terms and what a hit on them is worth, at most 1.
    terms: HashMap<String, f64>,
}

/// A matter that was found, and how well it fits: more is better.
pub(super) struct Hit {
    pub(super) index: usize,
    pub(super) score: f64,
}

/// The book of an office.
pub(super) fn book(tx: &mut Tx<'_>, office: OfficeId) -> Result<Arc<Book>> {
    KEPT.get(tx, office, |tx| {
        Ok(Book::new(store::list_matters(tx, office)?, store::list_duties(tx, office)?))
    })
}

/// Says that rows have changed.
pub(super) fn changed(tx: &mut Tx<'_>, office: OfficeId) -> Result<()> {
    KEPT.changed(tx, office)
}

impl Book {
    fn new(matters: Vec<Matter>, duties: Vec<DutyRow>) -> Book {
        let mut book = Book {
            by_id: matters.iter().enumerate().map(|(i, m)| (m.id, i)).collect(),
            by_code: HashMap::new(),
            duty_by_id: duties.iter().enumerate().map(|(i, d)| (d.id, i)).collect(),
            duty_by_matter: HashMap::new(),
            entries: matters.iter().map(Entry::of).collect(),
            rarity: HashMap::new(),
            matters,
            duties,
        };
        for (i, matter) in book.matters.iter().enumerate() {
            book.by_code.entry(matter.code.clone()).or_default().push(i);
        }
        for (i, duty) in book.duties.iter().enumerate() {
            book.duty_by_matter.entry(duty.matter.clone()).or_default().push(i);
        }
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for term in book.entries.iter().flat_map(|e| e.terms.keys()) {
            *seen.entry(term).or_default() += 1;
        }
        let all = f64::from(u32::try_from(book.entries.len()).unwrap_or(u32::MAX)).max(1.0);
        book.rarity =
            seen.into_iter().map(|(term, n)| (term.to_owned(), (1.0 + all / f64::from(n)).ln())).collect();
        book
    }

    pub(super) fn matter(&self, id: MatterId) -> Option<&Matter> {
        self.by_id.get(&id).map(|i| &self.matters[*i])
    }

    /// The row of a code in force on a day; of two, the later version.
    pub(super) fn by_code(&self, code: &str, day: Day) -> Option<&Matter> {
        self.versions(code).filter(|m| m.in_force(day)).last()
    }

    /// Every version of a code, oldest first.
    pub(super) fn versions(&self, code: &str) -> impl Iterator<Item = &Matter> {
        self.by_code.get(code).into_iter().flatten().map(|i| &self.matters[*i])
    }

    pub(super) fn duty(&self, id: DutyId) -> Option<&DutyRow> {
        self.duty_by_id.get(&id).map(|i| &self.duties[*i])
    }

    /// The rows of the duty list that can answer for a matter on a day, the most particular matter first:
    /// the code itself, the code without its condition, the longest class, at last `*`.
    pub(super) fn duties_of<'a>(&'a self, code: &'a str, day: Day) -> impl Iterator<Item = &'a DutyRow> {
        let base = base_code(code);
        let mut keys = vec![code.to_owned()];
        if base != code {
            keys.push(base.to_owned());
        }
        let ends: BTreeSet<usize> = base.char_indices().map(|(i, _)| i).chain([base.len()]).collect();
        keys.extend(ends.into_iter().rev().map(|end| format!("{}*", &base[..end])));
        keys.into_iter()
            .filter_map(|key| self.duty_by_matter.get(&key))
            .flatten()
            .map(|i| &self.duties[*i])
            .filter(move |duty| duty.in_force(day))
    }

    /// The matters in force on a day that fit a text, best first.
    pub(super) fn find(&self, day: Day, text: &str, most: usize) -> Vec<Hit> {
        let query = text::normalize(text);
        let query = query.trim();
        let mut hits: Vec<Hit> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(i, _)| self.matters[*i].in_force(day))
            .map(|(index, entry)| Hit {
                index,
                score: if query.is_empty() { 1.0 } else { self.score(entry, query) },
            })
            .filter(|hit| hit.score > 0.0)
            .collect();
        // Equal scores keep the order of the codes.
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
        hits.truncate(most);
        hits
    }

    /// A typed code or name beats everything; else the share of the query's meaning that the matter's words
    /// cover, rare pairs of characters counting more than common ones.
    fn score(&self, entry: &Entry, query: &str) -> f64 {
        let mut bonus: f64 = 0.0;
        let mut reward = |yes: bool, worth: f64| bonus = if yes { bonus.max(worth) } else { bonus };
        reward(entry.code == query, 100.0);
        reward(entry.code.starts_with(query), 50.0);
        reward(entry.name == query || entry.synonyms.iter().any(|s| s == query), 40.0);
        reward(entry.name.starts_with(query) || entry.name_en.starts_with(query), 20.0);
        reward(entry.name.contains(query) || entry.name_en.contains(query), 12.0);
        reward(entry.synonyms.iter().any(|s| s.contains(query)), 8.0);
        // Somebody types a whole sentence that contains the way residents say it.
        reward(entry.synonyms.iter().any(|s| s.chars().count() > 2 && query.contains(s.as_str())), 6.0);
        let (mut covered, mut total) = (0.0, 0.0);
        for term in text::query_terms(query) {
            let (known, prefix) = match text::prefix_of(&term) {
                Some(prefix) => (
                    entry
                        .terms
                        .iter()
                        .filter(|(t, _)| t.starts_with(prefix))
                        .map(|(_, w)| *w)
                        .fold(0.0, f64::max),
                    true,
                ),
                None => (entry.terms.get(&term).copied().unwrap_or(0.0), false),
            };
            let rarity = if prefix { 1.0 } else { self.rarity.get(&term).copied().unwrap_or(1.0) };
            covered += known * rarity;
            total += rarity;
        }
        bonus + if total > 0.0 { 5.0 * covered / total } else { 0.0 }
    }
}

impl Entry {
    fn of(matter: &Matter) -> Entry {
        let mut terms: HashMap<String, f64> = HashMap::new();
        let mut add = |text: &str, worth: f64| {
            for term in text::bigrams(text) {
                let kept = terms.entry(term).or_insert(worth);
                *kept = kept.max(worth);
            }
        };
        add(&matter.names.zh, 1.0);
        add(&matter.names.en, 1.0);
        matter.synonyms.iter().for_each(|s| add(s, 0.9));
        add(&matter.class.zh, 0.4);
        add(&matter.limit_condition.zh, 0.3);
        add(&matter.judgement.zh, 0.2);
        Entry {
            code: text::normalize(&matter.code),
            name: text::normalize(&matter.names.zh),
            name_en: text::normalize(&matter.names.en),
            synonyms: matter.synonyms.iter().map(|s| text::normalize(s)).collect(),
            terms,
        }
    }
}
