//! What may be attached: pictures, which are drawn anew, and papers whose content says what they are. Whatever a
//! browser might run is refused, and papers leave only as downloads.

use super::model::NewFile;
use crate::files::Files;
use crate::web::WebError;
use kernel::Refusal;
use std::io::Cursor;

/// Characters of a file's name.
const NAME_MOST: usize = 100;

/// Stores a file that was sent.
///
/// # Errors
/// `tasks.file.kind` with its name; nothing is stored then.
pub fn store(files: &Files, name: &str, bytes: &[u8]) -> Result<NewFile, WebError> {
    let wrong = || Refusal::rule("tasks.file.kind").on("files").with("name", name);
    let why = |error| WebError::of_file(error, wrong);
    let plain: String = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let plain: String = plain.chars().filter(|c| !c.is_control()).take(NAME_MOST).collect();
    let stem = plain.rsplit_once('.').map_or(plain.as_str(), |(stem, _)| stem).to_owned();
    let picture = [&b"\xff\xd8\xff"[..], b"\x89PNG", b"RIFF"].iter().any(|head| bytes.starts_with(head));
    if picture {
        let stored = files.put_photo(bytes).map_err(why)?;
        let (hash, mime) = (stored.hash, stored.mime.to_owned());
        return Ok(NewFile { name: format!("{stem}.jpg"), hash, mime, bytes: stored.bytes });
    }
    let (ending, mime) = kind(bytes).ok_or_else(wrong)?;
    let given = plain.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    let ending = if ending.contains(&given.as_str()) {
        given
    } else {
        ending.first().copied().unwrap_or("bin").to_owned()
    };
    let hash = files.put(bytes).map_err(why)?;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    Ok(NewFile { name: format!("{stem}.{ending}"), hash, mime: mime.to_owned(), bytes: size })
}

/// The endings and the type of a paper, by its content.
fn kind(bytes: &[u8]) -> Option<(&'static [&'static str], &'static str)> {
    if bytes.starts_with(b"%PDF-") {
        return Some((&["pdf"], "application/pdf"));
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Some((&["doc", "xls", "ppt", "wps", "et", "dps"], "application/octet-stream"));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        let names: Vec<String> = (0..zip.len().min(2_000))
            .filter_map(|i| Some(zip.by_index_raw(i).ok()?.name().ok()?.into_owned()))
            .collect();
        let has = |head: &str| names.iter().any(|name| name.starts_with(head));
        // A paper with a program in it is none.
        if names.iter().any(|name| name.contains("vbaProject")) {
            return None;
        }
        return [("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"), ("OFD.xml", "ofd")]
            .into_iter()
            .find_map(|(head, ending)| {
                let one: &'static [&'static str] = match ending {
                    "docx" => &["docx"],
                    "xlsx" => &["xlsx"],
                    "pptx" => &["pptx"],
                    _ => &["ofd"],
                };
                has(head).then_some((one, "application/octet-stream"))
            });
    }
    let text = !bytes.is_empty() && !bytes.contains(&0) && !bytes.trim_ascii_start().starts_with(b"<");
    let read = text
        && (std::str::from_utf8(bytes).is_ok() || !encoding_rs::GB18030.decode_without_bom_handling(bytes).1);
    read.then_some((&["txt", "csv"][..], "text/plain; charset=utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_might_run_is_refused_and_papers_are_known_by_their_content() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path()).unwrap();
        let name = |given: &str, bytes: &[u8]| {
            store(&files, given, bytes).map(|f| f.name).map_err(|e| e.refusal().map(|r| r.code))
        };
        assert_eq!(name("a.pdf", b"<html><script>"), Err(Some("tasks.file.kind")));
        assert_eq!(name("a.pdf", b"MZ\x00\x01"), Err(Some("tasks.file.kind")));
        assert_eq!(name("..\\通知.html", b"%PDF-1.7"), Ok("通知.pdf".to_owned()));
        assert_eq!(name("/etc/名单.csv", "楼栋,户数\n".as_bytes()), Ok("名单.csv".to_owned()));
    }
}
