//! Names for ids, read once a page: units, places, matters, people.

use super::model::CaseRow;
use super::store as rows;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::catalogue::model::Matter;
use crate::features::people;
use crate::features::people::model::Unit;
use crate::features::places;
use crate::features::places::book::PlaceBook;
use crate::words::{Locale, Words};
use kernel::{AccountId, MatterId, OfficeId, PlaceId, UnitId};
use std::collections::HashMap;
use std::sync::Arc;
use store::{Result, Tx};

/// What a page knows by name.
#[derive(Clone)]
pub struct Names {
    office: OfficeId,
    locale: Locale,
    units: HashMap<UnitId, Unit>,
    places: Arc<PlaceBook>,
    matters: HashMap<MatterId, Matter>,
    people: HashMap<AccountId, String>,
}

impl Names {
    /// Units and places; matters and people are read when first asked for.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn read(tx: &mut Tx<'_>, cx: &Cx, words: &Words) -> Result<Names> {
        Ok(Names {
            office: cx.office.id,
            locale: words.locale,
            units: people::service::units(tx, cx.office.id)?.into_iter().map(|u| (u.id, u)).collect(),
            places: places::service::book(tx, cx.office.id)?,
            matters: HashMap::new(),
            people: HashMap::new(),
        })
    }

    /// A unit's name on screens; its id when it is unknown, which does not happen.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> String {
        self.units.get(&id).map_or_else(|| id.to_string(), |u| u.short.clone())
    }

    /// A unit.
    #[must_use]
    pub fn unit_row(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// The units that exist, in order of sound.
    #[must_use]
    pub fn active_units(&self) -> Vec<&Unit> {
        let mut units: Vec<&Unit> = self.units.values().filter(|u| u.active).collect();
        units.sort_by(|a, b| (&a.sort_key, a.id).cmp(&(&b.sort_key, b.id)));
        units
    }

    /// Whether a unit is another, or lies under it.
    #[must_use]
    pub fn is_under(&self, unit: UnitId, above: UnitId) -> bool {
        let mut at = Some(unit);
        // No tree of units is deeper; a circle ends here too.
        for _ in 0..32 {
            match at {
                Some(id) if id == above => return true,
                Some(id) => at = self.units.get(&id).and_then(|u| u.parent),
                None => return false,
            }
        }
        false
    }

    /// All places.
    #[must_use]
    pub fn places(&self) -> &PlaceBook {
        &self.places
    }

    /// A place as people write it; blank for none.
    #[must_use]
    pub fn place(&self, id: Option<PlaceId>) -> String {
        id.map(|id| self.places.path_label(id)).unwrap_or_default()
    }

    /// Where a case is: grid or community, whichever is known.
    #[must_use]
    pub fn place_of(&self, row: &CaseRow) -> String {
        self.place(row.grid.or(row.community).or(row.place))
    }

    /// A matter's version.
    ///
    /// # Errors
    /// When there is none of this id.
    pub fn matter(&mut self, tx: &mut Tx<'_>, id: MatterId) -> Result<&Matter> {
        if !self.matters.contains_key(&id) {
            let matter = catalogue::service::matter(tx, self.office, id)?;
            self.matters.insert(id, matter);
        }
        self.matters.get(&id).ok_or_else(|| kernel::Refusal::not_found().into())
    }

    /// A matter's name; blank when the case has none yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn matter_name(&mut self, tx: &mut Tx<'_>, id: Option<MatterId>) -> Result<String> {
        let locale = self.locale;
        match id {
            None => Ok(String::new()),
            Some(id) => Ok(self.matter(tx, id)?.names.get(locale).to_owned()),
        }
    }

    /// Reads the names of people.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn know(&mut self, tx: &mut Tx<'_>, ids: impl IntoIterator<Item = AccountId>) -> Result<()> {
        let mut ids: Vec<AccountId> = ids.into_iter().filter(|id| !self.people.contains_key(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        self.people.extend(rows::account_names(tx, self.office, &ids)?);
        Ok(())
    }

    /// Somebody's name; blank when it was not read.
    #[must_use]
    pub fn person(&self, id: AccountId) -> &str {
        self.people.get(&id).map_or("", String::as_str)
    }

    /// The language of the page.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
    }
}
