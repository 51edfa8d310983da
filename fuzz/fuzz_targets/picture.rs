//! A photo or a recording as it is kept.
#![no_main]

use gezhi::files::Files;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static FILES: LazyLock<Files> =
    LazyLock::new(|| Files::open(&std::env::temp_dir().join("gezhi-fuzz-picture")).expect("a folder"));

fuzz_target!(|bytes: &[u8]| {
    if let Ok(kept) = FILES.put_photo(bytes) {
        let again = FILES.get(&kept.hash).expect("what was kept");
        FILES.put_photo(&again).expect("our own picture");
    }
    let _ = FILES.put_voice(bytes);
});
