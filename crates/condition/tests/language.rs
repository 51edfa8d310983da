//! What the language has, what it answers, and what it refuses.
#![cfg(test)]

use condition::{Condition, ConditionError, Dialect, Field, Schema, Type, Value};

const HOUR: i64 = 3_600_000;
/// 2026-03-12T01:00:00Z, nine o'clock in the morning at the office.
const NOW: i64 = 1_773_277_200_000;

fn schema() -> Schema {
    let field = |name, ty, sql| Field { name, ty, sql };
    Schema::new(&[
        field("case.urgent", Type::Bool, Some("c.urgent")),
        field("case.arbitrated", Type::Bool, Some("c.arbitrated")),
        field("case.returned", Type::Int, Some("c.returned")),
        field("case.state", Type::Text, Some("c.state")),
        field("case.title", Type::Text, Some("c.title")),
        field("case.unit", Type::Text, Some("c.unit")),
        field("case.opened", Type::Time, Some("c.opened")),
        field("case.due", Type::Time, Some("c.due")),
        field("level", Type::Int, Some("c.level")),
        field("b", Type::Bool, Some("c.b")),
        field("actor.unit", Type::Text, None),
        field("actor.units", Type::TextList, None),
        field("actor.posts", Type::TextList, None),
    ])
}

/// A case opened three hours ago, without due time, arbitration mark, and posts.
fn facts(name: &str) -> Value {
    match name {
        "case.urgent" => Value::Bool(true),
        "case.returned" => Value::Int(1),
        "case.state" => Value::Text("open".into()),
        "case.title" => Value::Text("路灯 100%_off A\\B".into()),
        "case.unit" | "actor.unit" => Value::Text("c3".into()),
        "case.opened" => Value::Time(NOW - 3 * HOUR),
        "actor.units" => Value::TextList(vec!["c3".into(), "c4".into()]),
        "b" => Value::Int(1),
        _ => Value::Absent,
    }
}

fn parse(text: &str) -> Condition {
    Condition::parse(text, &schema()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> ConditionError {
    match Condition::parse(text, &schema()) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error,
    }
}

#[test]
fn every_operator_answers_as_cel_would() {
    let table = [
        ("true", true),
        ("!true", false),
        ("!!true", true),
        ("case.urgent", true),
        ("!case.urgent", false),
        ("case.urgent == true", true),
        ("case.urgent != true", false),
        ("case.returned == 1", true),
        ("case.returned != 1", false),
        ("1 < case.returned", false),
        ("case.returned <= 1", true),
        ("case.returned > 0", true),
        ("case.returned >= 2", false),
        ("case.returned > -9223372036854775808", true),
        ("- 1 < case.returned", true),
        ("case.state == \"open\" && case.returned > 0 || false", true),
        ("false && false || true", true),
        ("false && (false || true)", false),
        ("case.state in ['closed', 'open']", true),
        ("case.state in []", false),
        ("case.state in ['closed',]", false),
        ("case.returned in [1, 2]", true),
        ("case.urgent in [false]", false),
        ("case.opened in [timestamp('2026-03-11T22:00:00Z')]", true),
        ("case.state < 'opeo' && case.state > 'Open'", true),
        ("case.unit == actor.unit", true),
        ("case.unit in actor.units", true),
        ("'c5' in actor.units", false),
        ("'c3' in actor.units && !('c9' in actor.units)", true),
        ("case.title.startsWith('路')", true),
        ("case.title.contains('100%_')", true),
        ("case.title.contains('100_')", false),
        ("case.title.contains('a\\\\b')", false),
        ("case.title.endsWith('A\\\\B')", true),
        ("case.title.endsWith('')", true),
        ("(case.title).contains(case.state)", false),
        ("'c3-x'.startsWith(case.unit)", true),
        ("case.opened < now", true),
        ("now - case.opened == duration('3h')", true),
        ("now - case.opened > duration('2h59m59s999ms')", true),
        ("case.opened + duration('2h') > now", false),
        ("duration('3h') + case.opened >= now", true),
        ("case.opened - duration('-3h') == now", true),
        ("now - duration('3h') <= case.opened", true),
        ("now > timestamp('2026-03-12T08:59:59.999+08:00')", true),
        ("timestamp('2026-03-12T09:00:00+08:00') == now", true),
        ("case.returned\n  > 0\t&&\r\n case.urgent", true),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text).eval(&facts, NOW), expected, "{text}");
    }
}

#[test]
fn a_comparison_with_an_absent_value_is_false_and_its_negation_true() {
    let atoms = [
        "case.due > now",
        "case.due <= now",
        "case.due == now",
        "case.due != now",
        "case.due - case.opened > duration('1h')",
        "case.arbitrated == true",
        "case.arbitrated != true",
        "case.arbitrated",
        "level in [1, 2]",
        "level != 3",
        "'x' in actor.posts",
        "level == level",
    ];
    for atom in atoms {
        assert!(!parse(atom).eval(&facts, NOW), "{atom}");
        assert!(parse(&format!("!({atom})")).eval(&facts, NOW), "!({atom})");
    }
}

#[test]
fn absence_is_seen_by_null_and_has_alone() {
    let table = [
        ("has(case.due)", false),
        ("has(case.unit)", true),
        ("!has(case.due)", true),
        ("case.due == null", true),
        ("case.due != null", false),
        ("null == case.unit", false),
        ("null != case.unit", true),
        ("level == null", true),
        ("has(actor.units) && !has(actor.posts)", true),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text).eval(&facts, NOW), expected, "{text}");
    }
}

#[test]
fn a_fact_of_another_type_than_declared_counts_as_absent() {
    assert!(!parse("b").eval(&facts, NOW));
    assert!(parse("b == null").eval(&facts, NOW));
}

#[test]
fn a_condition_knows_its_text_and_its_names() {
    let text = "case.urgent && now > case.due && (case.due != null || !case.urgent) && 'c' in actor.units";
    let condition = parse(text);
    assert_eq!(condition.to_string(), text);
    assert_eq!(condition.text(), text);
    let names: Vec<&str> = condition.clone().fields().collect();
    assert_eq!(names, ["actor.units", "case.due", "case.urgent"]);
}

#[test]
fn what_is_not_in_the_language_is_refused_with_code_and_place() {
    let table = [
        ("", "condition.empty", None),
        (" \n", "condition.empty", None),
        ("case.secret == 1", "condition.unknown_name", Some(0)),
        ("case.urgent && phone == ''", "condition.unknown_name", Some(15)),
        ("case.secret.contains('1')", "condition.unknown_name", Some(0)),
        ("case == 1", "condition.unknown_name", Some(0)),
        ("has(case.secret)", "condition.unknown_name", Some(4)),
        ("has(level)", "condition.has_operand", Some(4)),
        ("'路' == case.state && has(level)", "condition.has_operand", Some(27)),
        ("has(case.urgent && case.urgent)", "condition.has_operand", Some(4)),
        ("has( has(case.urgent))", "condition.has_operand", Some(5)),
        ("has((case.urgent))", "condition.has_operand", Some(4)),
        ("has()", "condition.has_operand", Some(4)),
        ("has('a.b')", "condition.has_operand", Some(4)),
        ("case.state.matches('.*')", "condition.unknown_function", Some(11)),
        ("case.state.size() > 3", "condition.unknown_function", Some(11)),
        ("size(case.state) > 3", "condition.unknown_function", Some(0)),
        ("actor.units.exists(u, u == 'c')", "condition.unknown_function", Some(12)),
        ("[1].all(x, x > 0)", "condition.character", Some(3)),
        ("('a').map(x, x)", "condition.unknown_function", Some(6)),
        ("case.urgent ? true : false", "condition.character", Some(12)),
        ("actor.units[0] == 'c'", "condition.syntax", Some(11)),
        ("{'a': 1}.a == 1", "condition.character", Some(0)),
        ("case.returned * 2 > 3", "condition.character", Some(14)),
        ("case.returned / 2 > 3", "condition.character", Some(14)),
        ("case.returned % 2 == 1", "condition.character", Some(14)),
        ("case.returned + 1 > 3", "condition.types", Some(14)),
        ("-case.returned > 3", "condition.syntax", Some(0)),
        ("case.state + 'x' == 'y'", "condition.types", Some(11)),
        ("case.opened + case.due > now", "condition.types", Some(12)),
        ("duration('1h') - case.due > now", "condition.types", Some(15)),
        ("case.returned > - -3", "condition.character", Some(16)),
        ("case.returned == 1.5", "condition.number", Some(17)),
        ("case.returned == 1u", "condition.number", Some(17)),
        ("case.returned == 0x1F", "condition.number", Some(17)),
        ("case.returned == 9223372036854775808", "condition.number", Some(17)),
        ("case.returned == 99999999999999999999", "condition.number", Some(17)),
        ("case.state == r'a'", "condition.character", Some(15)),
        ("case.state == b'a'", "condition.character", Some(15)),
        ("case.state == '''a'''", "condition.character", Some(16)),
        ("case.state == 'a", "condition.text_open", Some(14)),
        ("case.state == '\\u0041'", "condition.escape", Some(15)),
        ("case.state == '\\", "condition.escape", Some(15)),
        ("case.state == 'a\nb'", "condition.character", Some(16)),
        ("case.urgent // why", "condition.character", Some(12)),
        ("case . urgent", "condition.unknown_name", Some(0)),
        ("`case`", "condition.character", Some(0)),
        ("case.urgent & true", "condition.character", Some(12)),
        ("case.returned = 1", "condition.character", Some(14)),
        ("路 == 1", "condition.character", Some(0)),
        ("'路' == case.state &&", "condition.syntax", Some(22)),
        ("case.urgent case.urgent", "condition.syntax", Some(12)),
        ("(case.urgent", "condition.syntax", Some(12)),
        ("case.urgent)", "condition.syntax", Some(11)),
        ("case.", "condition.syntax", Some(5)),
        ("case.state.contains", "condition.unknown_name", Some(0)),
        ("case.state.contains()", "condition.argument", Some(19)),
        ("case.state.contains('a', 'b')", "condition.argument", Some(19)),
    ];
    for (text, code, at) in table {
        let error = refused(text);
        assert_eq!((error.code, error.at), (code, at), "{text}: {error}");
    }
}

#[test]
fn types_are_checked_before_anything_runs() {
    let table = [
        ("case.returned", "condition.not_a_condition", Some(0)),
        ("1", "condition.not_a_condition", Some(0)),
        ("null", "condition.not_a_condition", Some(0)),
        ("['a']", "condition.not_a_condition", Some(0)),
        ("!case.state", "condition.not_a_condition", Some(1)),
        ("case.urgent && case.state", "condition.not_a_condition", Some(15)),
        ("now - case.opened", "condition.not_a_condition", Some(4)),
        ("case.returned == '1'", "condition.types", Some(14)),
        ("case.opened > 5", "condition.types", Some(12)),
        ("case.opened > '2026-03-12'", "condition.types", Some(12)),
        ("now - case.opened > 7200000", "condition.types", Some(18)),
        ("case.urgent < true", "condition.types", Some(12)),
        ("case.urgent == 1", "condition.types", Some(12)),
        ("actor.units == actor.posts", "condition.types", Some(12)),
        ("actor.units == 'c'", "condition.types", Some(12)),
        ("1 < case.returned < 3", "condition.not_a_value", Some(2)),
        ("(case.returned > 1) == true", "condition.not_a_value", Some(15)),
        ("has(case.due) == true", "condition.not_a_value", Some(4)),
        ("case.state == ['a']", "condition.not_a_value", Some(14)),
        ("case.due > null", "condition.null", Some(9)),
        ("null == null", "condition.null", Some(5)),
        ("now == null", "condition.null", Some(4)),
        ("case.state in 'open'", "condition.list", Some(14)),
        ("case.state in case.title", "condition.list", Some(14)),
        ("case.state in [1]", "condition.list_item", Some(14)),
        ("case.state in ['a', 1]", "condition.list_item", Some(14)),
        ("case.state in [case.title]", "condition.not_a_value", Some(15)),
        ("case.state in [null]", "condition.not_a_value", Some(15)),
        ("case.state in [['a']]", "condition.not_a_value", Some(15)),
        ("actor.units in ['a']", "condition.list_item", Some(15)),
        ("null in ['a']", "condition.not_a_value", Some(0)),
        ("1 in actor.units", "condition.types", Some(5)),
        ("case.returned.contains('1')", "condition.argument", Some(0)),
        ("actor.units.contains('1')", "condition.argument", Some(0)),
        ("case.state.contains(1)", "condition.argument", Some(20)),
        ("case.opened > timestamp('yesterday')", "condition.timestamp", Some(24)),
        ("case.opened > timestamp('2026-03-12T09:00:00')", "condition.timestamp", Some(24)),
        ("case.opened > timestamp(1)", "condition.argument", Some(24)),
        ("case.opened > timestamp(case.state)", "condition.argument", Some(24)),
        ("now - case.opened > duration('2d')", "condition.duration", Some(29)),
        ("now - case.opened > duration('')", "condition.duration", Some(29)),
        ("now - case.opened > duration('1.5h')", "condition.duration", Some(29)),
        ("now - case.opened > duration('5')", "condition.duration", Some(29)),
        ("now - case.opened > duration('876601h')", "condition.duration", Some(29)),
        ("now - case.opened > duration('9999999999999999h')", "condition.duration", Some(29)),
    ];
    for (text, code, at) in table {
        let error = refused(text);
        assert_eq!((error.code, error.at), (code, at), "{text}: {error}");
    }
}

#[test]
fn a_refusal_carries_its_arguments_and_becomes_a_refusal_of_the_office() {
    let error = refused("case.returned == 'a'");
    let expected = [("operator", "=="), ("left", "int"), ("right", "text")];
    assert_eq!(error.args, expected.map(|(name, value)| (name, value.to_owned())));
    assert_eq!(error.to_string(), "condition.types at=14 operator=== left=int right=text");
    let refusal = kernel::Refusal::from(error);
    assert_eq!(refusal.code, "condition.types");
    assert_eq!(refusal.args.last(), Some(&("at", "14".to_owned())));
}

#[test]
fn sql_counts_placeholders_from_the_given_number_and_computes_what_no_record_changes() {
    let text =
        "case.returned > 0 && now - case.opened > duration('2h') && now > timestamp('2020-01-01T00:00:00Z')";
    let part = parse(text).to_sql(Dialect::Postgres, 4, NOW).unwrap();
    assert_eq!(
        part.text,
        "(coalesce((c.returned) > cast($4 as bigint), false) \
         and coalesce((cast($5 as bigint) - (c.opened)) > cast($6 as bigint), false) and true)"
    );
    assert_eq!(part.args, [Value::Int(0), Value::Time(NOW), Value::Int(2 * HOUR)]);
}

#[test]
fn sql_differs_between_the_databases_in_two_functions_only() {
    let both = |text: &str| {
        [Dialect::Sqlite, Dialect::Postgres].map(|dialect| parse(text).to_sql(dialect, 1, NOW).unwrap().text)
    };
    let [sqlite, postgres] = both("case.title.contains('a') || case.state < 'b'");
    assert!(sqlite.contains("instr((c.title), cast($1 as text)) > 0"), "{sqlite}");
    assert!(sqlite.contains("(c.state) collate binary < cast($2 as text)"), "{sqlite}");
    assert_eq!(sqlite.replace("instr", "strpos").replace("binary", "\"C\""), postgres);
    let [sqlite, postgres] = both(
        "!(case.title.startsWith('a') || case.title.endsWith('b') || case.urgent || has(case.due)) \
         && case.state in ['a'] && case.unit == null",
    );
    assert_eq!(sqlite, postgres);
}

#[test]
fn a_name_known_in_memory_only_does_not_become_sql() {
    for (text, at) in [
        ("case.urgent && case.unit == actor.unit", 28),
        ("'c' in actor.units", 7),
        ("has(actor.unit)", 4),
        ("actor.unit in []", 0),
        ("actor.unit.contains('a')", 0),
    ] {
        let error = parse(text).to_sql(Dialect::Sqlite, 1, NOW).unwrap_err();
        assert_eq!((error.code, error.at), ("condition.memory_only", Some(at)), "{text}");
    }
}
