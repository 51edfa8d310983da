//! The pages of the catalogue and the duty list.

mod duty;
mod matters;

pub(super) use duty::{duty_csv, list as list_duty};
pub(super) use matters::{list as list_matters, matters_csv, show as show_matter};

use super::model::{DutyList, DutyUnit, Holder, Matter};
use crate::words::Words;
use kernel::UnitId;
use std::collections::HashMap;
use worktime::{Limit, LimitUnit};

/// A limit as people say it: `5 工作日`.
#[must_use]
pub fn limit_words(w: &Words, limit: Limit) -> String {
    format!("{} {}", limit_number(limit), unit_words(w, limit.unit))
}

/// The unit of a limit in words.
pub(super) fn unit_words(w: &Words, unit: LimitUnit) -> String {
    w.t(&format!("limit-unit-{}", unit.as_str().replace('_', "-")))
}

/// The number of a limit without its unit: `0.5`.
pub(super) fn limit_number(limit: Limit) -> String {
    let text = limit.to_string();
    text.split_once(':').map_or(text.clone(), |(_, number)| number.to_owned())
}

/// The list a matter stands on, as a chip: its word and its class.
fn list_chip(w: &Words, list: DutyList) -> (String, &'static str) {
    let class = match list {
        DutyList::Basic => "",
        DutyList::Assist => "amber",
        DutyList::Withdrawn => "red",
    };
    (w.t(&format!("matter-list-{list}")), class)
}

/// Names of units by id.
struct Names {
    units: HashMap<UnitId, String>,
    community: String,
}

impl Names {
    fn of(w: &Words, units: &[DutyUnit]) -> Names {
        Names {
            units: units.iter().map(|u| (u.id, u.name.clone())).collect(),
            community: w.t("duty-community"),
        }
    }

    fn unit(&self, id: UnitId) -> String {
        self.units.get(&id).cloned().unwrap_or_default()
    }

    fn holder(&self, holder: Holder) -> String {
        match holder {
            Holder::Unit(id) => self.unit(id),
            Holder::Community => self.community.clone(),
        }
    }

    fn holders(&self, holders: &[Holder]) -> String {
        holders.iter().map(|h| self.holder(*h)).collect::<Vec<_>>().join(" · ")
    }
}

/// The limits of a matter in words, in the order in which they run.
fn limits(w: &Words, matter: &Matter) -> Vec<(String, String)> {
    [
        ("matter-accept", matter.accept_limit),
        ("matter-dispatch", matter.dispatch_limit),
        ("matter-sign", matter.sign_limit),
        ("matter-handle", matter.handle_limit),
    ]
    .map(|(key, limit)| (w.t(key), limit_words(w, limit)))
    .into()
}
