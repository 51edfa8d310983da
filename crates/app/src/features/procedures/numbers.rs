//! Case numbers: 青禾-20260312-0017. Taken and committed before the body that uses them, because a counter
//! inside that transaction makes every writer wait for it (DECISIONS 7). A number taken and not used stays
//! unused; `gezhi verify` lists it.

use kernel::{Day, OfficeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use store::{Db, Result, Sql, args, statements};

statements! {
    TAKE = Sql::Both(
        "insert into series (office, name, next) values ($1, $2, $3 + 1)
         on conflict (office, name) do update set next = series.next + $3 returning next - $3");
}

/// Numbers reserved at once under load; a quiet office takes them one by one and leaves no gaps.
const BLOCK_MOST: i64 = 32;

/// The numbers of this process.
#[derive(Debug, Default)]
pub struct Numbers {
    blocks: Mutex<HashMap<(OfficeId, String), Block>>,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    next: i64,
    end: i64,
    size: i64,
}

impl Numbers {
    /// The next number of a series: `demand`, `petition`, `report` (those two have series of their own,
    /// so that a gap or a rank says nothing about them).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take(
        &self,
        db: &Db,
        office: OfficeId,
        short: &str,
        series: Series,
        day: Day,
    ) -> Result<String> {
        let name = series.name(day);
        let key = (office, name.clone());
        let reserved = self.lock().get_mut(&key).and_then(Block::take);
        let n = match reserved {
            Some(n) => n,
            None => {
                let size = self.lock().get(&key).map_or(1, |b| (b.size * 2).min(BLOCK_MOST));
                let first = db
                    .write(move |tx| tx.value::<i64>(&TAKE, args![office, &name, size]))
                    .await?
                    .unwrap_or(1);
                self.lock().insert(key, Block { next: first + 1, end: first + size, size });
                first
            }
        };
        Ok(series.format(short, day, n))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(OfficeId, String), Block>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Block {
    fn take(&mut self) -> Option<i64> {
        if self.next >= self.end {
            return None;
        }
        self.next += 1;
        Some(self.next - 1)
    }
}

/// A series of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Ordinary demands.
    Demand,
    /// 信访, apart.
    Petition,
    /// 举报, apart.
    Report,
}

impl Series {
    /// The series of a class of secrecy.
    #[must_use]
    pub fn of_class(class: &str) -> Series {
        match class {
            "petition" => Series::Petition,
            "report" | "protected" => Series::Report,
            _ => Series::Demand,
        }
    }

    /// The name under which the counter is kept.
    #[must_use]
    pub fn name(self, day: Day) -> String {
        let letter = self.letter();
        format!("{}{}", if letter.is_empty() { "D" } else { letter }, day.0)
    }

    fn letter(self) -> &'static str {
        match self {
            Series::Demand => "",
            Series::Petition => "X",
            Series::Report => "J",
        }
    }

    /// A number as people see it.
    #[must_use]
    pub fn format(self, short: &str, day: Day, n: i64) -> String {
        format!("{short}-{}-{}{n:04}", day.0, self.letter())
    }
}

/// Numbers of many cases that one body makes: taken a series at a time, and given out in order.
#[derive(Debug, Default)]
pub struct Bundle {
    left: HashMap<String, std::ops::Range<i64>>,
}

impl Bundle {
    /// Takes as many numbers of each series and day as are listed.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn take(
        tx: &mut store::Tx<'_>,
        office: OfficeId,
        wanted: impl IntoIterator<Item = (Series, Day)>,
    ) -> Result<Bundle> {
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for (series, day) in wanted {
            *counts.entry(series.name(day)).or_default() += 1;
        }
        let mut left = HashMap::new();
        for (name, count) in counts {
            let first = tx.value::<i64>(&TAKE, args![office, &name, count])?.unwrap_or(1);
            left.insert(name, first..first + count);
        }
        Ok(Bundle { left })
    }

    /// The next number of a series and day that were listed; `None` when more are asked for than were taken.
    pub fn next(&mut self, short: &str, series: Series, day: Day) -> Option<String> {
        let n = self.left.get_mut(&series.name(day))?.next()?;
        Some(series.format(short, day, n))
    }
}

/// Takes a number within a body: for tests and for what makes a case now and then.
///
/// # Errors
/// When the database refuses.
pub fn take_in(
    tx: &mut store::Tx<'_>,
    office: OfficeId,
    short: &str,
    series: Series,
    day: Day,
) -> Result<String> {
    let n = tx.value::<i64>(&TAKE, args![office, series.name(day), 1])?.unwrap_or(1);
    Ok(series.format(short, day, n))
}
