//! What somebody says: sealed and opened again as it was, cut, searched and titled.
#![no_main]

use libfuzzer_sys::fuzz_target;
use text::identifiers::{seal, unseal};

fuzz_target!(|said: &str| {
    let sealed = seal(said);
    assert_eq!(unseal(&sealed.masked, &sealed.parts), said);
    if let Some(code) = text::parse_tracking_code(said) {
        assert_eq!(text::parse_tracking_code(&code), Some(code.clone()));
    }
    for range in text::split_points(said) {
        assert!(said.get(range).is_some());
    }
    let (query, rest) = said.split_at(said.char_indices().nth(4).map_or(said.len(), |(at, _)| at));
    let _ = (text::excerpt(rest, query, 40), text::matches(rest, query), text::query_terms(query));
    assert!(text::title_of(said, 24).chars().count() <= 25);
    let _ = (text::normalize(said), text::bigrams(said), text::pinyin_key(query), text::similarity(query, rest));
});
