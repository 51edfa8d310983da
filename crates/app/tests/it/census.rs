//! Every statement in the source is prepared on both databases, and those that had to be written twice are
//! counted. The texts are read from the source, so that none can be forgotten.

use std::path::{Path, PathBuf};
use store::{Dialect, Sql, both};

/// Statements that differ between the databases: the dialect's budget (STYLE 3.6).
const PAIRS_MOST: usize = 12;

struct Found {
    file: String,
    sqlite: String,
    pg: String,
    pair: bool,
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The string literal that begins at or after a place, unescaped.
fn literal(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text[text.find('"')? + 1..].chars();
    loop {
        match chars.next()? {
            '"' => return Some(out),
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                '\n' => {}
                c => out.push(c),
            },
            c => out.push(c),
        }
    }
}

fn found() -> Vec<Found> {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    let mut out = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a file");
        let file = path.display().to_string();
        for (at, _) in text.match_indices("Sql::Both(") {
            if let Some(sql) = literal(&text[at..]) {
                out.push(Found { file: file.clone(), sqlite: sql.clone(), pg: sql, pair: false });
            }
        }
        for (at, _) in text.match_indices("Sql::Pair {") {
            let rest = &text[at..];
            let of = |word: &str| rest.find(word).and_then(|i| literal(&rest[i..]));
            if let (Some(sqlite), Some(pg)) = (of("sqlite:"), of("pg:")) {
                out.push(Found { file: file.clone(), sqlite, pg, pair: true });
            }
        }
    }
    out
}

both!(every_statement_can_be_prepared, |db| {
    let all = found();
    assert!(all.len() > 150, "the census finds the statements: {}", all.len());
    let wrong = db
        .read_now(move |tx| {
            let dialect = tx.dialect();
            let mut wrong = Vec::new();
            for one in &all {
                let text = if dialect == Dialect::Sqlite { &one.sqlite } else { &one.pg };
                let sql = Sql::Both(Box::leak(text.clone().into_boxed_str()));
                // On PostgreSQL a failed statement spoils the transaction, so each has a savepoint.
                tx.batch("savepoint census")?;
                if let Err(error) = tx.prepare(&sql) {
                    wrong.push(format!("{}: {text}: {error}", one.file));
                }
                tx.batch("rollback to savepoint census")?;
            }
            Ok(wrong)
        })
        .expect("a census");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});

#[test]
fn few_statements_are_written_twice() {
    let pairs: Vec<String> = found().into_iter().filter(|f| f.pair).map(|f| f.file).collect();
    assert!(pairs.len() <= PAIRS_MOST, "{pairs:#?}");
}
