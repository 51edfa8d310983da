//! The door of the catalogue: what a matter is, who is responsible, how the lists are changed.

mod change;
mod install;
mod lookup;

pub use change::{change_duty, change_matter, end_duty, end_matter};
pub use install::{
    Installed, SINCE, export_duty, export_matters, import_duty, import_matters, install_default,
};
pub use lookup::{
    ClassCoverage, Coverage, Owner, coverage, duties_on, duty, duty_for, find_matters, matter,
    matter_by_code, matter_versions, matters_on, may_handle, owners_of, refusal_routes, specificity, units,
};
