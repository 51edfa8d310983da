//! The verbs of people. Each takes the transaction and the context, refuses with a code, and writes its event.

mod accounts;
mod holdings;
mod leaving;
pub mod rights;
pub mod roles;
mod structure;

pub use super::store::accounts::AccountFilter;
pub use super::store::structure::PostFilter;
pub use accounts::{
    AccountView, PAGE, account, accounts, create_account, first_password, holdings, lock_account, names,
    rename_account, reset_password, reset_totp, settle_password, unlock_account,
};
pub use holdings::{ACTING_DAYS_MOST, end_holding, fill_post, holdings_of_post};
pub use leaving::{Left, close_account, hand_over, holdings_of};
pub use rights::{actor, check_behalf, holders, others_with};
pub use roles::{
    ask_role, confirms, decide, end_role, install_roles, pending, role_by_code, roles, roles_of_post,
};
pub use structure::{
    change_post, change_unit, cover, create_post, create_unit, place_by_code, post, post_fill, posts,
    set_post_active, set_unit_active, unit, unit_by_code, unit_line, units,
};
