//! `gezhi openapi`: the description of the API for programs that write programs. Needs no data folder.

use super::say;
use crate::features::api::openapi;
use crate::web;
use anyhow::Result;

/// Prints the OpenAPI 3.1 document.
pub(super) fn run() -> Result<()> {
    say(&serde_json::to_string_pretty(&openapi::document(&web::routes()))?)
}
