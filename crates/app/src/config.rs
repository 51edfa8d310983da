//! Configuration: file, environment and flags.
