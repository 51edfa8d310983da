//! Files that leave by the browser.

use super::{Answer, WebError, encode};
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;

/// What a browser calls a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What a browser calls a document of words.
pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// What a browser calls a comma-separated sheet.
pub const CSV: &str = "text/csv; charset=utf-8";

fn value(text: &str) -> Result<HeaderValue, WebError> {
    HeaderValue::from_str(text).map_err(|e| WebError::Failed(e.into()))
}

/// The head of a file with a name in all letters, by RFC 6266; `way` is `attachment`, or `inline` for what is shown.
/// Where the name is more than plain letters, programs that cannot read it keep the file as `file` with its ending.
///
/// # Errors
/// When the name cannot be written there.
pub fn disposition(way: &str, name: &str) -> Result<HeaderValue, WebError> {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if plain(name) {
        return value(&format!("{way}; filename=\"{name}\""));
    }
    let ending =
        name.rsplit_once('.').filter(|(_, e)| plain(e)).map_or(String::new(), |(_, e)| format!(".{e}"));
    let whole = encode(name).replace('/', "%2F");
    value(&format!("{way}; filename=\"file{ending}\"; filename*=UTF-8''{whole}"))
}

/// A file to be kept by whoever asked, and by nothing between.
///
/// # Errors
/// When the name cannot be written.
pub fn download(bytes: Vec<u8>, kind: &str, name: &str) -> Answer {
    let headers = [
        (header::CONTENT_TYPE, value(kind)?),
        (header::CONTENT_DISPOSITION, disposition("attachment", name)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_plain_name_stands_as_it_is_and_any_other_is_encoded() {
        let head = |name| disposition("attachment", name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(head("log-20260312.csv"), "attachment; filename=\"log-20260312.csv\"");
        assert_eq!(
            head("台账 a\"b/c.xlsx"),
            "attachment; filename=\"file.xlsx\"; filename*=UTF-8''%E5%8F%B0%E8%B4%A6%20a%22b%2Fc.xlsx"
        );
        assert_eq!(head("a\r\nb"), "attachment; filename=\"file\"; filename*=UTF-8''a%0D%0Ab");
    }
}
