use crate::report::{Outcome, Report};

#[test]
fn a_failed_step_is_counted_and_the_steps_after_it_are_done() {
    let mut report = Report::default();
    report.step("first", || anyhow::bail!("it broke"));
    report.step("second", || Ok(Outcome::Skipped("not here".to_owned())));
    report.step("third", || Ok(Outcome::Passed));
    assert!(!report.good());
    let summary = report.summary();
    assert!(summary.contains("it broke"), "{summary}");
    assert_eq!(summary.lines().last(), Some("1 passed, 1 failed, 1 skipped"));
}

#[test]
fn a_skipped_step_is_no_failure() {
    let mut report = Report::default();
    report.step("only", || Ok(Outcome::Skipped("not here".to_owned())));
    assert!(report.good());
}
