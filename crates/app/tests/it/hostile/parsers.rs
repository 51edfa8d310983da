//! Everything that reads what comes from outside: whatever it is given, it gives a value or a refusal, within bounds, and
//! what it wrote itself it reads again.

use condition::{Condition, Field, MAX_BYTES, Schema, Type};
use geography::Crs;
use gezhi::features::catalogue::sheet as catalogue;
use gezhi::features::documents::docx;
use gezhi::features::imports::profile::Profile;
use gezhi::features::procedures::procedure::Procedure;
use gezhi::features::tasks::{files as papers, form};
use gezhi::features::upstream::tickets::{self, Mapping};
use gezhi::features::upstream::vocabulary::Vocabulary;
use gezhi::features::{indicators, people, places};
use gezhi::files::Files;
use gezhi::rows;
use gezhi::sheet::{self, Cell};
use gezhi::words::Locale;
use jiff::tz::TimeZone;
use kernel::{Day, Refusal, Ts};
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A zip file of these parts.
fn zipped(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, body) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(body).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook with one sheet, whose inside and shared texts are given.
fn xlsx(inside: &str, shared: &str) -> Vec<u8> {
    let kept = "http://schemas.openxmlformats.org/package/2006";
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    zipped(&[
        (
            "[Content_Types].xml",
            format!("<Types xmlns=\"{kept}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}.sheet.main+xml\"/></Types>").into_bytes(),
        ),
        (
            "_rels/.rels",
            format!("<Relationships xmlns=\"{kept}/relationships\"><Relationship Id=\"r1\" Type=\"{REL}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>").into_bytes(),
        ),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{SHEET}\" xmlns:r=\"{REL}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>").into_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships xmlns=\"{kept}/relationships\"><Relationship Id=\"r1\" Type=\"{REL}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{REL}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>").into_bytes(),
        ),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{SHEET}\">{shared}</sst>").into_bytes()),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{SHEET}\"><sheetData>{inside}</sheetData></worksheet>").into_bytes(),
        ),
    ])
}

fn inline(address: &str, text: &str) -> String {
    format!("<c r=\"{address}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn table() -> String {
    format!(
        "<row r=\"1\">{}{}</row><row r=\"2\">{}<c r=\"B2\"><v>3</v></c></row>",
        inline("A1", "工单编号"),
        inline("B1", "诉求内容"),
        inline("A2", "12")
    )
}

fn read(bytes: &[u8]) -> Result<sheet::Grid, Refusal> {
    sheet::read_file(bytes, |t| t == "工单编号" || t == "诉求内容")
}

/// Reads within a time that no bomb would keep.
fn quickly<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let out = work();
    assert!(begin.elapsed() < Duration::from_secs(20), "{what} took {:?}", begin.elapsed());
    out
}

#[test]
fn a_workbook_whose_corners_are_far_apart_costs_what_stands_in_it() {
    let far = format!("<row r=\"1048576\">{}</row>", inline("XFD1048576", "x"));
    let grid = quickly("far corners", || read(&xlsx(&format!("{}{far}", table()), ""))).unwrap();
    assert_eq!((grid.header.len(), grid.rows.len()), (2, 1));
    assert_eq!(grid.rows[0].1[1], Cell::Number(3.0));
    // The declared size of a sheet is nobody's promise.
    let grid = read(&xlsx(&table(), "")).unwrap();
    assert_eq!((grid.header, grid.left), (vec!["工单编号".to_owned(), "诉求内容".to_owned()], 0));
}

/// An .xls as its records: a sheet with a number in two cells.
fn xls(cells: &[(u16, u16)]) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut record = |kind: u16, body: &[u8]| {
        stream.extend(kind.to_le_bytes());
        stream.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
        stream.extend(body);
    };
    record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record(0x0085, &[39, 0, 0, 0, 0, 0, 1, 0, b'a']);
    record(0x000a, &[]);
    record(0x0809, &[0, 6, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (row, column) in cells {
        let mut body = Vec::new();
        body.extend(row.to_le_bytes());
        body.extend(column.to_le_bytes());
        body.extend([0, 0]);
        body.extend(1.0f64.to_le_bytes());
        record(0x0203, &body);
    }
    record(0x000a, &[]);
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&stream).unwrap();
    file.into_inner().into_inner()
}

#[test]
fn an_old_workbook_whose_corners_are_far_apart_is_refused_before_its_table_is_made() {
    let code = |bytes: &[u8]| quickly("an .xls", || read(bytes)).err().map(|e| e.code);
    assert_eq!(code(&xls(&[(0, 0), (65_535, 65_535)])), Some("sheet.heavy"));
    assert_eq!(code(&xls(&[(0, 0), (65_535, 255)])), Some("sheet.heavy"));
    assert_ne!(code(&xls(&[(0, 0), (1, 1)])), Some("sheet.heavy"));
    assert_eq!(code(b"\xd0\xcf\x11\xe0nothing"), Some("sheet.workbook"));
}

#[test]
fn a_workbook_that_unpacks_to_more_than_fits_is_refused() {
    let code = |bytes: &[u8]| quickly("a bomb", || read(bytes)).err().map(|e| e.code);
    // Two hundred kilobytes that would be two hundred megabytes and one.
    let spaces = " ".repeat(201 * 1024 * 1024);
    let bomb = xlsx(&spaces, "");
    assert!(bomb.len() < 1_000_000, "{}", bomb.len());
    assert_eq!(code(&bomb), Some("sheet.heavy"));
    // One long text, named by every cell.
    let shared = format!("<si><t>{}</t></si>", "字".repeat(20_000));
    let cell = "<c t=\"s\"><v>0</v></c>".repeat(100);
    let rows = format!("<row>{cell}</row>").repeat(100);
    assert_eq!(code(&xlsx(&rows, &shared)), Some("sheet.heavy"));
    // Entities of its own, ten of ten of ten.
    let mut kinds = String::from("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">");
    for (name, of) in
        [('b', 'a'), ('c', 'b'), ('d', 'c'), ('e', 'd'), ('f', 'e'), ('g', 'f'), ('h', 'g'), ('i', 'h')]
    {
        kinds.push_str(&format!("<!ENTITY {name} \"{}\">", format!("&{of};").repeat(10)));
    }
    let lol = format!(
        "<?xml version=\"1.0\"?>{kinds}]><worksheet xmlns=\"{SHEET}\"><sheetData><row>{}</row></sheetData></worksheet>",
        inline("A1", "&i;")
    );
    let mut parts = zip::ZipArchive::new(Cursor::new(xlsx(&table(), ""))).unwrap();
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    for i in 0..parts.len() {
        let mut part = parts.by_index(i).unwrap();
        let mut body = Vec::new();
        std::io::copy(&mut part, &mut body).unwrap();
        let name = part.name().unwrap().into_owned();
        all.push((name.clone(), if name.ends_with("sheet1.xml") { lol.clone().into_bytes() } else { body }));
    }
    let all: Vec<(&str, Vec<u8>)> = all.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
    let lol = quickly("entities", || read(&zipped(&all)));
    assert!(lol.is_err(), "{lol:?}");
}

#[test]
fn a_text_with_more_rows_or_cells_than_an_office_has_is_refused() {
    let code = |text: &str| quickly("a text", || sheet::rows_of_text(text)).err().map(|e| e.code);
    assert_eq!(code(&"a\n".repeat(300_001)), Some("sheet.heavy"));
    assert_eq!(code(&format!("{}\n", ",".repeat(4_000_001))), Some("sheet.heavy"));
    assert_eq!(code(&"a,b\n".repeat(1_000)), None);
}

#[test]
fn a_template_that_unpacks_to_more_than_fits_or_brings_its_own_entities_is_refused() {
    let letter = |xml: Vec<u8>| zipped(&[("word/document.xml", xml)]);
    let fine = letter(
        b"<w:document><w:body><w:p><w:r><w:t>{{case.number}}</w:t></w:r></w:p></w:body></w:document>"
            .to_vec(),
    );
    assert_eq!(docx::fields(&fine).unwrap()[0].name, "case.number");
    assert!(quickly("a bomb", || docx::fields(&letter(vec![b' '; 30 * 1024 * 1024]))).is_err());
    assert!(docx::fields(&letter(b"<!DOCTYPE a [<!ENTITY b \"c\">]><w:p/>".to_vec())).is_err());
    assert!(
        docx::fields(&zipped(&[("word/document.xml", b"<w:p/>".to_vec()), ("word/vbaProject.bin", vec![0])]))
            .is_err()
    );
    // A value is a text, whatever stands in it.
    let values =
        [("case.number".to_owned(), "</w:t><w:instrText>x</w:instrText>&{{x}}\u{202e}\u{0}".to_owned())]
            .into();
    let filled = docx::fill(&fine, &values, &[], None).unwrap();
    let mut inside = String::new();
    let mut zip = zip::ZipArchive::new(Cursor::new(&filled)).unwrap();
    std::io::Read::read_to_string(&mut zip.by_name("word/document.xml").unwrap(), &mut inside).unwrap();
    assert!(!inside.contains("<w:instrText>") && inside.contains("&lt;w:instrText&gt;"), "{inside}");
    assert!(!inside.contains('\0'), "no XML");
}

#[test]
fn what_is_two_things_at_once_is_kept_as_a_picture_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path()).unwrap();
    let script = b"<html><script>alert(1)</script></html>";
    let mut picture = Cursor::new(Vec::new());
    image::RgbImage::new(8, 8).write_to(&mut picture, image::ImageFormat::Png).unwrap();
    let picture = picture.into_inner();
    let both = [picture.as_slice(), script].concat();
    let kept = files.put_photo(&both).unwrap();
    let bytes = files.get(&kept.hash).unwrap();
    assert!(!bytes.windows(8).any(|w| w == b"<script>"), "what hung behind the picture is gone");
    for (what, bytes) in [
        ("a page before the picture", [&script[..], &picture].concat()),
        ("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec()),
        ("GIF with a script for its size", b"GIF89a/*\x01\x00*/=1;alert(1)".to_vec()),
        ("PDF", b"%PDF-1.7 /JS (app.alert(1))".to_vec()),
        ("BMP", b"BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0".to_vec()),
        ("TIFF", b"II*\0\x08\0\0\0".to_vec()),
    ] {
        assert!(files.put_photo(&bytes).is_err(), "{what}");
        assert!(files.put_voice(&bytes).is_err(), "{what}");
    }
    for (name, bytes) in [
        ("a.html", &script[..]),
        ("a.svg", b"<svg onload=x>"),
        ("a.xml", b"<?xml version=\"1.0\"?><x/>"),
        ("a.txt", b" \n<script>"),
    ] {
        assert!(papers::store(&files, name, bytes).is_err(), "{name}");
    }
    let kept = papers::store(&files, "../../\u{202e}fdp.exe\r\n.pdf", b"%PDF-1.7").unwrap();
    assert!(!kept.name.contains(['/', '\\', '\r', '\n']) && kept.name.ends_with(".pdf"), "{}", kept.name);
}

fn schema() -> Schema {
    let field = |name, ty, sql| Field { name, ty, sql: Some(sql) };
    Schema::new(&[
        field("case.urgent", Type::Bool, "c.urgent"),
        field("case.returned", Type::Int, "c.returned"),
        field("case.title", Type::Text, "c.title"),
        field("case.opened", Type::Time, "c.opened"),
    ])
}

#[test]
fn no_condition_takes_long_to_be_refused() {
    let n = MAX_BYTES;
    for text in [
        "(".repeat(n),
        "!".repeat(n),
        "[".repeat(n),
        "-".repeat(n),
        "true && ".repeat(n / 8),
        format!("{}true{}", "(".repeat(n / 2 - 4), ")".repeat(n / 2 - 4)),
        format!("case.title == \"{}\"", "\\".repeat(n - 40)),
        format!("case.returned in [{}1]", "1,".repeat(n / 2 - 20)),
        format!("case.returned == {}", "9".repeat(n - 20)),
        "case.title.contains(".repeat(n / 20),
        "1?".repeat(n / 2),
        "a.".repeat(n / 2),
        "\"".repeat(n),
        "\u{0}".repeat(n),
        "字".repeat(n / 3),
    ] {
        let begin = Instant::now();
        let _ = Condition::parse(&text, &schema());
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "{}… took {:?}",
            &text.chars().take(20).collect::<String>(),
            begin.elapsed()
        );
    }
    assert!(Condition::parse(&"true".repeat(n), &schema()).is_err());
}

/// Changes that damage does: cut, doubled, turned, put in.
fn damaged(seed: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let change = (0..seed.len().max(1), 0..4u8, any::<u8>(), 0..64usize);
    vec(change, 1..6).prop_map(move |changes| {
        let mut bytes = seed.to_vec();
        for (at, what, byte, length) in changes {
            let at = at.min(bytes.len());
            let end = (at + length).min(bytes.len());
            match what {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, byte),
                2 => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => bytes.get_mut(at).into_iter().for_each(|b| *b = byte),
            }
        }
        bytes
    })
}

/// All words, in each language.
static WORDS: LazyLock<[String; 2]> = LazyLock::new(|| {
    ["en", "zh-CN"].map(|tag| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../words").join(tag);
        let files = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        files.map(|text| format!("\n{text}")).collect()
    })
});

/// What is wrong is told in words that stand in both languages.
fn coded<T>(outcome: Result<T, Refusal>) {
    if let Err(refusal) = outcome {
        let key = format!("\nrefusal-{} =", refusal.code.replace(['.', '_'], "-"));
        for words in WORDS.iter() {
            assert!(words.contains(&key), "{key}");
        }
    }
}

const CSV: &[u8] = "工单编号,诉求内容,办理时限\n\"1\"\"2\",\"灯\n坏\",2026/3/14 17:30\n".as_bytes();
const GEO: &[u8] = br#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"999901001001","name":"a","kind":"community"},"geometry":{"type":"Polygon","coordinates":[[[120.1,30.1],[120.2,30.1],[120.2,30.2],[120.1,30.1]]]}}]}"#;
const PROCEDURE: &[u8] = include_bytes!("../../../../../packs/demands/procedure.toml");
const MATTERS: &[u8] = include_bytes!("../../../../../packs/demands/matters.csv");

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_sheet_of_any_bytes_is_a_table_or_a_refusal(bytes in prop_oneof![vec(any::<u8>(), 0..600), damaged(CSV)]) {
        coded(read(&bytes));
        coded(sheet::rows_of_file(&bytes));
        coded(form::head_of_file(&bytes));
        let _ = rows::Table::read(&bytes, &["工单编号"]);
        let _ = catalogue::read_duty(&bytes);
        let _ = catalogue::read_routes(&bytes);
    }

    #[test]
    fn a_damaged_workbook_is_a_table_or_a_refusal(inside in "(<row( r=\"[0-9-]{0,9}\")?>(<c( r=\"[A-Z]{0,4}[0-9]{0,8}\")?( t=\"(s|b|n|d|e|str|inlineStr)\")?>(<v>[-0-9.eE]{0,12}</v>)?(<is><t>[^<&]{0,8}</t></is>)?</c>){0,4}</row>){0,5}", cut in 0..1_000usize) {
        let bytes = xlsx(&inside, "<si><t>x</t></si>");
        coded(read(&bytes));
        coded(read(&bytes[..bytes.len() - cut.min(bytes.len())]));
    }

    #[test]
    fn a_damaged_old_workbook_is_a_table_or_a_refusal(cells in vec((any::<u16>(), 0..300u16), 0..5), at in 0..2_000usize, byte: u8) {
        let mut bytes = xls(&cells);
        if let Some(one) = bytes.get_mut(at + 512) { *one = byte; }
        coded(read(&bytes));
    }

    #[test]
    fn a_damaged_template_is_read_or_refused(xml in "(<(/)?w:(p|t|r|tr|tbl|tc)( x=\"y\")?(/)?>|\\{\\{|\\}\\}|row\\.a|[^<&]{0,6}|&[a-z]{0,4};?|<!--|-->|<!\\[CDATA\\[){0,40}") {
        let bytes = zipped(&[("word/document.xml", xml.into_bytes())]);
        let _ = docx::fields(&bytes);
        let _ = docx::text(&bytes);
        if let Ok(filled) = docx::fill(&bytes, &docx::Values::new(), &[docx::Values::new()], Some("x")) {
            prop_assert!(docx::fields(&filled).is_ok());
        }
    }

    #[test]
    fn damaged_shapes_are_read_or_refused(bytes in damaged(GEO)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = geography::read_features(&text, Crs::Wgs84);
        let _ = places::geojson::read(&text, Crs::Gcj02);
    }

    #[test]
    fn damaged_packs_and_profiles_are_read_or_refused(bytes in damaged(PROCEDURE), matters in damaged(MATTERS), any in "\\PC{0,200}") {
        let text = String::from_utf8_lossy(&bytes);
        let _ = Procedure::parse(&text);
        let _ = indicators::pack::parse(&text);
        let _ = people::pack::roles(&text);
        let _ = Profile::parse(&text);
        let _ = Vocabulary::parse(&text);
        let _ = Profile::parse(&any);
        let _ = catalogue::read_matters(&matters);
    }

    #[test]
    fn any_condition_is_read_or_refused(text in prop_oneof!["\\PC{0,120}", "(case\\.(urgent|returned|title|opened)|&&|\\|\\||!|==|<=?|in|\\[|\\]|\\(|\\)|\"[^\"]{0,4}\"|[0-9]{1,20}|true|now|has|timestamp|duration|null| |\\.|,|-|\\+){0,40}"]) {
        if let Ok(condition) = Condition::parse(&text, &schema()) {
            let again = Condition::parse(condition.text(), &schema());
            prop_assert!(again.is_ok(), "{text}");
        }
    }

    #[test]
    fn tickets_of_a_program_are_read_or_named(cells in vec(("[\\PC]{0,8}", prop_oneof![any::<f64>().prop_map(|n| serde_json::json!(n)), "\\PC{0,30}".prop_map(|t| serde_json::json!(t)), Just(serde_json::json!(null)), Just(serde_json::json!({"a": []}))]), 0..6)) {
        let mut row: serde_json::Map<String, serde_json::Value> = cells.into_iter().collect();
        row.insert("number".into(), serde_json::json!("12"));
        if let Ok(grid) = tickets::grid_of(&[row]) {
            let words = Vocabulary::shipped().unwrap();
            let (all, wrong) = tickets::read(words, &grid, &Mapping::plain("x"), &TimeZone::UTC);
            prop_assert!(all.len() <= grid.rows.len());
            for error in wrong { coded::<()>(Err(error.reason)); }
        }
    }

    #[test]
    fn codes_days_times_and_languages_are_read_or_not(text in "\\PC{0,40}") {
        if let Some(code) = text::parse_tracking_code(&text) {
            prop_assert_eq!(text::parse_tracking_code(&code), Some(code.clone()));
            prop_assert!(code.len() == 8 && code.is_ascii());
        }
        if let Some(day) = Day::parse(&text) { prop_assert_eq!(Day::parse(&day.iso()), Some(day)); }
        if let Some(at) = Ts::parse(&text) { prop_assert_eq!(Ts::parse(&at.rfc3339()), Some(at)); }
        let _ = Ts::parse_local(&text, &TimeZone::UTC);
        let _ = Locale::parse(&text).tag();
        let _ = worktime::Limit::parse(&text);
        let _ = worktime::Hours::parse(&text);
        let _ = form::figure(&text);
        let _ = text::normalize_phone(&text);
        let sealed = text::identifiers::seal(&text);
        prop_assert_eq!(text::identifiers::unseal(&sealed.masked, &sealed.parts), text);
    }

    #[test]
    fn pictures_and_recordings_of_any_bytes_are_kept_or_refused(head in prop_oneof![Just(&b"\xff\xd8\xff\xe0"[..]), Just(&b"\x89PNG\r\n\x1a\n"[..]), Just(&b"RIFF\0\0\0\0WEBPVP8 "[..]), Just(&b"\x1aE\xdf\xa3"[..]), Just(&b""[..])], rest in vec(any::<u8>(), 0..400)) {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path()).unwrap();
        let bytes = [head, &rest].concat();
        let _ = files.put_photo(&bytes);
        let _ = files.put_voice(&bytes);
        let _ = papers::store(&files, "a", &bytes);
    }

    #[test]
    fn what_a_table_says_it_says_again_whatever_it_begins_with(cells in vec(vec("[=+@'\\t-]{0,2}[^\\r\\n\\x00]{0,6}", 3..=3), 1..5)) {
        // Blanks at the ends are cut when a table is read.
        let cells: Vec<Vec<String>> = cells.iter().map(|row| row.iter().map(|c| c.trim().trim_matches('\u{feff}').to_owned()).collect()).collect();
        prop_assume!(cells.iter().all(|row| row.iter().all(|c| !c.is_empty() && c.trim() == c)));
        let text = rows::write_csv(&["a", "b", "c"], &cells).unwrap();
        let mut raw = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for record in raw.records() {
            for cell in &record.unwrap() {
                prop_assert!(!cell.starts_with(['=', '@', '\t']), "{}", cell);
            }
        }
        let table = rows::Table::read(text.as_bytes(), &["a"]).unwrap();
        for (row, cells) in table.rows().zip(&cells) {
            let read: Vec<&str> = ["a", "b", "c"].iter().map(|c| row.get(c)).collect();
            prop_assert_eq!(&read, cells);
        }
        let mut book = rust_xlsxwriter::Workbook::new();
        let page = book.add_worksheet();
        for (i, row) in (0..).zip(&cells) {
            for (j, cell) in (0..).zip(row) { page.write_string(i, j, cell.as_str()).unwrap(); }
        }
        let bytes = book.save_to_buffer().unwrap();
        let read = sheet::rows_of_file(&bytes).unwrap();
        for ((_, row), cells) in read.iter().zip(&cells) {
            for (held, cell) in row.iter().zip(cells) {
                let plain = rows::bare(cell).trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
                prop_assert_eq!(held.shown(), plain);
            }
        }
    }
}
