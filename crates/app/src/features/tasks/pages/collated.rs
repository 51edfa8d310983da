//! 汇总: the answers together, on paper and as files.

use super::super::collate;
use super::super::model::{State, TaskId};
use super::super::service::look;
use super::{state, times};
use crate::web::download::XLSX;
use crate::web::{Answer, Path, Shell, Staff, WebError, download, html};
use crate::words::Words;
use askama::Template;
use kernel::Refusal;
use std::collections::BTreeSet;
use std::io::{Cursor, Write};

/// Rows of the form on the page; the workbook holds all.
const SHOWN: usize = 300;

struct Line {
    name: String,
    state: String,
    late: bool,
    at: String,
    figures: Vec<String>,
    sentence: String,
}

#[derive(Template)]
#[template(path = "tasks_collated.html")]
struct CollatedPage {
    w: Words,
    shell: Shell,
    id: TaskId,
    title: String,
    due: String,
    told: String,
    figures: Vec<String>,
    sentence: String,
    lines: Vec<Line>,
    sums: Vec<String>,
    columns: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
    more: usize,
    files: usize,
}

/// What only those who see all parts may have.
async fn whole(staff: &Staff, id: i64) -> Result<look::Seen, WebError> {
    let seen = staff.read(move |tx, cx| look::seen(tx, cx, TaskId(id))).await?;
    if seen.all { Ok(seen) } else { Err(Refusal::not_found().into()) }
}

/// `GET /tasks/{id}/collated`
pub(in super::super) async fn show(staff: Staff, Path(id): Path<i64>) -> Answer {
    let seen = whole(&staff, id).await?;
    let w = staff.words.clone();
    let (task, asks) = (&seen.task, &seen.task.asks);
    let parts: Vec<_> = seen.receivers.iter().filter(|r| r.state != State::Withdrawn).collect();
    let counted: Vec<_> = collate::counted(&seen.receivers).collect();
    let rows: Vec<(String, Vec<String>)> =
        counted.iter().flat_map(|r| r.answer.rows.iter().map(|row| (r.name.clone(), row.clone()))).collect();
    let lines = parts
        .iter()
        .map(|r| {
            let stands = r.state.has_answer();
            let figure = |i| r.answer.figures.get(i).filter(|_| stands).cloned().unwrap_or_default();
            Line {
                name: r.name.clone(),
                state: state(&w, r),
                late: r.is_late(task, staff.cx.now),
                at: times(&w, r),
                figures: (0..asks.figures.len()).map(figure).collect(),
                sentence: if stands { r.answer.sentence.clone() } else { String::new() },
            }
        })
        .collect();
    let page = CollatedPage {
        shell: staff.shell("tasks").await?,
        id: task.id,
        title: task.title.clone(),
        due: w.when(task.due),
        told: w.ta(
            "tasks-collated-told",
            &[
                ("asked", parts.len().to_string()),
                ("answered", counted.len().to_string()),
                ("day", w.today()),
            ],
        ),
        figures: asks.figures.iter().map(|f| collate::figure_head(&w, f)).collect(),
        sentence: asks.sentence.clone().unwrap_or_default(),
        lines,
        sums: (0..asks.figures.len()).map(|i| collate::sum_of(&seen.receivers, i)).collect(),
        columns: asks.columns.iter().map(|c| c.name.clone()).collect(),
        more: rows.len().saturating_sub(SHOWN),
        rows: rows.into_iter().take(SHOWN).collect(),
        files: seen.files.iter().filter(|f| f.receiver.is_some()).count(),
        w,
    };
    html(&page)
}

fn plain(name: &str) -> String {
    name.chars()
        .map(|c| if matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') { '-' } else { c })
        .collect()
}

/// A name in the bundle that no other file has: one name twice would spoil the whole of it.
fn free(taken: &mut BTreeSet<String>, unit: &str, file: &str) -> String {
    let mut name = plain(&format!("{unit}-{file}"));
    let mut n = 1;
    while !taken.insert(name.clone()) {
        n += 1;
        name = plain(&format!("{unit}-{n}-{file}"));
    }
    name
}

/// `GET /tasks/{id}/collated.xlsx`
pub(in super::super) async fn workbook(staff: Staff, Path(id): Path<i64>) -> Answer {
    let seen = whole(&staff, id).await?;
    let w = staff.words.clone();
    let name = format!("{}-{}.xlsx", plain(&seen.task.title), w.t("tasks-collated"));
    let bytes =
        tokio::task::spawn_blocking(move || collate::workbook(&w, &seen.task, &seen.receivers)).await??;
    download(bytes, XLSX, &name)
}

/// `GET /tasks/{id}/form.xlsx`: the form to be filled.
pub(in super::super) async fn blank(staff: Staff, Path(id): Path<i64>) -> Answer {
    let seen = staff.read(move |tx, cx| look::seen(tx, cx, TaskId(id))).await?;
    if seen.task.asks.columns.is_empty() {
        return Err(Refusal::not_found().into());
    }
    let bytes = collate::blank(&staff.words, &seen.task)?;
    download(bytes, XLSX, &format!("{}.xlsx", plain(&seen.task.title)))
}

/// `GET /tasks/{id}/answers.zip`: the files of all answers, each named after who sent it.
pub(in super::super) async fn bundle(staff: Staff, Path(id): Path<i64>) -> Answer {
    let seen = whole(&staff, id).await?;
    let (files, w) = (staff.app.files.clone(), staff.words.clone());
    let name = format!("{}-{}.zip", plain(&seen.task.title), w.t("tasks-files"));
    let bytes = tokio::task::spawn_blocking(move || -> anyhow::Result<Vec<u8>> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        let mut names = BTreeSet::new();
        for part in collate::counted(&seen.receivers) {
            let own = seen.files.iter().filter(|f| f.receiver == Some(part.id));
            for file in own {
                zip.start_file(free(&mut names, &part.name, &file.name), options)?;
                zip.write_all(&files.get(&file.hash)?)?;
            }
        }
        Ok(zip.finish()?.into_inner())
    })
    .await??;
    download(bytes, "application/zip", &name)
}

#[cfg(test)]
mod tests {
    use super::free;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_files_of_a_bundle_have_one_name() {
        let mut taken = BTreeSet::new();
        let names = ["a.jpg", "a.jpg", "2-a.jpg", "2-a.jpg", "a.jpg"].map(|f| free(&mut taken, "东苑/一", f));
        assert_eq!(names[..2], ["东苑-一-a.jpg", "东苑-一-2-a.jpg"]);
        assert_eq!(taken.len(), names.len());
    }
}
