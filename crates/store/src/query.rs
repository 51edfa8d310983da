//! Lists with optional filters: static pieces of SQL and their arguments, numbered as they are added.

use crate::{Arg, Dialect, Statement};

/// A statement under construction. Pieces are `&'static str`, so that no user's text can become SQL;
/// the one exception, [`Query::condition`], takes what the `condition` crate compiled.
#[derive(Clone, Debug, Default)]
pub struct Query {
    text: String,
    args: Vec<Arg>,
    has_where: bool,
}

impl Query {
    /// Starts with `select … from …`.
    #[must_use]
    pub fn new(head: &'static str) -> Query {
        Query { text: head.to_owned(), ..Query::default() }
    }

    /// Adds a piece as it stands.
    pub fn push(&mut self, piece: &'static str) -> &mut Query {
        self.text.push(' ');
        self.text.push_str(piece);
        self
    }

    /// Adds a piece in which each `?` is the next argument.
    pub fn bind<const N: usize>(&mut self, piece: &'static str, args: [Arg; N]) -> &mut Query {
        self.text.push(' ');
        self.number(piece, args)
    }

    /// Adds a condition, joined by `where` or `and`; each `?` in it is the next argument.
    pub fn and<const N: usize>(&mut self, piece: &'static str, args: [Arg; N]) -> &mut Query {
        self.joint();
        self.text.push('(');
        self.number(piece, args);
        self.text.push(')');
        self
    }

    /// Adds `column in (…)`; an empty list matches nothing.
    pub fn and_in(&mut self, column: &'static str, values: impl IntoIterator<Item = Arg>) -> &mut Query {
        self.joint();
        self.within(column, values)
    }

    /// Adds `(a in (…) or b in (…))`; what has only empty lists matches nothing.
    pub fn and_any(&mut self, columns: impl IntoIterator<Item = (&'static str, Vec<Arg>)>) -> &mut Query {
        self.joint();
        self.text.push_str("(1 = 0");
        for (column, values) in columns {
            self.text.push_str(" or ");
            self.within(column, values);
        }
        self.text.push(')');
        self
    }

    fn within(&mut self, column: &'static str, values: impl IntoIterator<Item = Arg>) -> &mut Query {
        let mut any = false;
        for value in values {
            self.text.push_str(if any { ", " } else { "" });
            if !any {
                self.text.push_str(column);
                self.text.push_str(" in (");
            }
            any = true;
            self.args.push(value);
            self.text.push_str(&format!("${}", self.args.len()));
        }
        self.text.push_str(if any { ")" } else { "1 = 0" });
        self
    }

    /// Adds `column not in (…)`, true also where the column is NULL; an empty list excludes nothing.
    pub fn and_not_in(&mut self, column: &'static str, values: impl IntoIterator<Item = Arg>) -> &mut Query {
        let values: Vec<Arg> = values.into_iter().collect();
        if values.is_empty() {
            return self;
        }
        self.joint();
        self.text.push_str(&format!("({column} is null or {column} not in ("));
        for (i, value) in values.into_iter().enumerate() {
            self.args.push(value);
            self.text.push_str(if i == 0 { "" } else { ", " });
            self.text.push_str(&format!("${}", self.args.len()));
        }
        self.text.push_str("))");
        self
    }

    /// Adds a condition that the `condition` crate compiled from declared names, with its first
    /// placeholder numbered [`Query::next_arg`].
    pub fn condition(&mut self, compiled: &str, args: Vec<Arg>) -> &mut Query {
        self.joint();
        self.text.push('(');
        self.text.push_str(compiled);
        self.text.push(')');
        self.args.extend(args);
        self
    }

    /// The number of the next placeholder, counted from 1.
    #[must_use]
    pub fn next_arg(&self) -> usize {
        self.args.len() + 1
    }

    /// The arguments so far.
    #[must_use]
    pub fn args(&self) -> &[Arg] {
        &self.args
    }

    /// The text so far, for plans and tests.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.text
    }

    fn joint(&mut self) {
        self.text.push_str(if self.has_where { " and " } else { " where " });
        self.has_where = true;
    }

    fn number<const N: usize>(&mut self, piece: &'static str, args: [Arg; N]) -> &mut Query {
        let mut args = args.into_iter();
        for (i, part) in piece.split('?').enumerate() {
            if i > 0 {
                self.args.push(args.next().unwrap_or(Arg::Null));
                self.text.push_str(&format!("${}", self.args.len()));
            }
            self.text.push_str(part);
        }
        debug_assert!(args.next().is_none(), "more arguments than `?` in {piece}");
        self
    }
}

impl Statement for Query {
    fn text(&self, _: Dialect) -> &str {
        &self.text
    }
}
