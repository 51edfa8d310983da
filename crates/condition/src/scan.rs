//! What is checked before the parser sees a text: size, depth, characters, names and functions.
//!
//! The parser is made for the whole of CEL and can be driven out of its stack or its time by a small
//! hostile text (DECISIONS 21), so it is only given short, shallow texts in which every word is known.

use crate::error::ConditionError;
use crate::schema::Schema;

/// The most bytes a condition may have.
pub const MAX_BYTES: usize = 2_000;

/// The most nodes: every name, value, operator, call and list counts one.
pub const MAX_NODES: usize = 200;

/// The most levels of brackets, round and square, calls included.
pub const MAX_DEPTH: usize = 24;

const METHODS: [&str; 3] = ["startsWith", "contains", "endsWith"];
const FUNCTIONS: [&str; 3] = ["has", "timestamp", "duration"];
const KEYWORDS: [&str; 4] = ["true", "false", "null", "in"];

/// Refuses what the parser must not see.
pub(crate) fn check(text: &str, schema: &Schema) -> Result<(), ConditionError> {
    if text.len() > MAX_BYTES {
        return Err(ConditionError::new("condition.too_long", None)
            .with("bytes", &text.len())
            .with("max", &MAX_BYTES));
    }
    if text.trim().is_empty() {
        return Err(ConditionError::new("condition.empty", None));
    }
    let mut scan = Scan { text, schema, at: 0, nodes: 0, depth: 0 };
    while let Some(c) = scan.peek() {
        scan.token(c)?;
    }
    Ok(())
}

struct Scan<'a> {
    text: &'a str,
    schema: &'a Schema,
    at: usize,
    nodes: usize,
    depth: usize,
}

impl Scan<'_> {
    fn token(&mut self, c: char) -> Result<(), ConditionError> {
        match c {
            ' ' | '\t' | '\n' | '\r' => self.at += 1,
            'a'..='z' | 'A'..='Z' | '_' => return self.word(),
            '0'..='9' => return self.number(),
            '"' | '\'' => return self.quoted(c),
            '.' => return self.method_after_value(),
            '(' => return self.open(),
            '[' => {
                self.open()?;
                return self.node(self.at - 1);
            }
            ')' | ']' => {
                self.at += 1;
                self.depth = self.depth.saturating_sub(1);
            }
            ',' => self.at += 1,
            _ => return self.operator(c),
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), ConditionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ConditionError::new("condition.too_deep", self.at).with("max", &MAX_DEPTH));
        }
        self.at += 1;
        Ok(())
    }

    fn operator(&mut self, c: char) -> Result<(), ConditionError> {
        let rest = &self.text[self.at..];
        // The parser lets two signs cancel out, but nobody means `--1`.
        if c == '-' && rest[1..].trim_start().starts_with('-') {
            return Err(self.character());
        }
        let length = match c {
            '&' if rest.starts_with("&&") => 2,
            '|' if rest.starts_with("||") => 2,
            '=' if rest.starts_with("==") => 2,
            '!' | '<' | '>' if rest[1..].starts_with('=') => 2,
            '!' | '<' | '>' | '+' | '-' => 1,
            _ => return Err(self.character()),
        };
        self.at += length;
        self.node(self.at - length)
    }

    /// A dotted name, a keyword, a function, or a name with a method at its end.
    fn word(&mut self) -> Result<(), ConditionError> {
        let start = self.at;
        let mut last = start;
        self.identifier();
        while self.peek() == Some('.') {
            self.at += 1;
            last = self.at;
            self.require_identifier()?;
        }
        // `r"…"` and `b"…"` are texts of other kinds in CEL, read by other rules.
        if matches!(self.peek(), Some('"' | '\'')) {
            return Err(self.character());
        }
        let path = &self.text[start..self.at];
        if !self.call_follows() {
            self.known(path, start)?;
        } else if last == start {
            self.known_in(&FUNCTIONS, path, start)?;
            if path == "has" {
                self.has_operand()?;
            }
        } else {
            let method = &self.text[last..self.at];
            self.known_in(&METHODS, method, last)?;
            self.known(&self.text[start..last - 1], start)?;
            self.node(last)?;
        }
        self.node(start)
    }

    /// `.contains(…)` after a bracket or a quoted text: only a method can stand there.
    fn method_after_value(&mut self) -> Result<(), ConditionError> {
        let before = self.text[..self.at].chars().next_back();
        if !matches!(before, Some(')' | '"' | '\'')) {
            return Err(self.character());
        }
        self.at += 1;
        let start = self.at;
        self.require_identifier()?;
        self.known_in(&METHODS, &self.text[start..self.at], start)?;
        if !self.call_follows() {
            return Err(ConditionError::new("condition.syntax", self.at));
        }
        self.node(start)
    }

    /// `has` is a macro of CEL and takes one name of several parts: no value, no bracket, no other `has`.
    fn has_operand(&self) -> Result<(), ConditionError> {
        let rest = self.text[self.at..].trim_start();
        let operand = rest.strip_prefix('(').unwrap_or(rest).trim_start();
        let end = operand.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let is_dotted = operand[..operand.len() - end.len()].contains('.');
        if is_dotted && end.trim_start().starts_with(')') {
            return Ok(());
        }
        Err(ConditionError::new("condition.has_operand", self.text.len() - operand.len()))
    }

    fn known_in(&self, list: &[&str], name: &str, at: usize) -> Result<(), ConditionError> {
        if list.contains(&name) {
            return Ok(());
        }
        Err(ConditionError::new("condition.unknown_function", at).with("name", name))
    }

    fn known(&self, name: &str, at: usize) -> Result<(), ConditionError> {
        if name == "now" || KEYWORDS.contains(&name) || self.schema.find(name).is_some() {
            return Ok(());
        }
        Err(ConditionError::new("condition.unknown_name", at).with("name", name))
    }

    fn call_follows(&self) -> bool {
        self.text[self.at..].trim_start().starts_with('(')
    }

    fn number(&mut self) -> Result<(), ConditionError> {
        let start = self.at;
        self.skip(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let digits = &self.text[start..self.at];
        // The sign is a token of its own, so the largest magnitude is that of the smallest number; the
        // parser still refuses it without its sign.
        let fits = digits.bytes().all(|b| b.is_ascii_digit())
            && digits.parse::<u64>().is_ok_and(|n| n <= i64::MIN.unsigned_abs());
        if !fits {
            return Err(ConditionError::new("condition.number", start).with("number", digits));
        }
        self.node(start)
    }

    /// A text in single or double quotes, on one line, with six escapes: the parser must find its end where
    /// this finds it, or it would read the inside of a text as code.
    fn quoted(&mut self, quote: char) -> Result<(), ConditionError> {
        let start = self.at;
        self.at += 1;
        while let Some(c) = self.peek() {
            if c == quote {
                self.at += 1;
                // `"""` opens a text of several lines in CEL, where other rules hold.
                if matches!(self.peek(), Some('"' | '\'')) {
                    return Err(self.character());
                }
                return self.node(start);
            }
            if c == '\\' {
                let escape = self.text[self.at + 1..].chars().next();
                if !matches!(escape, Some('\\' | '"' | '\'' | 'n' | 'r' | 't')) {
                    let shown = escape.map(shown).unwrap_or_default();
                    return Err(ConditionError::new("condition.escape", self.at).with("escape", &shown));
                }
                self.at += 1;
            } else if c.is_control() {
                return Err(self.character());
            }
            self.at += self.peek().map_or(0, char::len_utf8);
        }
        Err(ConditionError::new("condition.text_open", start))
    }

    fn require_identifier(&mut self) -> Result<(), ConditionError> {
        match self.peek() {
            Some('a'..='z' | 'A'..='Z' | '_') => {
                self.identifier();
                Ok(())
            }
            Some(_) => Err(self.character()),
            None => Err(ConditionError::new("condition.syntax", self.at)),
        }
    }

    fn identifier(&mut self) {
        self.skip(|c| c.is_ascii_alphanumeric() || c == '_');
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    fn node(&mut self, at: usize) -> Result<(), ConditionError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(ConditionError::new("condition.too_many_nodes", at).with("max", &MAX_NODES));
        }
        Ok(())
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn character(&self) -> ConditionError {
        let character = self.peek().map(shown).unwrap_or_default();
        ConditionError::new("condition.character", self.at).with("character", &character)
    }
}

/// A character as it can be shown: control characters escaped.
fn shown(c: char) -> String {
    if c.is_control() { c.escape_default().to_string() } else { c.to_string() }
}
