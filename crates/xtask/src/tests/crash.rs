use crate::crash::Options;
use crate::process::root;

fn parse(text: &str) -> anyhow::Result<Options> {
    Options::parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn rounds_are_run_by_tests_that_exist() {
    let source = std::fs::read_to_string(root().join("crates/app/tests/it/crash/mod.rs")).unwrap();
    for flags in ["", "--power-cut"] {
        let tests = parse(flags).unwrap().tests();
        assert_eq!(tests.len(), 2, "one for each database");
        for test in tests {
            let name = test.strip_prefix("crash::").unwrap();
            assert!(source.contains(&format!("fn {name}()")), "{name}");
        }
    }
    let one = parse("--database postgres --rounds 7 --seed 5").unwrap();
    assert_eq!((one.tests().len(), one.rounds, one.seed), (1, 7, Some(5)));
}

#[test]
fn a_database_that_nobody_knows_is_refused() {
    for text in ["--database oracle", "--rounds", "--rounds many", "--round 3"] {
        assert!(parse(text).is_err(), "{text}");
    }
}
