//! An installation: data folder, lock, keys, database, offices in memory.
