//! What every part of Gezhi knows and nothing more: instants and days, the clock, coded refusals.
//! No I/O, no database, no words.
#![deny(missing_docs)]

mod ids;
mod refusal;
mod time;

pub use ids::{
    AccountId, AssignmentId, AttachmentId, CaseId, ClockId, DutyId, MatterId, OfficeId, PartyId, PlaceId,
    PostId, ReportId, RequestId, RoleId, UnitId,
};
pub use refusal::{Refusal, RefusalKind};
pub use time::{Clock, Day, Ts};
