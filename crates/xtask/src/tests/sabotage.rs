use crate::process::root;
use crate::sabotage::{Sabotage, read, some_ran, table};

fn entry(find: &str) -> Sabotage {
    let text = format!(
        "[[sabotage]]\nname = 'n'\nwhy = 'w'\nfile = 'f'\nfind = '{find}'\nreplace = 'bad'\ntest = ['-p', 'x']\n"
    );
    read(&text).unwrap().remove(0)
}

#[test]
fn every_sabotage_still_finds_the_text_it_breaks() {
    for entry in table().unwrap() {
        entry.broken(&root()).unwrap();
    }
}

#[test]
fn a_text_that_is_gone_or_stands_twice_is_refused() {
    assert_eq!(entry("good").apply("a good line").unwrap(), "a bad line");
    assert!(entry("good").apply("a fine line").unwrap_err().to_string().contains("no longer"));
    assert!(entry("good").apply("good and good").unwrap_err().to_string().contains("2 times"));
}

#[test]
fn an_entry_without_tests_or_with_a_name_taken_is_refused() {
    let one = "[[sabotage]]\nname = 'n'\nwhy = 'w'\nfile = 'f'\nfind = 'a'\nreplace = 'b'\ntest = ['x']\n";
    assert!(read(&format!("{one}{one}")).is_err());
    assert!(read(&one.replace("['x']", "[]")).is_err());
}

#[test]
fn a_run_without_a_test_is_told_from_one_with_tests() {
    assert!(some_ran("     Summary [   0.006s] 1 test run: 1 passed, 6 skipped"));
    assert!(some_ran("     Summary [   0.006s] 2 tests run: 0 passed, 2 failed, 6 skipped"));
    assert!(some_ran("test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out"));
    assert!(!some_ran("     Summary [   0.000s] 0 tests run: 0 passed, 12 skipped"));
    assert!(!some_ran("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out"));
    assert!(!some_ran("compiling, 3 passed by"));
}
