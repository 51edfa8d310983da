//! A letter made of a plain text, by the layout of GB/T 9704: what an office begins with before it has templates of its
//! own. Pure.
//!
//! A line is a paragraph: `# ` the title, `@ ` its number, `> ` whom it goes to, `~ ` who signs (on the right), `! ` a
//! heading within the text, `| a | b` a row of a table, `^ ` the foot of each page; any other is text whose first line
//! begins two characters in. Blank lines stay.

use super::docx::pack;
use anyhow::Result;
use std::fmt::Write;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const NS: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// A font by its name in Chinese systems, then as others know it. A machine without it takes one of the same kind.
const TITLE: &str = "\u{65b9}\u{6b63}\u{5c0f}\u{6807}\u{5b8b}\u{7b80}\u{4f53}";
const BODY: &str = "\u{4eff}\u{5b8b}";
const HEADING: &str = "\u{9ed1}\u{4f53}";
const FOOT: &str = "\u{5b8b}\u{4f53}";

/// How a paragraph looks: font, size in half points, alignment, indents in twentieths of a point.
struct Look {
    font: &'static str,
    half_points: u32,
    align: &'static str,
    indent: &'static str,
}

const fn look(font: &'static str, half_points: u32, align: &'static str, indent: &'static str) -> Look {
    Look { font, half_points, align, indent }
}

/// Size 3 (16 pt), first line two characters in.
const TEXT: Look = look(BODY, 32, "both", "w:firstLineChars=\"200\" w:firstLine=\"640\"");

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// 28.95 pt from line to line: 22 lines fill the page.
fn paragraph(out: &mut String, look: &Look, text: &str, exact: bool) {
    let line =
        if exact { "w:line=\"579\" w:lineRule=\"exact\"" } else { "w:line=\"400\" w:lineRule=\"atLeast\"" };
    let indent = if look.indent.is_empty() { String::new() } else { format!("<w:ind {}/>", look.indent) };
    let run = format!(
        "<w:rPr><w:rFonts w:ascii=\"{0}\" w:hAnsi=\"{0}\" w:eastAsia=\"{0}\" w:cs=\"{0}\"/><w:sz w:val=\"{1}\"/><w:szCs w:val=\"{1}\"/></w:rPr>",
        look.font, look.half_points
    );
    let _ = write!(
        out,
        "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" {line}/>{indent}<w:jc w:val=\"{}\"/>{run}</w:pPr>",
        look.align
    );
    if !text.is_empty() {
        let _ = write!(out, "<w:r>{run}<w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text));
    }
    out.push_str("</w:p>");
}

fn row(out: &mut String, cells: &[&str], head: bool) {
    const WIDE: usize = 8_844;
    // The first column holds a number, the others share the rest.
    let rest = (WIDE - 900) / cells.len().saturating_sub(1).max(1);
    out.push_str("<w:tr>");
    if head {
        out.push_str("<w:trPr><w:tblHeader/></w:trPr>");
    }
    for (i, cell) in cells.iter().enumerate() {
        let width = if i == 0 { 900 } else { rest };
        let _ = write!(
            out,
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>"
        );
        let font = if head { HEADING } else { BODY };
        paragraph(out, &look(font, 24, if head || i == 0 { "center" } else { "left" }, ""), cell, false);
        out.push_str("</w:tc>");
    }
    out.push_str("</w:tr>");
}

fn border(name: &str) -> String {
    format!("<w:{name} w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/>")
}

fn body(text: &str) -> (String, String) {
    let (mut out, mut foot) = (String::new(), String::new());
    let mut table = false;
    for line in text.lines() {
        let cells = line.strip_prefix("| ");
        if table && cells.is_none() {
            out.push_str("</w:tbl>");
        }
        if let Some(cells) = cells {
            let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
            if !table {
                let borders: String =
                    ["top", "left", "bottom", "right", "insideH", "insideV"].map(border).concat();
                let _ = write!(
                    out,
                    "<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>"
                );
                for _ in &cells {
                    out.push_str("<w:gridCol/>");
                }
                out.push_str("</w:tblGrid>");
            }
            row(&mut out, &cells, !table);
            table = true;
            continue;
        }
        table = false;
        let (look, text) = match line.split_once(' ') {
            Some(("#", text)) => (look(TITLE, 44, "center", ""), text),
            Some(("@", text)) => (look(BODY, 32, "center", ""), text),
            Some((">", text)) => (look(BODY, 32, "left", ""), text),
            Some(("!", text)) => {
                (look(HEADING, 32, "both", "w:firstLineChars=\"200\" w:firstLine=\"640\""), text)
            }
            Some(("~", text)) => (look(BODY, 32, "right", "w:rightChars=\"400\" w:right=\"1280\""), text),
            Some(("^", text)) => {
                foot = text.to_owned();
                continue;
            }
            _ => (TEXT, line),
        };
        paragraph(&mut out, &look, text, look.half_points == 32);
    }
    if table {
        out.push_str("</w:tbl>");
        paragraph(&mut out, &TEXT, "", true);
    }
    (out, foot)
}

/// The page's number between strokes, and the mark above it where there is one.
fn footer(foot: &str) -> String {
    let mut out = format!("{HEAD}<w:ftr {NS}>");
    paragraph(&mut out, &look(FOOT, 18, "right", ""), foot, false);
    let run = format!(
        "<w:rPr><w:rFonts w:ascii=\"{FOOT}\" w:hAnsi=\"{FOOT}\" w:eastAsia=\"{FOOT}\"/><w:sz w:val=\"28\"/></w:rPr>"
    );
    let field = |kind: &str| format!("<w:r>{run}<w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let _ = write!(
        out,
        "<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r>{run}<w:t xml:space=\"preserve\">\u{2014} </w:t></w:r>{}<w:r>{run}<w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r>{}<w:r>{run}<w:t>1</w:t></w:r>{}<w:r>{run}<w:t xml:space=\"preserve\"> \u{2014}</w:t></w:r></w:p></w:ftr>",
        field("begin"),
        field("separate"),
        field("end")
    );
    out
}

/// Makes the document.
///
/// # Errors
/// When it cannot be packed, which memory does not do.
pub fn docx(text: &str) -> Result<Vec<u8>> {
    let (body, foot) = body(text);
    // 37 mm above, 28 mm at the binding, 26 mm and 35 mm: the text is 156 × 225 mm.
    let section = "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId2\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\" w:header=\"851\" w:footer=\"992\" w:gutter=\"0\"/></w:sectPr>";
    let document = format!("{HEAD}<w:document {NS}><w:body>{body}{section}</w:body></w:document>");
    let styles = format!(
        "{HEAD}<w:styles {NS}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"{BODY}\" w:hAnsi=\"{BODY}\" w:eastAsia=\"{BODY}\" w:cs=\"{BODY}\"/><w:sz w:val=\"32\"/><w:lang w:val=\"zh-CN\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style></w:styles>"
    );
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let types = format!(
        "{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"{word}.document.main+xml\"/><Override PartName=\"/word/styles.xml\" ContentType=\"{word}.styles+xml\"/><Override PartName=\"/word/footer1.xml\" ContentType=\"{word}.footer+xml\"/></Types>"
    );
    let rels = |list: &[(&str, &str, &str)]| {
        let mut out = format!(
            "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        );
        for (id, kind, target) in list {
            let _ = write!(
                out,
                "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/>"
            );
        }
        out + "</Relationships>"
    };
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    pack(&[
        file("[Content_Types].xml", types),
        file("_rels/.rels", rels(&[("rId1", "officeDocument", "word/document.xml")])),
        file(
            "word/_rels/document.xml.rels",
            rels(&[("rId1", "styles", "styles.xml"), ("rId2", "footer", "footer1.xml")]),
        ),
        file("word/document.xml", document),
        file("word/styles.xml", styles),
        file("word/footer1.xml", footer(&foot)),
    ])
}
