//! Finding entries in what somebody types or says: by pairs of characters, those that few entries share counting
//! most. Pure, so that both databases answer alike.

use super::model::Content;
use kernel::{Day, UnitId};
use std::collections::{HashMap, HashSet};

/// How much of a question must be said.
const SAID: f64 = 0.4;
/// Or how much of what is said, where little is said.
const MEANT: f64 = 0.55;

/// A published entry as it is offered.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The entry.
    pub entry: i64,
    /// The version offered.
    pub version: i64,
    /// Whose answer it is.
    pub unit: UnitId,
    /// By when it is to be looked at again.
    pub review: Day,
    /// What it says.
    pub content: Content,
}

/// All that an office offers, ready to be looked through.
#[derive(Clone, Debug, Default)]
pub struct Book {
    offered: Vec<Offered>,
    /// The terms of each way to ask, and whose way it is.
    ways: Vec<(usize, HashSet<String>)>,
    weight: HashMap<String, f64>,
}

/// Pairs of characters and whole words; a single character says nothing.
fn terms(text: &str) -> HashSet<String> {
    let is_pair = |t: &String| t.chars().nth(1).is_some() || t.chars().all(|c| c.is_ascii_alphanumeric());
    text::bigrams(text).into_iter().filter(is_pair).collect()
}

impl Book {
    /// Makes the book.
    #[must_use]
    pub fn new(offered: Vec<Offered>) -> Book {
        let mut ways = Vec::new();
        let mut shared: HashMap<String, HashSet<usize>> = HashMap::new();
        for (at, entry) in offered.iter().enumerate() {
            for way in std::iter::once(&entry.content.question).chain(&entry.content.ways) {
                let terms = terms(way);
                for term in &terms {
                    shared.entry(term.clone()).or_default().insert(at);
                }
                ways.push((at, terms));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "an office has hundreds of entries")]
        let weight = |n: usize| (1.0 + (offered.len() as f64 + 1.0) / n as f64).ln();
        let weight = shared.into_iter().map(|(term, by)| (term, weight(by.len()))).collect();
        Book { offered, ways, weight }
    }

    /// All of it.
    #[must_use]
    pub fn all(&self) -> &[Offered] {
        &self.offered
    }

    /// The entries that what is said may be asking for, the likeliest first.
    #[must_use]
    pub fn find(&self, said: &str, most: usize) -> Vec<&Offered> {
        let said = terms(said);
        let sum = |terms: &mut dyn Iterator<Item = &String>| -> f64 {
            terms.map(|t| self.weight.get(t).copied().unwrap_or(1.0)).sum()
        };
        let whole = sum(&mut said.iter());
        let mut best: HashMap<usize, f64> = HashMap::new();
        for (at, way) in &self.ways {
            let both = way.intersection(&said).count();
            if both == 0 || (both == 1 && way.len() > 2 && said.len() > 2) {
                continue;
            }
            let common = sum(&mut way.intersection(&said));
            let (asked, meant) = (common / sum(&mut way.iter()), common / whole);
            if asked >= SAID || meant >= MEANT {
                let score = best.entry(*at).or_default();
                *score = score.max(asked + meant);
            }
        }
        let mut found: Vec<(usize, f64)> = best.into_iter().collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.into_iter().take(most).filter_map(|(at, _)| self.offered.get(at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Book {
        let entry = |id: i64, question: &str, ways: &[&str]| Offered {
            entry: id,
            version: 1,
            unit: UnitId(1),
            review: Day(20_270_101),
            content: Content {
                question: question.to_owned(),
                ways: ways.iter().map(|w| (*w).to_owned()).collect(),
                ..Content::default()
            },
        };
        Book::new(vec![
            entry(1, "居住证怎么办理？", &["搬家了居住证要换吗", "租房子怎么办居住证"]),
            entry(2, "老年人优待证怎么办理？", &["六十五岁以上坐公交免费的卡"]),
            entry(3, "老旧小区加装电梯怎么申请？", &["想装电梯要几户同意"]),
            entry(4, "图书室几点开门？", &["图书馆周末开不开"]),
        ])
    }

    fn first(said: &str) -> Option<i64> {
        book().find(said, 3).first().map(|o| o.entry)
    }

    #[test]
    fn a_question_is_found_in_what_people_say() {
        assert_eq!(first("你好我想问一下，我是租房子住的，居住证怎么办啊"), Some(1));
        assert_eq!(first("居住证"), Some(1));
        assert_eq!(first("我们楼里老人多，想装电梯，有一户不同意"), Some(3));
        assert_eq!(first("图书馆周日开吗"), Some(4));
    }

    #[test]
    fn what_is_no_question_finds_nothing() {
        assert_eq!(first("三号楼前路灯不亮三天了，老人摔了一跤"), None);
        assert_eq!(first("这个怎么办理"), first("怎么办理"));
        assert_eq!(first("，。"), None);
        assert_eq!(first(""), None);
    }
}
