use crate::test::Options;

fn parse(text: &str) -> anyhow::Result<Options> {
    Options::parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn flags_and_filters_are_told_apart() {
    let options = parse("--no-pg deadline --no-browser merge").unwrap();
    assert!(options.no_pg && options.no_browser && !options.quick);
    assert_eq!(options.filters, ["deadline", "merge"]);
}

#[test]
fn an_unknown_flag_is_refused_rather_than_taken_for_a_filter() {
    assert!(parse("--no-postgres").unwrap_err().to_string().contains("--no-postgres"));
}

#[test]
fn asking_for_the_journeys_only_and_for_none_is_refused() {
    assert!(parse("--journeys --no-browser").is_err());
}
