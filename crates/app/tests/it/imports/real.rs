//! Real records of real districts, and the same figures by other means: `tests/figures/independent.py` reads
//! the files itself and counts with integers and fractions. Both must agree to the last digit.

use super::{figure, import, office};
use gezhi::features::imports::profile::Profile;
use gezhi::features::indicators::model::{By, Exact};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use store::{Db, both};

type Rows = BTreeMap<String, (Option<Exact>, Option<i64>, Option<i64>)>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The records and what the other computation says of them; `None` where either is missing.
fn other(name: &str, file: &str) -> Option<(Vec<u8>, BTreeMap<String, Rows>)> {
    let path = root().join("../shared/data").join(file);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: ../shared/data/{file} is not there");
        return None;
    };
    let script = root().join("tests/figures/independent.py");
    let Ok(run) = Command::new("python3").arg(script).arg(name).arg(&path).output() else {
        println!("skipped: python3 is not there");
        return None;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let figures: BTreeMap<String, BTreeMap<String, (Option<String>, Option<i64>, Option<i64>)>> =
        serde_json::from_slice(&run.stdout).expect("figures");
    let exact = |text: String| {
        let (above, below) = text.split_once('/').expect("a fraction");
        Exact::of(above.parse().expect("above"), below.parse().expect("below")).expect("a value")
    };
    let rows = |rows: BTreeMap<String, (Option<String>, Option<i64>, Option<i64>)>| {
        rows.into_iter().map(|(key, (value, n, d))| (key, (value.map(exact), n, d))).collect()
    };
    Some((bytes, figures.into_iter().map(|(key, value)| (key, rows(value))).collect()))
}

fn agrees(db: &Db, name: &str, file: &str) {
    let Some((bytes, expected)) = other(name, file) else { return };
    let profile = Profile::load(name).expect("the profile");
    let cx = office(db, &profile);
    let outcome = import(db, &cx, &profile, &bytes);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    assert_eq!(outcome.imported + outcome.skipped.len() as u64, outcome.rows);
    let again = import(db, &cx, &profile, &bytes);
    assert_eq!((again.imported, again.unchanged), (0, outcome.imported));
    let mut cells = 0;
    for (question, wanted) in &expected {
        let (key, by) = question.split_once(' ').expect("a figure and by what");
        let by = By::parse(by).expect("by");
        let mut found = Rows::new();
        for row in figure(db, &cx, key, by).rows {
            // Records without a key, and the row for all, have no name in the file. Rows of a place are named
            // by the place; rows where nothing is counted are not in the file at all.
            let label = if row.key.is_empty() || by == By::None { String::new() } else { row.label };
            let nothing = row.denominator == Some(0);
            if !nothing {
                assert!(found.insert(label, (row.value, row.numerator, row.denominator)).is_none());
            }
        }
        assert_eq!(&found, wanted, "{question}");
        cells += found.len();
    }
    println!("{name}: {} figures, {cells} cells equal to the last digit", expected.len());
    assert!(cells > 2);
}

both!(the_figures_of_a_real_district_s_demands_equal_an_independent_computation, |db| {
    agrees(&db, "subdistrict_cases_2018", "subdistrict_cases_2018.csv");
});

both!(the_figures_of_a_real_city_s_requests_equal_an_independent_computation, |db| {
    agrees(&db, "city311_2025", "city311_2025.csv");
});

both!(the_figures_of_a_stream_of_messages_equal_an_independent_computation, |db| {
    agrees(&db, "messages_stream", "messages_stream.jsonl");
});

both!(the_figures_of_answered_messages_equal_an_independent_computation, |db| {
    agrees(&db, "messages_replied", "messages_replied.jsonl");
});
