//! `gezhi stats`: any figure, any period, any scope; the numbers of the pages and the API.

use super::control::{Reply, json};
use super::{BadUse, explain, office, system};
use crate::features::indicators::model::{Ask, By, Figure, shown};
use crate::features::indicators::pack::Indicator;
use crate::features::indicators::service;
use crate::installation::Installation;
use crate::words::Words;
use anyhow::Result;
use clap::Args;
use kernel::Day;
use serde::{Deserialize, Serialize};

/// A figure.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stats {
    /// The figure, for example demand.on_time_rate
    #[arg(required_unless_present = "list")]
    indicator: Option<String>,
    /// List the figures there are
    #[arg(long, conflicts_with = "indicator")]
    list: bool,
    /// Tell rows apart by unit, place, matter, class, channel, kind, day or month
    #[arg(long, value_name = "WHAT", default_value = "none")]
    by: String,
    /// The first day, in the office's zone (default: from the beginning)
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day (default: without end)
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Only what lies in the place with this code
    #[arg(long, value_name = "CODE")]
    place: Option<String>,
    /// Only what a condition holds for, for example `case.channel == "hotline"`
    #[arg(long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// The office, where there are several
    #[arg(long, value_name = "CODE")]
    office: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    indicator: &'a str,
    title: &'a str,
    counts: &'a str,
    kind: &'a str,
    formula: &'a str,
    in_out: &'a str,
}

pub(super) fn answer(installation: &Installation, args: &Stats) -> Result<Reply> {
    let ask = ask(args)?;
    let office = office(installation, args.office.as_deref())?;
    let cx = system(installation, &office);
    let words = Words::new(installation.locale(office.id), &office.tz, cx.now);
    let Some(key) = args.indicator.clone() else { return list(&words) };
    let indicator = service::find(&key).map_err(unknown)?;
    let (w, key) = (words.clone(), indicator.key.clone());
    let figure =
        installation.db.read_now(move |tx| service::compute(tx, &cx, &w, &key, &ask)).map_err(explain)?;
    let lines = table(indicator, &figure, &words);
    Ok(Reply { records: json(&figure)?, lines, ..Reply::default() })
}

/// A figure that is not there is told together with the way to those that are.
fn unknown(error: store::Error) -> anyhow::Error {
    BadUse(format!("{:#}; `gezhi stats --list` shows them", explain(error))).into()
}

fn ask(args: &Stats) -> Result<Ask> {
    let day = |text: &Option<String>, flag: &str| -> Result<Option<Day>> {
        let Some(text) = text else { return Ok(None) };
        Day::parse(text)
            .map(Some)
            .ok_or_else(|| BadUse(format!("--{flag} {text}: write a day as 2026-03-12")).into())
    };
    let by = By::parse(&args.by).ok_or_else(|| {
        let known: Vec<&str> = By::ALL.iter().map(|b| b.as_str()).collect();
        BadUse(format!("--by {}: there are {}", args.by, known.join(", ")))
    })?;
    Ok(Ask {
        from: day(&args.from, "from")?,
        to: day(&args.to, "to")?,
        by,
        place: args.place.clone(),
        filter: args.filter.clone(),
    })
}

fn list(words: &Words) -> Result<Reply> {
    let lines: Vec<Line<'_>> = service::list()
        .map_err(explain)?
        .iter()
        .map(|i| Line {
            indicator: &i.key,
            title: i.title.get(words.locale),
            counts: i.counts.as_str(),
            kind: i.kind.as_str(),
            formula: i.formula.get(words.locale),
            in_out: i.in_out.get(words.locale),
        })
        .collect();
    Reply::of(&lines, |line| format!("{}\t{}\t{}", line.indicator, line.title, line.formula))
}

fn table(indicator: &Indicator, figure: &Figure, words: &Words) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", indicator.key, indicator.title.get(words.locale))];
    for row in &figure.rows {
        let mut line = format!("{}\t{}\t{}", row.key, row.label, shown(indicator.kind, row.value, words));
        if let (Some(numerator), Some(denominator)) = (row.numerator, row.denominator) {
            line.push_str(&format!("\t{numerator}/{denominator}"));
        }
        if row.reported > 0 {
            line.push_str(&format!("\t{}", words.t1("figure-reported", "count", row.reported)));
        }
        lines.push(line);
    }
    lines
}
