use proptest::prelude::*;
use std::collections::HashSet;
use text::{parse_tracking_code, pinyin_key, tracking_code};

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_by_key(|name| pinyin_key(name));
    names
}

#[test]
fn names_sort_by_pinyin_then_tone_then_character() {
    let expected = vec!["艾青", "陈一", "李", "李明", "李四", "王二", "王芳", "张三", "赵六"];
    let mut shuffled = expected.clone();
    shuffled.reverse();
    assert_eq!(sorted(shuffled), expected);
    // wan before wang, and one character's bearers together.
    assert_eq!(sorted(vec!["王丽", "万里", "汪丽", "王安"]), ["万里", "汪丽", "王安", "王丽"]);
}

#[test]
fn a_surname_is_read_as_a_surname_and_a_place_as_a_place() {
    assert!(pinyin_key("单雄信").starts_with("shan4"));
    assert!(pinyin_key("曾国").starts_with("zeng1"));
    assert!(pinyin_key("解放路").starts_with("jie3"));
    assert!(pinyin_key("单位").starts_with("shan4"));
    assert!(pinyin_key("区政府办公室").starts_with("qu1"));
}

#[test]
fn numbers_sort_by_their_value_and_letters_without_case() {
    assert_eq!(
        sorted(vec!["第10网格", "第9网格", "第１网格", "第100网格"]),
        ["第１网格", "第9网格", "第10网格", "第100网格"]
    );
    assert_eq!(sorted(vec!["b栋", "A栋", "B栋"])[0], "A栋");
    assert_eq!(pinyin_key(""), "");
    assert_eq!(pinyin_key("  李明 "), pinyin_key("李明"));
}

#[test]
fn a_tracking_code_has_eight_signs_without_look_alikes() {
    let code = tracking_code(&[0x17, 0xa3, 0x55, 0x01, 0xfe, 0x90, 0x3c, 0x77]);
    assert_eq!(code.len(), 8);
    let mut seen = HashSet::new();
    for seed in 0..4_000u64 {
        let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
        seen.extend(tracking_code(&random).chars());
    }
    assert_eq!(seen.len(), 24);
    assert!("0O1IL2Z5S8BU".chars().all(|sign| !seen.contains(&sign)));
}

#[test]
fn a_typed_code_is_read_whatever_its_case_and_gaps() {
    for typed in ["34679ACD", "34679acd", " 3467-9acd ", "３４６７　９ＡＣＤ", "3467—9ACD", "3 4 6 7 9 A C D"]
    {
        assert_eq!(parse_tracking_code(typed).as_deref(), Some("34679ACD"), "{typed}");
    }
    assert_eq!(parse_tracking_code("UUUUUUUU").as_deref(), Some("VVVVVVVV"));
    for typed in ["", "34679AC", "34679ACDD", "34679AC0", "34679AC路", "' or 1=1"] {
        assert_eq!(parse_tracking_code(typed), None, "{typed}");
    }
}

proptest! {
    #[test]
    fn every_code_reads_back(random in prop::array::uniform8(any::<u8>())) {
        let code = tracking_code(&random);
        prop_assert_eq!(parse_tracking_code(&code), Some(code.clone()));
        let spoken = format!("{}-{}", &code[..4].to_lowercase(), &code[4..]);
        prop_assert_eq!(parse_tracking_code(&spoken), Some(code));
    }

    #[test]
    fn any_text_has_a_key_and_parses_without_a_panic(text in "\\PC{0,20}") {
        let _ = parse_tracking_code(&text);
        prop_assert!(!pinyin_key(&text).ends_with(' '));
    }
}
