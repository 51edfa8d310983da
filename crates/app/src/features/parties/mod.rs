//! Parties: who a requester is, apart from what they said. Each lies under a key of its own; erasing means
//! destroying that key (DECISIONS 24–26). No page, list or export of parties exists: a party is reached
//! only through its report, by a reveal with a logged reason.

pub mod service;
