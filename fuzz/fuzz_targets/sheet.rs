//! A workbook, a file of comma-separated values, pasted rows.
#![no_main]

use gezhi::features::tasks::form;
use gezhi::{rows, sheet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = sheet::read_file(bytes, |text| text.contains('a'));
    let _ = form::head_of_file(bytes);
    let _ = rows::Table::read(bytes, &["a"]);
});
