use geography::code::{LEVELS, Level, at_level, is_mainland, is_prefix, level_of, parent_of, unpadded};
use proptest::prelude::*;

#[test]
fn the_level_of_a_code_is_its_length() {
    assert_eq!(level_of("33"), Some(Level::Province));
    assert_eq!(level_of("330304"), Some(Level::County));
    assert_eq!(level_of("330304001"), Some(Level::Street));
    assert_eq!(level_of("330304001002"), Some(Level::Community));
    assert_eq!(level_of("330304001002017"), Some(Level::Grid));
    assert_eq!(level_of("33030"), None);
    assert_eq!(level_of(""), None);
    assert_eq!(level_of("33030400100a"), None);
    assert_eq!(level_of("３３"), None);
}

#[test]
fn a_parent_is_the_code_one_step_shorter() {
    assert_eq!(parent_of("330304001002017"), Some("330304001002"));
    assert_eq!(parent_of("330304001"), Some("330304"));
    assert_eq!(parent_of("33"), None);
    assert_eq!(parent_of("3303x4"), None);
    assert_eq!(at_level("330304001002017", Level::Street), Some("330304001"));
    assert_eq!(at_level("330304", Level::Street), None);
}

#[test]
fn only_codes_are_above_codes() {
    assert!(is_prefix("3303", "330304001"));
    assert!(is_prefix("330304001", "330304001"));
    assert!(!is_prefix("330304001", "330304"));
    assert!(!is_prefix("33030", "330304"));
    assert!(!is_prefix("", "330304"));
}

#[test]
fn codes_outside_the_mainland_lists_are_told_apart() {
    assert!(is_mainland("440309001"));
    assert!(!is_mainland("990101001"));
    assert!(!is_mainland("810101"));
    assert!(!is_mainland("44030"));
}

#[test]
fn zeros_that_fill_a_list_are_taken_off() {
    assert_eq!(unpadded("330304000000"), Some("330304"));
    assert_eq!(unpadded("330304001000"), Some("330304001"));
    assert_eq!(unpadded("441900003000"), Some("441900003"));
    assert_eq!(unpadded("441900000000"), Some("4419"));
    assert_eq!(unpadded("110000"), Some("11"));
    assert_eq!(unpadded("330304001002000"), Some("330304001002000"));
    assert_eq!(unpadded("33030"), None);
}

proptest! {
    #[test]
    fn walking_up_from_any_code_passes_every_level_once(digits in "[1-9]{21}", depth in 0usize..8) {
        let code = &digits[..LEVELS[depth].digits()];
        let mut levels = vec![level_of(code).unwrap()];
        let mut here = code;
        while let Some(parent) = parent_of(here) {
            prop_assert!(is_prefix(parent, code));
            levels.push(level_of(parent).unwrap());
            here = parent;
        }
        levels.reverse();
        prop_assert_eq!(&levels[..], &LEVELS[..=depth]);
        prop_assert!(levels.iter().enumerate().all(|(index, level)| usize::from(level.depth()) == index));
    }
}
