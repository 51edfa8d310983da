//! Files that leave by the browser.

use super::{Answer, WebError, encode};
use axum::http::{HeaderValue, StatusCode, header};
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

/// A recording, whole or the part that was asked for (RFC 9110, 14.2): Safari plays nothing that it cannot ask for in parts.
///
/// # Errors
/// When the kind cannot be written.
pub fn streamed(range: Option<&HeaderValue>, kind: &str, bytes: Vec<u8>) -> Answer {
    let headers = [
        (header::CONTENT_TYPE, value(kind)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    ];
    let total = bytes.len();
    let Some(part) = range.and_then(|r| r.to_str().ok()).and_then(|text| part_of(text, total)) else {
        return Ok((headers, bytes).into_response());
    };
    let Some((first, last)) = part else {
        let said = [(header::CONTENT_RANGE, value(&format!("bytes */{total}"))?)];
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, said).into_response());
    };
    let said = [(header::CONTENT_RANGE, value(&format!("bytes {first}-{last}/{total}"))?)];
    Ok((StatusCode::PARTIAL_CONTENT, headers, said, bytes[first..=last].to_vec()).into_response())
}

/// The first and last byte of one range; `None` for what is no single range and is answered whole, `Some(None)` for one
/// that lies outside.
fn part_of(text: &str, total: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let end = total.checked_sub(1);
    let within = |first: usize, last: usize| end.filter(|e| first <= *e).map(|e| (first, last.min(e)));
    match (first, last) {
        ("", n) => {
            let n: usize = n.parse().ok()?;
            Some(if n == 0 { None } else { within(total.saturating_sub(n), total) })
        }
        (a, "") => Some(within(a.parse().ok()?, total)),
        (a, b) => {
            let (a, b): (usize, usize) = (a.parse().ok()?, b.parse().ok()?);
            if a > b { None } else { Some(within(a, b)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{disposition, part_of};

    #[test]
    fn one_range_is_read_and_anything_else_is_answered_whole() {
        for (text, wanted) in [
            ("bytes=0-1", Some(Some((0, 1)))),
            ("bytes=4-", Some(Some((4, 9)))),
            ("bytes=-3", Some(Some((7, 9)))),
            ("bytes=-30", Some(Some((0, 9)))),
            ("bytes=8-99", Some(Some((8, 9)))),
            ("bytes=10-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=5-2", None),
            ("bytes=0-1,4-5", None),
            ("bytes=x-", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(part_of(text, 10), wanted, "{text}");
        }
        assert_eq!(part_of("bytes=0-", 0), Some(None));
    }

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
