//! Background work: one job table that survives a crash and is safe with many workers.
