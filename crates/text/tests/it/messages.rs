//! Real messages, when they are present beside the project. The places in them were made anonymous and
//! most telephone numbers taken out by their publisher, so little of what we look for is left.

use std::path::PathBuf;
use std::time::Instant;
use text::identifiers::{Kind, find, seal, unseal};
use text::{bigrams, matches, query_terms, similarity, split_points, title_of};

/// The messages of some files as (title, detail and reply), or a message that the test is skipped.
fn messages(names: &[&str]) -> Option<Vec<(String, String, String)>> {
    let mut all = Vec::new();
    for name in names {
        let path: PathBuf =
            [env!("CARGO_MANIFEST_DIR"), "..", "..", "..", "shared", "data", name].iter().collect();
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: ../shared/data/{name} is not there");
            return None;
        };
        for line in text.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let field = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            all.push((field("id"), field("title"), format!("{}\n{}", field("detail"), field("reply"))));
        }
    }
    Some(all)
}

const ALL: [&str; 3] = ["messages_stream.jsonl", "messages_replied.jsonl", "messages_labelled.jsonl"];

#[test]
fn every_real_message_comes_back_from_its_seal() {
    let Some(messages) = messages(&ALL) else { return };
    let started = Instant::now();
    let (mut chips, mut left) = (0, 0);
    for (id, title, detail) in &messages {
        for text in [title, detail] {
            let sealed = seal(text);
            assert_eq!(&unseal(&sealed.masked, &sealed.parts), text, "{id}");
            left += find(&sealed.masked).len();
            chips += sealed.parts.len();
        }
    }
    let each = started.elapsed() / u32::try_from(messages.len()).unwrap();
    eprintln!("{} messages, {chips} chips, {each:?} a message", messages.len());
    assert!(messages.len() > 4_000 && chips > 300);
    // The word on a chip may announce a plate with a made-up province behind it; these messages have two.
    assert!(left <= 2, "{left}");
    // An unoptimised build on a busy machine; an optimised one needs some tens of microseconds.
    assert!(each.as_millis() < 20, "{each:?}");
}

#[test]
fn real_texts_are_found_by_the_words_of_their_own_titles() {
    let Some(messages) = messages(&["messages_stream.jsonl"]) else { return };
    for (id, title, detail) in messages.iter().step_by(7) {
        let text = format!("{title}\n{detail}");
        let terms = bigrams(&text);
        assert!(matches(&text, title), "{id}");
        for wanted in query_terms(title) {
            assert!(terms.iter().any(|term| term.starts_with(wanted.trim_end_matches('*'))), "{id} {wanted}");
        }
    }
}

#[test]
fn the_pairs_that_machines_call_alike_are_alike() {
    let Some(messages) = messages(&["messages_stream.jsonl"]) else { return };
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "../../../shared/data/messages_stream_neardup_silver.jsonl"]
            .iter()
            .collect();
    let Ok(pairs) = std::fs::read_to_string(path) else { return };
    let text_of = |id: &str| {
        let (_, title, detail) = messages.iter().find(|(known, _, _)| known == id).unwrap();
        format!("{title}{detail}")
    };
    let (mut alike, mut all) = (0, 0);
    for line in pairs.lines() {
        let pair: serde_json::Value = serde_json::from_str(line).unwrap();
        if pair["cos"].as_f64().unwrap() >= 0.9 {
            all += 1;
            let (a, b) = (pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap());
            alike += usize::from(similarity(&text_of(a), &text_of(b)) > 0.7);
        }
    }
    let unlike = messages.windows(2).filter(|pair| similarity(&pair[0].2, &pair[1].2) > 0.5).count();
    eprintln!("{alike} of {all} alike; {unlike} of {} neighbours by chance", messages.len());
    assert!(all > 20 && alike * 100 >= all * 95);
    assert!(unlike * 100 < messages.len());
}

#[test]
fn real_messages_get_short_titles_and_some_have_several_points() {
    let Some(messages) = messages(&["messages_stream.jsonl"]) else { return };
    let (mut parted, mut related) = (0, 0);
    for (id, title, detail) in &messages {
        let made = title_of(detail, 30);
        assert!((1..=30).contains(&made.chars().count()), "{id}: {made}");
        related += usize::from(similarity(title, &made) > 0.2);
        parted += usize::from(!split_points(detail).is_empty());
    }
    eprintln!("{parted} of {} parted; {related} titles related to their author's", messages.len());
    let share = parted * 100 / messages.len();
    assert!((10..35).contains(&share), "{share} %");
    assert!(related * 100 / messages.len() >= 40, "{related}");
}

#[test]
#[ignore = "for reading: prints what is found with the words around it"]
fn identifiers_of_real_messages_to_read() {
    let Some(messages) = messages(&ALL) else { return };
    for kind in text::identifiers::KINDS {
        let mut count = 0;
        for (id, _, detail) in &messages {
            for found in find(detail).into_iter().filter(|found| found.kind == kind) {
                count += 1;
                if kind != Kind::Door || count % 9 == 0 {
                    let before: String = detail[..found.range.start].chars().rev().take(14).collect();
                    let before: String = before.chars().rev().collect();
                    let after: String = detail[found.range.end..].chars().take(10).collect();
                    eprintln!("{} {id} {before}[{}]{after}", kind.key(), &detail[found.range.clone()]);
                }
            }
        }
        eprintln!("== {} {count}", kind.key());
    }
}

#[test]
#[ignore = "for reading: prints titles and points"]
fn titles_and_points_of_real_messages_to_read() {
    let Some(messages) = messages(&["messages_stream.jsonl"]) else { return };
    for (_, title, detail) in messages.iter().step_by(29) {
        eprintln!("{title}\n  → {}", title_of(detail, 30));
        for point in split_points(detail) {
            eprintln!("    - {}", detail[point].chars().take(40).collect::<String>());
        }
    }
}
