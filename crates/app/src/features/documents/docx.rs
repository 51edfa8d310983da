//! Word documents as an office edits them: the fields that stand in one, and the same document with their values.
//!
//! A field is `{{case.number}}`, plain text. Word and WPS cut such a text over several runs when somebody has typed in it;
//! it is found all the same, and its value takes the look of the run in which it begins. Pure.

use anyhow::{Context, Result, bail, ensure};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

/// Files in one document, and what they may weigh unpacked: more is no letter.
const FILES_MOST: usize = 400;
const BYTES_MOST: u64 = 24 * 1024 * 1024;
/// Stands for a new line within a value; no text of people holds it.
const BREAK: char = '\u{E000}';

/// A field that stands in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `case.number`.
    pub name: String,
    /// Which paragraph of the body, header or footer, from 1.
    pub paragraph: usize,
    /// How that paragraph begins.
    pub begins: String,
}

/// Values by field name.
pub type Values = BTreeMap<String, String>;

type Xml = Event<'static>;

/// The parts of a document in which text stands.
fn is_text_part(name: &str) -> bool {
    let Some(file) = name.strip_prefix("word/") else { return false };
    file == "document.xml"
        || ((file.starts_with("header") || file.starts_with("footer")) && file.ends_with(".xml"))
}

/// The files of a document, in order.
fn unpack(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).context("no .docx")?;
    ensure!(zip.len() <= FILES_MOST, "too many files");
    let (mut out, mut weight) = (Vec::new(), 0);
    for i in 0..zip.len() {
        let mut file = zip.by_index(i)?;
        let name = file.name()?.into_owned();
        if file.is_dir() {
            continue;
        }
        ensure!(!name.ends_with("vbaProject.bin"), "macros");
        let mut content = Vec::new();
        file.by_ref().take(BYTES_MOST + 1).read_to_end(&mut content)?;
        weight += content.len() as u64;
        ensure!(weight <= BYTES_MOST, "too large");
        out.push((name, content));
    }
    ensure!(out.iter().any(|(n, _)| n == "word/document.xml"), "no .docx");
    Ok(out)
}

/// Packs files; the same files give the same bytes.
pub(super) fn pack(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, content) in files {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn read(xml: &[u8]) -> Result<Vec<Xml>> {
    let text = std::str::from_utf8(xml).context("not UTF-8")?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut out = Vec::new();
    loop {
        match reader.read_event().context("damaged XML")? {
            Event::Eof => return Ok(out),
            // Entities of its own are none of a letter's business.
            Event::DocType(_) => bail!("a document type"),
            event => out.push(event.into_owned()),
        }
    }
}

fn write(events: &[Xml]) -> Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    for event in events {
        writer.write_event(event.borrow())?;
    }
    Ok(writer.into_inner())
}

/// A piece of a paragraph's text: where it stands among the events, and where its `<w:t>` begins.
struct Piece {
    at: usize,
    open: usize,
    text: String,
}

/// The paragraphs with their pieces; a paragraph within another (a text box) is one of its own.
fn paragraphs(events: &[Xml]) -> Result<Vec<Vec<Piece>>> {
    let (mut out, mut open): (Vec<Vec<Piece>>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut text = None;
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start(tag) if tag.name().as_ref() == "w:p" => {
                open.push(out.len());
                out.push(Vec::new());
            }
            Event::End(tag) if tag.name().as_ref() == "w:p" => drop(open.pop()),
            Event::Start(tag) if tag.name().as_ref() == "w:t" => text = Some(at),
            Event::End(tag) if tag.name().as_ref() == "w:t" => text = None,
            Event::Text(piece) => {
                if let (Some(start), Some(paragraph)) = (text, open.last().and_then(|i| out.get_mut(*i))) {
                    let piece = piece.xml10_content().into_owned();
                    paragraph.push(Piece { at, open: start, text: piece });
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

/// The fields of a text: where each begins and ends, in bytes, and its name. `None` for braces that are never closed.
fn fields_of(text: &str) -> Option<Vec<(usize, usize, String)>> {
    let (mut out, mut from) = (Vec::new(), 0);
    while let Some(start) = text.get(from..)?.find("{{").map(|i| from + i) {
        let end = start + text.get(start..)?.find("}}")? + 2;
        out.push((start, end, text.get(start + 2..end - 2)?.trim().to_owned()));
        from = end;
    }
    Some(out)
}

/// The fields of a document, in order.
///
/// # Errors
/// What is no .docx, holds macros, or has braces that are never closed.
pub fn fields(bytes: &[u8]) -> Result<Vec<Found>> {
    let mut out = Vec::new();
    for (name, content) in unpack(bytes)?.iter().filter(|(n, _)| is_text_part(n)) {
        for (i, paragraph) in paragraphs(&read(content)?)?.iter().enumerate() {
            let text: String = paragraph.iter().map(|p| p.text.as_str()).collect();
            let begins: String = text.chars().take(16).collect();
            let Some(found) = fields_of(&text) else {
                return Err(anyhow::Error::new(Unclosed { paragraph: i + 1, begins }).context(name.clone()));
            };
            let found = found.into_iter().map(|(_, _, name)| Found {
                name,
                paragraph: i + 1,
                begins: begins.clone(),
            });
            out.extend(found);
        }
    }
    Ok(out)
}

/// Braces that are never closed.
#[derive(Clone, Debug)]
pub struct Unclosed {
    /// Which paragraph, from 1.
    pub paragraph: usize,
    /// How it begins.
    pub begins: String,
}

impl std::fmt::Display for Unclosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "braces are not closed in paragraph {}", self.paragraph)
    }
}

impl std::error::Error for Unclosed {}

/// The document with the values of its fields; a row of a table that holds `{{row.…}}` stands once for each of `rows`.
/// A field without a value becomes blank. `tail` is put below the text, for what must stand on it whatever the template says.
///
/// # Errors
/// As [`fields`].
pub fn fill(bytes: &[u8], values: &Values, rows: &[Values], tail: Option<&str>) -> Result<Vec<u8>> {
    let mut files = unpack(bytes)?;
    for (name, content) in files.iter_mut().filter(|(n, _)| is_text_part(n)) {
        let mut events = expand(&read(content)?, values, rows)?;
        if let (Some(tail), "word/document.xml") = (tail, name.as_str()) {
            append(&mut events, tail);
        }
        *content = write(&events)?;
    }
    pack(&files)
}

/// Repeats the rows of tables that are to be repeated and puts values in.
fn expand(events: &[Xml], values: &Values, rows: &[Values]) -> Result<Vec<Xml>> {
    let mut out = Vec::with_capacity(events.len());
    let mut plain = Vec::new();
    let mut at = 0;
    while let Some(event) = events.get(at) {
        let end = match event {
            Event::Start(tag) if tag.name().as_ref() == "w:tr" => row_end(events, at),
            _ => None,
        };
        let repeated = end.filter(|end| is_repeated(events.get(at..*end).unwrap_or_default()));
        let Some(end) = repeated else {
            plain.push(event.clone());
            at += 1;
            continue;
        };
        out.extend(substitute(std::mem::take(&mut plain), values)?);
        let row = events.get(at..end).unwrap_or_default();
        let blank = Values::new();
        for own in if rows.is_empty() { std::slice::from_ref(&blank) } else { rows } {
            let mut all = values.clone();
            all.extend(own.clone());
            out.extend(substitute(row.to_vec(), &all)?);
        }
        at = end;
    }
    out.extend(substitute(plain, values)?);
    Ok(out)
}

/// Where the row that begins here ends; rows may lie within rows.
fn row_end(events: &[Xml], from: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, event) in events.iter().enumerate().skip(from) {
        match event {
            Event::Start(tag) if tag.name().as_ref() == "w:tr" => depth += 1,
            Event::End(tag) if tag.name().as_ref() == "w:tr" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

fn is_repeated(row: &[Xml]) -> bool {
    let Ok(paragraphs) = paragraphs(row) else { return false };
    paragraphs.iter().any(|p| {
        let text: String = p.iter().map(|piece| piece.text.as_str()).collect();
        fields_of(&text).is_some_and(|f| f.iter().any(|(_, _, name)| name.starts_with("row.")))
    })
}

/// Puts values in place of fields.
fn substitute(events: Vec<Xml>, values: &Values) -> Result<Vec<Xml>> {
    let mut changed: BTreeMap<usize, String> = BTreeMap::new();
    let mut opened: BTreeMap<usize, ()> = BTreeMap::new();
    for paragraph in paragraphs(&events)? {
        let whole: String = paragraph.iter().map(|p| p.text.as_str()).collect();
        let Some(found) = fields_of(&whole).filter(|f| !f.is_empty()) else { continue };
        let mut from = 0;
        for piece in &paragraph {
            let (start, end) = (from, from + piece.text.len());
            from = end;
            let mut text = String::new();
            for (i, c) in piece.text.char_indices() {
                let at = start + i;
                match found.iter().find(|(a, b, _)| (*a..*b).contains(&at)) {
                    Some((a, _, name)) if *a == at => text.push_str(&clean(values.get(name))),
                    Some(_) => {}
                    None => text.push(c),
                }
            }
            if text != piece.text {
                changed.insert(piece.at, text);
                opened.insert(piece.open, ());
            }
        }
    }
    let mut out = Vec::with_capacity(events.len());
    for (at, event) in events.into_iter().enumerate() {
        match (changed.get(&at), event) {
            (Some(text), _) => put_text(&mut out, text),
            (None, Event::Start(tag)) if opened.contains_key(&at) => out.push(Event::Start(preserving(&tag))),
            (None, event) => out.push(event),
        }
    }
    Ok(out)
}

/// A value as XML may hold it; a new line becomes [`BREAK`].
fn clean(value: Option<&String>) -> String {
    let value = value.map(String::as_str).unwrap_or_default().replace("\r\n", "\n");
    let keep = |c: char| match c {
        '\n' => Some(BREAK),
        '\t' => Some(' '),
        c if c.is_control()
            || ('\u{E000}'..='\u{F8FF}').contains(&c)
            || c > '\u{FFFD}' && c < '\u{10000}' =>
        {
            None
        }
        c => Some(c),
    };
    value.chars().filter_map(keep).collect()
}

/// `<w:t>` that keeps blanks at its ends.
fn preserving(tag: &BytesStart<'_>) -> BytesStart<'static> {
    let mut own = BytesStart::new("w:t");
    let others = tag.attributes().flatten().filter(|a| a.key.as_ref() != "xml:space");
    for attribute in others {
        own.push_attribute(attribute);
    }
    own.push_attribute(("xml:space", "preserve"));
    own.into_owned()
}

/// A text with breaks of line, inside an open `<w:t>`.
fn put_text(out: &mut Vec<Xml>, text: &str) {
    for (i, line) in text.split(BREAK).enumerate() {
        if i > 0 {
            out.push(Event::End(BytesEnd::new("w:t")));
            out.push(Event::Empty(BytesStart::new("w:br")));
            let mut open = BytesStart::new("w:t");
            open.push_attribute(("xml:space", "preserve"));
            out.push(Event::Start(open.into_owned()));
        }
        if !line.is_empty() {
            out.push(Event::Text(BytesText::new(line).into_owned()));
        }
    }
}

/// A last paragraph, before what says how the page is laid out.
fn append(events: &mut Vec<Xml>, text: &str) {
    let is_end = |e: &Xml| match e {
        Event::Start(tag) | Event::Empty(tag) => tag.name().as_ref() == "w:sectPr",
        Event::End(tag) => tag.name().as_ref() == "w:body",
        _ => false,
    };
    // The last one: an earlier section ends within a paragraph.
    let body = events.iter().rposition(|e| matches!(e, Event::End(t) if t.name().as_ref() == "w:body"));
    let last = events.iter().rposition(|e| is_end(e) && !matches!(e, Event::End(_)));
    let inside = |at: usize| {
        events.get(at..).is_some_and(|rest| {
            !rest.iter().any(|e| matches!(e, Event::End(t) if t.name().as_ref() == "w:p"))
        })
    };
    let Some(at) = last.filter(|at| inside(*at)).or(body) else { return };
    let start = |name: &'static str| Event::Start(BytesStart::new(name));
    let end = |name: &'static str| Event::End(BytesEnd::new(name));
    let text = clean(Some(&text.to_owned())).replace(BREAK, " ");
    let paragraph = [
        start("w:p"),
        start("w:r"),
        start("w:t"),
        Event::Text(BytesText::new(&text).into_owned()),
        end("w:t"),
        end("w:r"),
        end("w:p"),
    ];
    events.splice(at..at, paragraph);
}

/// The text of a document, a paragraph a line: for looking at what was made.
///
/// # Errors
/// As [`fields`].
pub fn text(bytes: &[u8]) -> Result<String> {
    let mut out = String::new();
    for (_, content) in unpack(bytes)?.iter().filter(|(n, _)| is_text_part(n)) {
        for paragraph in paragraphs(&read(content)?)? {
            paragraph.iter().for_each(|p| out.push_str(&p.text));
            out.push('\n');
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docx(body: &str) -> Vec<u8> {
        let xml = format!(
            "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\"><w:body>{body}<w:sectPr/></w:body></w:document>"
        );
        pack(&[("word/document.xml".to_owned(), xml.into_bytes())]).unwrap()
    }

    fn xml(bytes: &[u8]) -> String {
        String::from_utf8(unpack(bytes).unwrap().remove(0).1).unwrap()
    }

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_field_is_found_however_it_was_cut() {
        let cut = docx(
            "<w:p><w:r><w:t>编号：{</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{case</w:t></w:r><w:proofErr/><w:r><w:t>.number}</w:t></w:r><w:r><w:t>}。</w:t></w:r></w:p>",
        );
        let found = fields(&cut).unwrap();
        assert_eq!((found[0].name.as_str(), found[0].paragraph, found.len()), ("case.number", 1, 1));
        let made = fill(&cut, &values(&[("case.number", "青禾-0017 <&>")]), &[], None).unwrap();
        assert!(xml(&made).contains("编号：青禾-0017 &lt;&amp;&gt;"), "{}", xml(&made));
        assert!(!xml(&made).contains(['{', '}']), "{}", xml(&made));
    }

    #[test]
    fn values_are_text_and_lines_stay_lines() {
        let one = docx("<w:p><w:r><w:t>{{a}} {{ b }}</w:t></w:r></w:p>");
        let made = xml(&fill(&one, &values(&[("a", "x</w:t>\ny")]), &[], Some("末尾")).unwrap());
        assert!(made.contains("x&lt;/w:t&gt;</w:t><w:br/><w:t xml:space=\"preserve\">y "), "{made}");
        assert!(made.contains("<w:t>末尾</w:t></w:r></w:p><w:sectPr/>"), "{made}");
    }

    #[test]
    fn a_row_stands_once_for_each() {
        let table = docx(
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{{head}}</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>{{row.no}}、{{head}}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        );
        let rows = [values(&[("row.no", "1")]), values(&[("row.no", "2")])];
        let made = text(&fill(&table, &values(&[("head", "名称")]), &rows, None).unwrap()).unwrap();
        assert_eq!(made.trim().lines().collect::<Vec<_>>(), ["名称", "1、名称", "2、名称"]);
    }

    #[test]
    fn what_is_no_letter_is_refused() {
        assert!(fields(b"PK\x03\x04nothing").is_err());
        assert!(
            fields(&docx("<w:p><w:r><w:t>{{open</w:t></w:r></w:p>"))
                .unwrap_err()
                .downcast_ref::<Unclosed>()
                .is_some()
        );
        let entities =
            pack(&[("word/document.xml".to_owned(), b"<!DOCTYPE x [<!ENTITY a \"b\">]><x/>".to_vec())])
                .unwrap();
        assert!(fields(&entities).is_err());
        let macros = pack(&[
            ("word/document.xml".to_owned(), b"<x/>".to_vec()),
            ("word/vbaProject.bin".to_owned(), vec![1]),
        ])
        .unwrap();
        assert!(fields(&macros).is_err());
    }
}
