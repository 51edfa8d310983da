//! Texts made to hurt: each is answered at once, on the small stack of a test thread.
#![cfg(test)]

use condition::{Condition, Field, MAX_BYTES, MAX_DEPTH, MAX_NODES, Schema, Type, Value};
use std::time::{Duration, Instant};

fn schema() -> Schema {
    let field = |name, ty| Field { name, ty, sql: Some("x") };
    Schema::new(&[
        field("a", Type::Bool),
        field("x.n", Type::Int),
        field("x.t", Type::Text),
        field("x.at", Type::Time),
        field("x.list", Type::TextList),
    ])
}

/// The code a text is refused with, or `ok`. The time is the best of three, since the machine is shared.
fn answer(text: &str) -> &'static str {
    let schema = schema();
    let mut best = Duration::MAX;
    let mut code = "ok";
    for _ in 0..3 {
        let start = Instant::now();
        code = Condition::parse(text, &schema).map_or_else(|error| error.code, |_| "ok");
        best = best.min(start.elapsed());
    }
    let shown: String = text.chars().take(60).collect();
    assert!(best < Duration::from_millis(50), "{best:?} for {shown}");
    code
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn long_texts_are_refused_by_their_length_alone() {
    assert_eq!(answer(&vec!["a"; 20_000].join(" && ")), "condition.too_long");
    assert_eq!(answer(&nested("(", "a", ")", 40_000)), "condition.too_long");
    assert_eq!(answer(&format!("x.t == '{}'", "路".repeat(700))), "condition.too_long");
    assert_eq!(answer(&"💡".repeat(5_000_000)), "condition.too_long");
    let longest = format!("x.t == '{}'", "a".repeat(MAX_BYTES - 9));
    assert_eq!((longest.len(), answer(&longest)), (MAX_BYTES, "ok"));
    assert_eq!(answer(&format!("{longest} ")), "condition.too_long");
}

#[test]
fn deep_nesting_is_refused_and_the_deepest_allowed_works() {
    for (open, inner, close) in [
        ("(", "a", ")"),
        ("!(", "a", ")"),
        ("(a && ", "a", ")"),
        ("(a || !", "(a)", ")"),
        ("(", "a", " || a)"),
    ] {
        let extra = inner.matches('(').count();
        assert_eq!(answer(&nested(open, inner, close, MAX_DEPTH - extra)), "ok", "{open}");
        assert_eq!(answer(&nested(open, inner, close, MAX_DEPTH + 1)), "condition.too_deep", "{open}");
    }
    assert_eq!(answer(&nested("[", "1", "]", 300)), "condition.too_deep");
    assert_eq!(answer(&nested("has(", "x.t", ")", 300)), "condition.has_operand");
    assert_eq!(answer(&"(".repeat(MAX_BYTES)), "condition.too_deep");
    assert_eq!(answer(&"([".repeat(20)), "condition.too_deep");
    assert_eq!(answer(&"!(".repeat(MAX_DEPTH)), "condition.syntax");
    assert_eq!(answer(&")".repeat(MAX_BYTES)), "condition.syntax");
}

#[test]
fn nested_macros_are_refused_before_the_parser_expands_them() {
    let nested_all = nested("[1].all(x, ", "x > 0", ")", 17);
    assert!(nested_all.len() < 228);
    assert_eq!(answer(&nested_all), "condition.character");
    for name in ["all", "exists", "exists_one", "existsOne", "map", "filter", "bind", "matches"] {
        let text = nested(&format!("x.list.{name}(a, "), "a", ")", 9);
        assert_eq!(answer(&text), "condition.unknown_function", "{name}");
        assert_eq!(answer(&format!("(x.list).{name}(a, a)")), "condition.unknown_function", "{name}");
        assert_eq!(answer(&format!("x.list\n.{name}\n(a, a)")), "condition.character", "{name}");
    }
    assert_eq!(answer(&nested("x.t.contains(", "x.t", ")", 20)), "condition.not_a_value");
    assert_eq!(answer(&nested("has(", "x.t", ")", 20)), "condition.has_operand");
}

#[test]
fn long_chains_are_bounded_by_their_nodes() {
    let joined = |part: &str, sign: &str, n: usize| vec![part; n].join(sign);
    assert_eq!(answer(&joined("a", "&&", MAX_NODES / 2)), "ok");
    for (part, sign) in [("a", "&&"), ("a", "||"), ("x.n", "<"), ("x.at", "-"), ("1", ","), ("a", " ")] {
        let code = answer(&joined(part, sign, 350));
        assert_eq!(code, "condition.too_many_nodes", "{part}{sign}");
    }
    assert_eq!(answer(&joined("x.n", "<", MAX_NODES / 2)), "condition.not_a_value");
    assert_eq!(answer(&joined("x.at", "-", MAX_NODES / 2)), "condition.types");
    assert_eq!(answer(&format!("{}a", "!".repeat(MAX_NODES + 1))), "condition.too_many_nodes");
    assert_eq!(answer(&format!("{}a", "!".repeat(MAX_NODES - 1))), "ok");
    assert_eq!(answer(&format!("x.n > {}1", "-".repeat(MAX_NODES - 4))), "condition.character");
    assert_eq!(answer(&format!("x.n in [{}]", joined("1", ",", MAX_NODES - 3))), "ok");
    assert_eq!(answer(&format!("x.n in [{}]", joined("1", ",", MAX_NODES - 2))), "condition.too_many_nodes");
    assert_eq!(answer(&format!("x{}", ".n".repeat(900))), "condition.unknown_name");
    assert_eq!(answer(&format!("x.t{}", ".contains('a')".repeat(120))), "condition.too_many_nodes");
    assert_eq!(answer(&format!("x.t{}", ".contains('a')".repeat(90))), "condition.not_a_value");
    assert_eq!(answer(&",".repeat(MAX_BYTES)), "condition.syntax");
    assert_eq!(answer(&"&&".repeat(100)), "condition.syntax");
}

#[test]
fn strange_characters_are_refused_outside_texts_and_kept_inside() {
    assert_eq!(answer("a\0"), "condition.character");
    assert_eq!(answer("x.t == 'a\0b'"), "condition.character");
    assert_eq!(answer("x.t == 'a\u{7}b'"), "condition.character");
    assert_eq!(answer("x.t == '\\000'"), "condition.escape");
    assert_eq!(answer("💡 == x.t"), "condition.character");
    assert_eq!(answer("a\u{a0}&& a"), "condition.character");
    assert_eq!(answer("\u{feff}a"), "condition.character");
    assert_eq!(answer("x.t == \u{201c}a\u{201d}"), "condition.character");
    let text = "x.t == '💡👨‍👩‍👧 路\u{202e}' && x.t.endsWith('\u{202e}')";
    assert_eq!(answer(text), "ok");
    let facts = |_: &str| Value::Text("💡👨‍👩‍👧 路\u{202e}".into());
    assert!(Condition::parse(text, &schema()).unwrap().eval(&facts, 0));
}

/// Joins words of the language and of CEL at random: whatever comes, the parser neither panics nor stalls.
#[test]
fn twenty_thousand_random_word_salads_are_answered() {
    let words = [
        "a",
        "x.n",
        "x.t",
        "x.at",
        "x.list",
        "now",
        "true",
        "null",
        "1",
        "-",
        "'路'",
        "\"\\\"\"",
        "(",
        ")",
        "(",
        ")",
        "[",
        "]",
        ",",
        "&&",
        "||",
        "!",
        "==",
        "!=",
        "<",
        ">=",
        "in",
        "+",
        "has(",
        "has(x.n)",
        "x.t.contains(",
        "duration('1h')",
        "timestamp(",
        ".contains('a')",
        "\n",
        " ",
        ".",
        "9223372036854775808",
    ];
    let schema = schema();
    let mut seed: u64 = 7;
    let mut next = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % n
    };
    let mut accepted = 0;
    let start = Instant::now();
    for round in 0..20_000 {
        let length = 1 + next(if round % 50 == 0 { 150 } else { 9 });
        let text: Vec<&str> = (0..length).map(|_| words[next(words.len())]).collect();
        let text = text.join(if round % 3 == 0 { "" } else { " " });
        match Condition::parse(&text, &schema) {
            Ok(_) => accepted += 1,
            Err(error) => assert!(error.at.is_none_or(|at| text.is_char_boundary(at)), "{text}: {error}"),
        }
    }
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
    assert!(accepted > 100, "only {accepted} of the salads are conditions, so little was tried");
}
