//! The public side through its router: reporting, following, rating, and what nobody may learn from it.

mod follow;
mod guards;
mod report;
mod street;
