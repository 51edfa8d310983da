//! Intake: what somebody says becomes a report and a case; parties, photos, tracking, drafts.
