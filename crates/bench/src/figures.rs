//! What was measured, as a table and as JSON.

use serde_json::{Value, json};

/// One figure beside what it is measured against.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The database.
    pub engine: &'static str,
    /// Cases in it.
    pub cases: i64,
    /// What was done.
    pub what: String,
    /// What came of it.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// The raw engine's value in the same run, 0 where there is none.
    pub raw: f64,
    /// The goal: a ratio to the raw value where there is one, else a value.
    pub goal: Option<Goal>,
    /// What else is worth knowing.
    pub note: String,
}

/// What is asked of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// The ratio to the raw engine is at least this.
    Ratio(f64),
    /// The value is at least this.
    Least(f64),
    /// The value is at most this.
    Most(f64),
}

impl Figure {
    /// The ratio to the raw engine.
    pub fn ratio(&self) -> Option<f64> {
        (self.raw > 0.0).then(|| self.value / self.raw)
    }

    /// Whether the goal is met; `None` without a goal.
    pub fn is_met(&self) -> Option<bool> {
        Some(match self.goal? {
            Goal::Ratio(least) => self.ratio().is_some_and(|r| r >= least),
            Goal::Least(least) => self.value >= least,
            Goal::Most(most) => self.value <= most,
        })
    }

    fn goal_text(&self) -> String {
        match self.goal {
            None => String::new(),
            Some(Goal::Ratio(x)) => format!("≥ {x} ×"),
            Some(Goal::Least(x)) => format!("≥ {x}"),
            Some(Goal::Most(x)) => format!("≤ {x}"),
        }
    }

    /// A line of the table.
    pub fn line(&self) -> String {
        let ratio = self.ratio().map_or_else(String::new, |r| format!("{r:.3} ×"));
        let met = match self.is_met() {
            None => "",
            Some(true) => "met",
            Some(false) => "MISSED",
        };
        let raw = if self.raw > 0.0 { short(self.raw) } else { String::new() };
        format!(
            "| {} | {} | {} | {} {} | {raw} | {ratio} | {} | {met} | {} |",
            self.engine,
            self.cases,
            self.what,
            short(self.value),
            self.unit,
            self.goal_text(),
            self.note
        )
    }

    /// The figure as JSON.
    pub fn json(&self) -> Value {
        json!({ "engine": self.engine, "cases": self.cases, "what": self.what, "value": self.value, "unit": self.unit,
            "raw": (self.raw > 0.0).then_some(self.raw), "ratio": self.ratio(), "goal": self.goal_text(),
            "met": self.is_met(), "note": self.note })
    }
}

/// The head of the table.
pub const HEAD: &str =
    "| engine | cases | what | value | raw | ratio | goal | | note |\n|---|---|---|---|---|---|---|---|---|";

fn short(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}
