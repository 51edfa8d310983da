//! What an office sets up as files: procedures, figures, roles, profiles of imports.
#![no_main]

use gezhi::features::imports::profile::Profile;
use gezhi::features::procedures::procedure::Procedure;
use gezhi::features::{catalogue, indicators, people};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = (Procedure::parse(text), indicators::pack::parse(text), people::pack::roles(text), Profile::parse(text));
    let _ = (catalogue::sheet::read_matters(text.as_bytes()), catalogue::sheet::read_duty(text.as_bytes()));
});
