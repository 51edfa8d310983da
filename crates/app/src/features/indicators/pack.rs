//! The figures as data: `packs/demands/indicators.toml`, read once and checked as a whole.

use super::model::{Better, Counts, Kind, Text, Unit};
use super::store::facts::{self, Anchor, Measure};
use anyhow::{Context, Result, ensure};
use condition::Condition;
use serde::Deserialize;
use std::sync::OnceLock;

/// A figure's definition.
#[derive(Debug)]
pub struct Indicator {
    /// `demand.on_time_rate`.
    pub key: String,
    /// What sort of number.
    pub kind: Kind,
    /// What it counts.
    pub counts: Counts,
    /// The instants that put a record into the period; any of them suffices.
    pub on: Vec<Anchor>,
    /// The records of the figure.
    pub of: Condition,
    /// The share of them that a ratio counts.
    pub share: Option<Condition>,
    /// Those that count by the source's own word.
    pub reported: Option<Condition>,
    /// What a mean or a percentile is taken of, and the unit it is shown in.
    pub measure: Option<(Measure, Unit)>,
    /// Which way is good.
    pub better: Better,
    /// Its name.
    pub title: Text,
    /// The formula in words.
    pub formula: Text,
    /// Who is in and who is out.
    pub in_out: Text,
    /// Where the definition comes from; `-` for our own.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    indicator: Vec<IndicatorText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndicatorText {
    key: String,
    kind: Kind,
    counts: Counts,
    on: Vec<String>,
    of: String,
    share: Option<String>,
    reported: Option<String>,
    measure: Option<String>,
    unit: Option<Unit>,
    better: Better,
    title: Text,
    formula: Text,
    in_out: Text,
    source: String,
}

/// The figures that the program carries.
///
/// # Errors
/// Never for a released program; a test reads them.
pub fn builtin() -> Result<&'static [Indicator]> {
    static PACK: OnceLock<Vec<Indicator>> = OnceLock::new();
    if let Some(pack) = PACK.get() {
        return Ok(pack);
    }
    let read = parse(include_str!("../../../../../packs/demands/indicators.toml"))?;
    Ok(PACK.get_or_init(|| read))
}

/// Reads and checks a file of figures.
///
/// # Errors
/// Names the figure and what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Indicator>> {
    let file: FileText = toml::from_str(text).context("the figures cannot be read")?;
    let mut out: Vec<Indicator> = Vec::new();
    for figure in file.indicator {
        let key = figure.key.clone();
        ensure!(out.iter().all(|i| i.key != key), "the figure {key} stands twice");
        out.push(read(figure).with_context(|| format!("figure {key}"))?);
    }
    Ok(out)
}

fn read(text: IndicatorText) -> Result<Indicator> {
    let schema = facts::schema(text.counts);
    let condition = |written: &str| {
        Condition::parse(written, schema).map_err(|e| anyhow::anyhow!("condition `{written}`: {e}"))
    };
    let mut on = Vec::new();
    for name in &text.on {
        on.push(facts::anchor(text.counts, name).with_context(|| format!("there is no day `{name}` here"))?);
    }
    ensure!(!on.is_empty(), "it says on no day it falls");
    let timed = matches!(text.kind, Kind::Mean | Kind::Median | Kind::P90);
    ensure!(
        timed == text.measure.is_some() && timed == text.unit.is_some(),
        "a duration has a measure and a unit, others have none"
    );
    ensure!((text.kind == Kind::Ratio) == text.share.is_some(), "a ratio has a share, others have none");
    let measure = match (&text.measure, text.unit) {
        (Some(name), Some(unit)) => Some((
            facts::measure(text.counts, name).with_context(|| format!("there is no measure `{name}`"))?,
            unit,
        )),
        _ => None,
    };
    Ok(Indicator {
        on,
        of: condition(&text.of)?,
        share: text.share.as_deref().map(condition).transpose()?,
        reported: text.reported.as_deref().map(condition).transpose()?,
        measure,
        key: text.key,
        kind: text.kind,
        counts: text.counts,
        better: text.better,
        title: text.title,
        formula: text.formula,
        in_out: text.in_out,
        source: text.source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_the_pack_are_read() {
        let keys: Vec<&str> = builtin().unwrap().iter().map(|i| i.key.as_str()).collect();
        for key in "received accepted closed open overdue on_time_rate close_rate mean_days median_days p90_days reopen_rate \
                    return_rate rework_rate first_dispatch_right satisfaction solved_rate callback_rate"
            .split_whitespace()
        {
            assert!(keys.contains(&format!("demand.{key}").as_str()), "{key}");
        }
    }

    #[test]
    fn a_figure_with_an_unknown_name_is_refused_with_its_place() {
        let text = include_str!("../../../../../packs/demands/indicators.toml").replacen(
            "case.reopens",
            "case.reopned",
            1,
        );
        let error = format!("{:#}", parse(&text).unwrap_err());
        assert!(error.contains("demand.reopen_rate") && error.contains("case.reopned"), "{error}");
    }
}
