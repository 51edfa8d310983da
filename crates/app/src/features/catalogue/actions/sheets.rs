//! Spreadsheets of both lists, checked or taken over.

use super::super::service;
use super::day;
use crate::features::places::ReportView;
use crate::rows::Report;
use crate::web::{Answer, Problem, Shell, Staff, Upload, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::Refusal;

#[derive(Template)]
#[template(path = "catalogue_import.html")]
struct ImportPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    report: Option<ReportView>,
    /// `matters` or `duty`.
    list: &'static str,
    from: String,
}

async fn page(staff: &Staff, list: &'static str) -> Result<ImportPage, crate::web::WebError> {
    Ok(ImportPage {
        problem: Problem::default(),
        report: None,
        from: staff.cx.today().iso(),
        shell: staff.shell(list).await?,
        w: staff.words.clone(),
        list,
    })
}

/// `GET /matters/import`
pub(in super::super) async fn show_matters_import(staff: Staff) -> Answer {
    html(&page(&staff, "matters").await?)
}

/// `GET /duty/import`
pub(in super::super) async fn show_duty_import(staff: Staff) -> Answer {
    html(&page(&staff, "duty").await?)
}

/// `POST /matters/import`
pub(in super::super) async fn import_matters(staff: Staff, upload: Upload) -> Answer {
    import(&staff, &upload, "matters").await
}

/// `POST /duty/import`
pub(in super::super) async fn import_duty(staff: Staff, upload: Upload) -> Answer {
    import(&staff, &upload, "duty").await
}

async fn import(staff: &Staff, upload: &Upload, list: &'static str) -> Answer {
    let mut page = page(staff, list).await?;
    let dry = upload.text("end") != Some("import");
    let from = match day(staff, upload.text("from").unwrap_or_default(), "from") {
        Ok(from) => from,
        Err(refusal) => {
            page.problem = Problem::new(&staff.words, &refusal);
            return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    page.from = from.iso();
    let Some(file) = upload.files.iter().find(|f| f.field == "file").cloned() else {
        page.problem = Problem::new(&staff.words, &Refusal::missing("file"));
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let report: Report = staff
        .write(move |tx, cx| match list {
            "matters" => service::import_matters(tx, cx, &file.bytes, &file.name, from, dry),
            _ => service::import_duty(tx, cx, &file.bytes, &file.name, dry),
        })
        .await?;
    page.report = Some(ReportView::of(&staff.words, &report, dry));
    let status = if report.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_with(status, &page)
}
