//! The rows of the desk's pages: the only folder here with SQL. Lists read `cases c` within the viewer's
//! scope; everything about single cases comes from the services of their features.

mod history;
mod list;
mod views;

pub(super) use history::{
    Around, Candidate, account_names, candidates, case_by_no, case_by_upper, children, matter_use,
    merged_here, upper_known, uppers,
};
pub(super) use list::{CountOf, Cursor, ENOUGH, count, fill, is_in_queue, places_of, rows_at, rows_of};
pub(super) use views::{SavedView, delete_view, put_view, view_list};
