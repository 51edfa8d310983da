use proptest::prelude::*;
use text::{Grams, bigrams, excerpt, matches, normalize, prefix_of, query_terms, similarity};

#[test]
fn texts_that_mean_the_same_have_one_form() {
    assert_eq!(normalize("　ＡＢＣ１２３，路灯　不亮！\r\n\t请　修 "), "abc123,路灯 不亮! 请 修");
    assert_eq!(normalize("“水管”【漏水】—２㎡"), "\"水管\"[漏水]-2m2");
    assert_eq!(normalize("①井盖\u{200b}松动\u{feff}"), "1井盖松动");
    assert_eq!(normalize(" \u{3000} "), "");
}

#[test]
fn chinese_is_indexed_by_pairs_and_letters_and_digits_by_words() {
    assert_eq!(bigrams("路灯不亮"), ["路灯", "灯不", "不亮", "亮"]);
    assert_eq!(bigrams("A3区LED灯，２０２６年"), ["a3", "区", "led", "灯", "2026", "年"]);
    assert_eq!(bigrams("井盖，井盖"), ["井盖", "盖"]);
    assert_eq!(bigrams("路灯 不亮\n修"), ["路灯", "灯不", "不亮", "亮修", "修"]);
    assert!(bigrams("，。！ ").is_empty());
}

#[test]
fn a_query_asks_for_all_pairs_and_a_single_character_for_a_prefix() {
    assert_eq!(query_terms("路灯不亮"), ["路灯", "灯不", "不亮"]);
    assert_eq!(query_terms("井"), ["井*"]);
    assert_eq!(prefix_of("井*"), Some("井"));
    assert_eq!(prefix_of("井盖"), None);
    assert_eq!(query_terms("3栋 LED"), ["3", "栋*", "led"]);
    assert!(query_terms(" ！? ").is_empty());
}

#[test]
fn every_part_of_a_query_must_occur() {
    let text = "翠湖小区12栋路灯 不亮，ＬＥＤ坏了";
    for query in ["路灯不亮", "路灯 小区", "led", "12栋", "栋", "翠湖 LED坏", "", "灯不", "，led"]
    {
        assert!(matches(text, query), "{query}");
    }
    // 2 is not 12, and parts keep their order inside.
    for query in ["2栋", "路灯 井盖", "le", "不亮路灯", "1"] {
        assert!(!matches(text, query), "{query}");
    }
}

#[test]
fn an_excerpt_shows_the_first_hit_and_marks_all() {
    let text =
        "尊敬的领导：您好。我们小区门口的井盖已经松动三个月了，夜里车一过就响，\n希望尽快修好这个井盖。";
    let found = excerpt(text, "井盖", 20);
    assert_eq!(found.text.chars().count(), 20);
    assert!(found.cut_before && found.cut_after);
    assert_eq!(found.marks.len(), 1);
    assert_eq!(&found.text[found.marks[0].clone()], "井盖");
    let whole = excerpt(text, "井盖 领导", 500);
    assert_eq!(whole.text, text.replace('\n', " "));
    assert!(!whole.cut_before && !whole.cut_after);
    let marked: Vec<&str> = whole.marks.iter().map(|mark| &whole.text[mark.clone()]).collect();
    assert_eq!(marked, ["领导", "井盖", "井盖"]);
}

#[test]
fn an_excerpt_marks_what_was_written_and_not_its_folded_form() {
    let found = excerpt("灯是ＬＥＤ　灯，面积２㎡", "led灯 2m2", 30);
    let marked: Vec<&str> = found.marks.iter().map(|mark| &found.text[mark.clone()]).collect();
    assert_eq!(marked, ["ＬＥＤ　灯", "２㎡"]);
    // Without a hit, the beginning.
    let none = excerpt("一二三四五六七八九十", "井盖", 4);
    assert_eq!(
        (none.text.as_str(), none.marks.len(), none.cut_before, none.cut_after),
        ("一二三四", 0, false, true)
    );
    assert_eq!(excerpt("", "井盖", 4).text, "");
    assert_eq!(excerpt("井盖", "井盖", 0).text, "");
}

#[test]
fn look_alikes_score_high_and_strangers_low() {
    assert!((similarity("路灯不亮", "路灯不亮！") - 1.0).abs() < 1e-12);
    assert!(similarity("翠湖小区3栋路灯不亮", "翠湖小区三栋的路灯不亮了") > 0.55);
    assert!(similarity("翠湖小区路灯不亮", "咨询公积金提取条件") < 0.05);
    assert!(similarity("", "") == 0.0);
    assert!((similarity("井", "井") - 1.0).abs() < 1e-12);
    // Shared: 路灯. 2 × 1 of 3 + 3.
    assert!((similarity("路灯不亮", "路灯坏了") - 2.0 / 6.0).abs() < 1e-12);
    let one = Grams::of("路灯不亮");
    assert!((one.similarity(&Grams::of("路灯不亮")) - 1.0).abs() < 1e-12);
}

/// Text with everything that makes folding hard.
fn messy() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "路", "灯", "不", "亮", "井", "盖", "A", "b", "Ｃ", "1", "２", "栋", " ", "　", "\n", "，", "。",
        "！", "-", "—", "㎡", "①", "Ⅱ", "\u{200b}", "é", "e\u{301}", "İ", "K", "𠮷", "〇", "かな", "한",
        "〔", "…", "ß",
    ]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(text in messy(), any in "\\PC{0,40}") {
        for text in [text, any] {
            let once = normalize(&text);
            prop_assert_eq!(&normalize(&once), &once);
        }
    }

    #[test]
    fn whatever_matches_is_found_by_its_terms(text in messy(), query in messy()) {
        let terms = bigrams(&text);
        if matches(&text, &query) {
            for wanted in query_terms(&query) {
                let found = match prefix_of(&wanted) {
                    Some(prefix) => terms.iter().any(|term| term.starts_with(prefix)),
                    None => terms.contains(&wanted),
                };
                prop_assert!(found, "{} in {:?}", wanted, terms);
            }
        }
    }

    #[test]
    fn chinese_pieces_of_a_text_always_match_it(text in "[路灯不亮井盖，0-9a-c ]{1,30}", from in 0usize..30, length in 1usize..10) {
        let piece: String = text.chars().skip(from).take(length).collect();
        if piece.chars().all(|c| c as u32 > 0x2e80) {
            prop_assert!(matches(&text, &piece), "{}", piece);
        }
        prop_assert!(matches(&text, &text));
    }

    #[test]
    fn marks_lie_inside_the_excerpt_in_order(text in messy(), query in messy(), width in 0usize..40) {
        let found = excerpt(&text, &query, width);
        prop_assert!(found.text.chars().count() <= width);
        let mut last = 0;
        for mark in &found.marks {
            prop_assert!(mark.start >= last && mark.start < mark.end);
            prop_assert!(found.text.get(mark.clone()).is_some());
            last = mark.end;
        }
    }

    #[test]
    fn similarity_is_between_nothing_and_the_same_either_way(a in messy(), b in messy()) {
        let score = similarity(&a, &b);
        prop_assert!((0.0..=1.0).contains(&score));
        prop_assert!((score - similarity(&b, &a)).abs() < 1e-12);
    }
}
