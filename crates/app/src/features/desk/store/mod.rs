//! The rows of the desk's pages: the only folder here with SQL. Lists read `cases c` within the viewer's
//! scope; everything about single cases comes from the services of their features.

mod drafts;
mod history;
mod list;
mod views;

pub(super) use drafts::{Draft, draft, drafts, drop_draft, put_draft};
pub(super) use history::{
    Around, Candidate, account_names, candidates, children, frequent_matters, matter_use, merged_here, own_matters, uppers,
};
pub(super) use list::{CountOf, Cursor, ENOUGH, count, fill, is_in_queue, rows_of};
pub(super) use views::{SavedView, delete_view, put_view, view_list};

/// Every statement of the desk, for the census test.
pub(crate) const STATEMENTS: [&[(&str, store::Sql)]; 4] = [drafts::ALL, history::ALL, list::ALL, views::ALL];
