//! Conditions at random, as texts, reaching every operator of the language.

use crate::records::{HOUR, INTS, TEXTS};
use std::collections::BTreeMap;

/// A seeded source of chance (a linear congruential generator).
pub struct Dice(pub u64);

impl Dice {
    /// A number below `n`.
    pub fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.roll(list.len())]
    }
}

const ORDERS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

/// Every form a condition without joints can have; each must come out true for some and false for others.
pub const OPERATORS: [&str; 33] = [
    "constant",
    "bool",
    "bool ==",
    "bool !=",
    "int ==",
    "int !=",
    "int <",
    "int <=",
    "int >",
    "int >=",
    "text ==",
    "text !=",
    "text <",
    "text <=",
    "text >",
    "text >=",
    "time ==",
    "time !=",
    "time <",
    "time <=",
    "time >",
    "time >=",
    "span",
    "int in",
    "text in",
    "bool in",
    "time in",
    "startsWith",
    "contains",
    "endsWith",
    "has",
    "null ==",
    "null !=",
];

pub struct Generator {
    dice: Dice,
    used: BTreeMap<&'static str, usize>,
}

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { dice: Dice(seed), used: BTreeMap::new() }
    }

    /// How often an operator or joint was written.
    pub fn used(&self, operator: &str) -> usize {
        self.used.get(operator).copied().unwrap_or(0)
    }

    /// A condition, and its operator when it is a single one.
    pub fn condition(&mut self) -> (String, Option<&'static str>) {
        if self.dice.roll(3) == 0 {
            let (text, operator) = self.atom();
            return (text, Some(operator));
        }
        (self.joined(3), None)
    }

    fn joined(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.atom().0;
        }
        let below = depth - 1;
        match self.dice.roll(7) {
            0 | 1 => self.chain("&&", below),
            2 | 3 => self.chain("||", below),
            4 | 5 => {
                self.count("!");
                format!("!({})", self.joined(below))
            }
            _ => self.atom().0,
        }
    }

    fn chain(&mut self, joint: &'static str, depth: usize) -> String {
        let parts: Vec<String> = (0..2 + self.dice.roll(2))
            .map(|_| match self.dice.roll(3) {
                // Without brackets, so that the precedence of the joints matters.
                0 => self.joined(depth),
                _ => format!("({})", self.joined(depth)),
            })
            .collect();
        self.count(joint);
        parts.join(&format!(" {joint} "))
    }

    fn atom(&mut self) -> (String, &'static str) {
        let (text, operator) = match self.dice.roll(14) {
            0 => (self.choose(&["true", "false"]), "constant"),
            1 => (self.choose(&["x.yes", "x.no"]), "bool"),
            2 => self.bools(),
            3 | 4 => self.ordered("int"),
            5 | 6 => self.ordered("text"),
            7 | 8 => self.ordered("time"),
            9 => self.span(),
            10 => self.one_of(),
            11 | 12 => self.text_test(),
            _ => self.presence(),
        };
        self.count(operator);
        (text, operator)
    }

    fn bools(&mut self) -> (String, &'static str) {
        let order = self.dice.roll(2);
        let left = self.choose(&["x.yes", "x.no", "true"]);
        let right = self.choose(&["x.yes", "x.no", "true", "false"]);
        (format!("{left} {} {right}", ORDERS[order]), named("bool", ORDERS[order]))
    }

    fn ordered(&mut self, kind: &'static str) -> (String, &'static str) {
        let order = *self.dice.pick(&ORDERS);
        let (left, right) = (self.value(kind), self.value(kind));
        (format!("{left} {order} {right}"), named(kind, order))
    }

    /// A value of a kind: three names for each constant.
    fn value(&mut self, kind: &str) -> String {
        match (kind, self.dice.roll(4)) {
            ("int", 0) => self.dice.pick(&INTS).to_string(),
            ("int", _) => self.choose(&["x.n", "x.small", "bare"]),
            ("text", 0) => self.text(),
            ("text", _) => self.choose(&["x.s", "x.t"]),
            (_, 0) => self.choose(&["now", "timestamp('2026-03-12T01:00:00Z')"]),
            (_, 1) => {
                let (instant, sign) = (self.value("time"), self.choose(&["+", "-"]));
                format!("{instant} {sign} {}", self.duration())
            }
            _ => self.choose(&["x.at", "x.due"]),
        }
    }

    fn span(&mut self) -> (String, &'static str) {
        let (from, to) = (self.value("time"), self.choose(&["x.at", "x.due", "now"]));
        let order = *self.dice.pick(&ORDERS);
        let duration = self.duration();
        let text = match self.dice.roll(3) {
            0 => format!("{duration} {order} {from} - {to}"),
            1 => format!("{duration} + {to} {order} {from}"),
            _ => format!("{from} - {to} {order} {duration}"),
        };
        (text, "span")
    }

    fn duration(&mut self) -> String {
        let minutes = i64::try_from(self.dice.roll(9)).unwrap() * 30 - 120;
        match self.dice.roll(3) {
            0 => format!("duration('{minutes}m')"),
            1 => format!("duration(\"{}ms\")", minutes * HOUR / 60),
            _ => format!("duration('{}h{}m')", minutes.abs() / 60, minutes.abs() % 60),
        }
    }

    fn one_of(&mut self) -> (String, &'static str) {
        let (kind, operator) = *self.dice.pick(&[
            ("int", "int in"),
            ("text", "text in"),
            ("bool", "bool in"),
            ("time", "time in"),
        ]);
        let length = self.dice.roll(5);
        let items: Vec<String> = (0..length)
            .map(|_| match kind {
                "int" => self.dice.pick(&INTS).to_string(),
                "text" => self.text(),
                "bool" => self.choose(&["true", "false"]),
                _ => format!("timestamp('2026-03-12T0{}:00:00Z')", self.dice.roll(6)),
            })
            .collect();
        let left = if kind == "bool" { "x.yes".to_owned() } else { self.value(kind) };
        (format!("{left} in [{}]", items.join(", ")), operator)
    }

    fn text_test(&mut self) -> (String, &'static str) {
        let method = *self.dice.pick(&["startsWith", "contains", "endsWith"]);
        let whole = self.value("text");
        let part = if self.dice.roll(3) == 0 { self.value("text") } else { self.text() };
        (format!("{whole}.{method}({part})"), method)
    }

    fn presence(&mut self) -> (String, &'static str) {
        let name = self.choose(&["x.yes", "x.no", "x.n", "x.small", "x.s", "x.t", "x.at", "x.due"]);
        match self.dice.roll(4) {
            0 => (format!("has({name})"), "has"),
            1 => (format!("{name} == null"), "null =="),
            2 => (format!("null == {name}"), "null =="),
            _ => (format!("{name} != null"), "null !="),
        }
    }

    /// A constant text, quoted one way or the other.
    fn text(&mut self) -> String {
        let escaped = self.dice.pick(&TEXTS).replace('\\', "\\\\");
        if self.dice.roll(2) == 0 {
            format!("\"{escaped}\"")
        } else {
            format!("'{}'", escaped.replace('\'', "\\'"))
        }
    }

    fn choose(&mut self, list: &[&str]) -> String {
        (*self.dice.pick(list)).to_owned()
    }

    fn count(&mut self, operator: &'static str) {
        *self.used.entry(operator).or_default() += 1;
    }
}

/// `int` and `<` as the entry `int <` of [`OPERATORS`].
fn named(kind: &str, order: &str) -> &'static str {
    let wanted = |entry: &&&str| entry.split_once(' ') == Some((kind, order));
    OPERATORS.iter().find(wanted).unwrap()
}
