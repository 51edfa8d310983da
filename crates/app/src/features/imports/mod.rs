//! Imports and exports of cases, by profiles that map columns and values.
