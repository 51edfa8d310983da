//! What forms may not ask (REAL-DAYS, guard 1): columns of excluded classes are dropped and said aloud, those of
//! personal identity get a plain warning. The words are data: `packs/base/columns.toml`.

use super::model::{Asks, Column, Denied, Figure};
use serde::Deserialize;
use std::sync::LazyLock;
use store::{Error, Result};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    denied: Vec<Class>,
    identity: Words,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    class: String,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: Vec<String>,
}

fn pack() -> Result<&'static Pack> {
    static TEXT: &str = include_str!("../../../../../packs/base/columns.toml");
    static READ: LazyLock<std::result::Result<Pack, String>> =
        LazyLock::new(|| toml::from_str(TEXT).map_err(|e| format!("packs/base/columns.toml: {e}")));
    READ.as_ref().map_err(|e| Error::failed(e.clone()))
}

/// A head without blanks and signs, which people put between the characters of such words.
fn plain(head: &str) -> String {
    head.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The class for which a head is denied.
///
/// # Errors
/// When the pack cannot be read.
pub fn denied(head: &str) -> Result<Option<&'static str>> {
    let head = plain(head);
    let hit = |class: &&Class| class.words.iter().any(|word| head.contains(word.as_str()));
    Ok(pack()?.denied.iter().find(hit).map(|class| class.class.as_str()))
}

/// Whether a head looks like personal identity.
///
/// # Errors
/// When the pack cannot be read.
pub fn is_identity(head: &str) -> Result<bool> {
    let head = plain(head);
    Ok(pack()?.identity.words.iter().any(|word| head.contains(word.as_str())))
}

/// What may be asked of what was asked: denied columns, figures and texts go to [`Asks::denied`].
///
/// # Errors
/// When the pack cannot be read.
pub fn allowed(asks: &Asks) -> Result<Asks> {
    let mut out = Asks { titles: asks.titles.clone(), ..Asks::default() };
    let mut told: Vec<Denied> = asks.denied.clone();
    let mut good = |name: &str| -> Result<bool> {
        let class = denied(name)?;
        if let Some(class) = class {
            told.push(Denied { name: name.to_owned(), class: class.to_owned() });
        }
        Ok(class.is_none())
    };
    for column in &asks.columns {
        if good(&column.name)? {
            out.columns.push(Column { name: column.name.clone(), identity: is_identity(&column.name)? });
        }
    }
    for figure in &asks.figures {
        if good(&figure.name)? {
            out.figures.push(Figure::clone(figure));
        }
    }
    if let Some(text) = &asks.sentence
        && good(text)?
    {
        out.sentence = Some(text.clone());
    }
    if let Some(text) = &asks.file
        && good(text)?
    {
        out.file = Some(text.clone());
    }
    out.denied = told;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluded_classes_are_dropped_however_they_are_written_and_others_stay() {
        for head in
            ["是否信教", "上 访 次 数", "重点人员（是/否）", "思想动态", "稳控责任人", "「信访人」姓名"]
        {
            assert!(denied(head).unwrap().is_some(), "{head}");
        }
        for head in ["姓名", "楼栋号", "排查户数", "隐患描述", "整改期限", "重点部位", "信息员", "流动人口数"]
        {
            assert_eq!(denied(head).unwrap(), None, "{head}");
        }
        assert!(is_identity("身份证号码").unwrap() && is_identity("联系电话").unwrap());
        assert!(!is_identity("楼栋").unwrap());
    }
}
