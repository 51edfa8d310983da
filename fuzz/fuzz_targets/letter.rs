//! A template of a letter: its fields, and the letter that it gives.
#![no_main]

use gezhi::features::documents::docx;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (docx::fields(bytes), docx::text(bytes));
    if let Ok(letter) = docx::fill(bytes, &docx::Values::new(), &[docx::Values::new()], Some("x")) {
        docx::fields(&letter).expect("what was written");
    }
});
