use proptest::prelude::*;
use text::identifiers::{KINDS, Kind, Part, find, seal, seal_naming, unseal};
use text::{mask_card, mask_id, mask_landline, mask_name, mask_phone, mask_plate, normalize_phone};

#[test]
fn identifiers_become_chips_and_come_back() {
    let text = "我是3栋2单元501室业主，电话13812342041或15900001111，打13812342041更好";
    let sealed = seal(text);
    assert_eq!(sealed.masked, "我是〔门牌1〕业主，电话〔电话1〕或〔电话2〕，打〔电话1〕更好");
    assert_eq!(sealed.parts.len(), 3);
    assert_eq!(
        sealed.parts[1],
        Part { chip: "〔电话1〕".into(), kind: Kind::Phone, original: "13812342041".into() }
    );
    assert_eq!(unseal(&sealed.masked, &sealed.parts), text);
    assert!(find(&sealed.masked).is_empty());
}

#[test]
fn the_same_number_written_otherwise_is_another_chip() {
    let text = "13812342041，即138-1234-2041";
    let sealed = seal(text);
    assert_eq!(sealed.masked, "〔电话1〕，即〔电话2〕");
    assert_eq!(unseal(&sealed.masked, &sealed.parts), text);
}

#[test]
fn a_text_that_already_has_chips_still_comes_back_whole() {
    let text = "他说〔电话1〕和〔电话2〕都不通，我的是13812342041〔";
    let sealed = seal(text);
    assert_eq!(sealed.masked, "他说〔电话1〕和〔电话2〕都不通，我的是〔电话3〕〔");
    assert_eq!(unseal(&sealed.masked, &sealed.parts), text);
    // After erasure the parts are gone and the chips stay.
    assert_eq!(unseal(&sealed.masked, &[]), sealed.masked);
}

#[test]
fn kinds_have_keys_that_read_back_and_masks() {
    for kind in KINDS {
        assert_eq!(Kind::from_key(kind.key()), Some(kind));
        assert!(!kind.mask("粤B12345").contains("12345"));
    }
    assert_eq!(Kind::from_key("nickname"), None);
    assert_eq!(Kind::Phone.mask("13812342041"), "138****2041");
    assert_eq!(Kind::Door.mask("3栋2单元501室"), "***");
}

#[test]
fn masks_show_what_the_standard_lets_them() {
    assert_eq!(mask_name("王小明"), "王**");
    assert_eq!(mask_name(" 李雷 "), "李**");
    assert_eq!(mask_name(""), "");
    assert_eq!(mask_phone("13812342041"), "138****2041");
    assert_eq!(mask_phone("+86 138 1234 2041"), "138****2041");
    assert_eq!(mask_phone("0731-88881234"), "0731-****1234");
    assert_eq!(mask_landline("073188881234"), "0731-****1234");
    assert_eq!(mask_landline("010-62345678"), "010-****5678");
    assert_eq!(mask_landline("0731-8313299"), "0731-****299");
    assert_eq!(mask_landline("88881234"), "****234");
    assert_eq!(mask_id("110101199001011234"), "110101********1234");
    assert_eq!(mask_id("11010519491231002x"), "110105********002X");
    assert_eq!(mask_id("440301900101001"), "440301******001");
    assert_eq!(mask_id("E12345678"), "*********");
    assert_eq!(mask_card("6222 0212 3456 7890 128"), "****0128");
    assert_eq!(mask_plate("粤B·12345"), "粤B***45");
    assert_eq!(mask_plate("12"), "**");
    // What cannot be recognised is not shown.
    assert_eq!(mask_phone("12345"), "*****");
    assert_eq!(mask_phone(""), "");
    assert_eq!(mask_phone("微信wang123"), "***");
}

#[test]
fn a_phone_number_has_one_form_for_looking_it_up() {
    for typed in [
        "13812342041",
        " 138 1234 2041 ",
        "138-1234-2041",
        "+86 13812342041",
        "+8613812342041",
        "0086-138-1234-2041",
        "8613812342041",
        "１３８１２３４２０４１",
        "(+86)13812342041",
        "013812342041",
    ] {
        assert_eq!(normalize_phone(typed).as_deref(), Some("13812342041"), "{typed}");
    }
    for (typed, form) in [
        ("0731-88881234", "073188881234"),
        ("(0731) 8888 1234", "073188881234"),
        ("0731-88881234-801", "073188881234"),
        ("0731-88881234转801", "073188881234"),
        ("+86 731 88881234", "073188881234"),
        ("+86-10-62345678", "01062345678"),
        ("88881234", "88881234"),
        ("400-820-8820", "4008208820"),
        ("+852 9123 4567", "85291234567"),
    ] {
        assert_eq!(normalize_phone(typed).as_deref(), Some(form), "{typed}");
    }
    for typed in [
        "",
        "12345",
        "110",
        "微信wang",
        "1381234204",
        "138123420411",
        "23812342041",
        "0731-12345",
        "+86 12345",
    ] {
        assert_eq!(normalize_phone(typed), None, "{typed}");
    }
}

#[test]
fn a_hostile_text_costs_no_more_than_its_length() {
    let pieces = [
        "13812342041 ",
        "1 ",
        "1-",
        "〔",
        "〔电话1〕13812342041",
        "3栋2单元501室、",
        "9",
        "二",
        "粤B",
        "车牌号",
        "。另外",
        "1、",
        "卡号6",
    ];
    for piece in pieces {
        let text = piece.repeat(120_000 / piece.len());
        let started = std::time::Instant::now();
        let sealed = seal(&text);
        assert_eq!(unseal(&sealed.masked, &sealed.parts), text);
        let _ = (text::split_points(&text), text::title_of(&text, 30), text::bigrams(&text));
        // An unoptimised build on a busy machine needs about a second; anything quadratic, minutes.
        assert!(started.elapsed().as_secs() < 20, "{piece}: {:?}", started.elapsed());
    }
}

/// Sentences stuck together from pieces that are, look like and break identifiers and chips.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "13812342041",
        "138 1234 ",
        "2041",
        "0731-",
        "88881234",
        "440301199001010016",
        "粤B",
        "12345",
        "卡号",
        "6222021234567890128",
        "3栋",
        "2单元",
        "501",
        "室",
        "-",
        "5-2-301",
        " ",
        "、",
        "〔",
        "〕",
        "电话",
        "1",
        "〔电话1〕",
        "〔门牌2〕",
        "X",
        "，",
        "转",
        "(",
        ")",
        "一三八",
        "组",
        "村",
        "15号",
        "🏠",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn sealing_and_unsealing_gives_back_any_text(text in pieces(), any in "\\PC{0,60}") {
        for text in [text, any] {
            let sealed = seal(&text);
            prop_assert_eq!(unseal(&sealed.masked, &sealed.parts), text);
        }
    }

    #[test]
    fn found_ranges_are_in_order_and_cut_no_character(text in pieces()) {
        let mut last = 0;
        for found in find(&text) {
            prop_assert!(found.range.start >= last && found.range.start < found.range.end);
            prop_assert!(text.get(found.range.clone()).is_some());
            prop_assert!(!found.value.is_empty());
            last = found.range.end;
        }
    }

    #[test]
    fn no_mobile_number_survives_sealing(head in "[路灯，。 ]{0,6}", body in "1[3-9][0-9]{9}", tail in "[路灯，。 ]{0,6}") {
        let sealed = seal(&format!("{head}{body}{tail}"));
        prop_assert!(!sealed.masked.contains(&body));
        prop_assert_eq!(sealed.parts.len(), 1);
    }

    #[test]
    fn a_normal_number_is_normal(typed in "[0-9+() -]{0,20}") {
        if let Some(form) = normalize_phone(&typed) {
            prop_assert!(form.bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert!((7..=15).contains(&form.len()));
        }
    }

    #[test]
    fn no_mask_shows_a_whole_number(typed in "[0-9]{5,20}") {
        for masked in [mask_phone(&typed), mask_landline(&typed), mask_id(&typed), mask_card(&typed), mask_plate(&typed)] {
            let shown = masked.chars().filter(char::is_ascii_digit).count();
            prop_assert!(shown + 2 <= typed.len(), "{} of {}", masked, typed);
        }
    }
}

#[test]
fn a_name_known_from_elsewhere_is_sealed_wherever_it_stands() {
    let text = "我是李秀兰，电话19900002041。李秀兰家门口路灯不亮";
    let sealed = seal_naming(text, "李秀兰");
    assert_eq!(sealed.masked, "我是〔姓名1〕，电话〔电话1〕。〔姓名1〕家门口路灯不亮");
    assert_eq!(unseal(&sealed.masked, &sealed.parts), text);
    assert_eq!(seal_naming(text, "李").masked, seal(text).masked, "one character is no name");
    assert_eq!(
        seal_naming("电话19900002041", "1990").masked,
        "电话〔电话1〕",
        "never within another identifier"
    );
}
