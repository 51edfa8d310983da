//! From the parser's tree to the checked tree: only what the language has, with the types it needs.

use crate::error::ConditionError;
use crate::schema::{Schema, Type, Value};
use crate::tree::{Kind, Named, Order, Term, Test, TextTest};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::{ParseError, Parser};
use kernel::Ts;
use std::collections::BTreeSet;

/// 100 years of 365.25 days. It keeps every sum in a condition far inside 64 bits.
const MAX_SPAN_MS: i64 = 3_155_760_000_000;

type Checked<T> = Result<T, ConditionError>;

/// Parses a text that [`crate::scan::check`] let through, and gives the names it uses.
pub(crate) fn compile(text: &str, schema: &Schema) -> Checked<(Test, Vec<&'static str>)> {
    let (expr, source) = Parser::new().parse_with_source_info(text).map_err(|errors| {
        let first = errors.errors.first();
        first.map_or_else(|| ConditionError::new("condition.syntax", None), |error| refused(text, error))
    })?;
    let mut compiler = Compiler { schema, source, names: BTreeSet::new() };
    let part = compiler.part(&expr)?;
    let test = compiler.as_test(part, &expr)?;
    Ok((test, compiler.names.into_iter().collect()))
}

/// The first complaint of the parser, in our codes. Its own words name grammar rules and help nobody.
fn refused(text: &str, error: &ParseError) -> ConditionError {
    let line = usize::try_from(error.pos.0).unwrap_or(0).saturating_sub(1);
    let column = usize::try_from(error.pos.1).unwrap_or(0).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = &text[start..];
    let at = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
    let is_number = error.msg == "invalid int literal";
    let code = if is_number { "condition.number" } else { "condition.syntax" };
    let error = ConditionError::new(code, start + at);
    if is_number {
        let digits: String = rest[at..].chars().take_while(char::is_ascii_digit).collect();
        return error.with("number", &digits);
    }
    error
}

/// What an expression turned out to be, before its surroundings say what they need.
enum Part {
    Test(Test),
    Term(Term),
    List(Vec<Value>),
    Null,
}

impl Part {
    /// What it is called in a refusal.
    fn name(&self) -> String {
        match self {
            Part::Test(_) => "condition".to_owned(),
            Part::Term(term) => term.kind().to_string(),
            Part::List(_) => "list".to_owned(),
            Part::Null => "null".to_owned(),
        }
    }
}

struct Compiler<'a> {
    schema: &'a Schema,
    source: SourceInfo,
    names: BTreeSet<&'static str>,
}

impl Compiler<'_> {
    fn part(&mut self, expr: &IdedExpr) -> Checked<Part> {
        match &expr.expr {
            Expr::Literal(literal) => self.literal(literal, expr),
            Expr::Ident(_) => self.name(expr).map(Part::Term),
            Expr::Select(select) if select.test => self.presence(expr).map(Part::Test),
            Expr::Select(_) => self.name(expr).map(Part::Term),
            Expr::List(list) => self.list(&list.elements).map(Part::List),
            Expr::Call(call) => self.call(call, expr),
            _ => Err(self.error("condition.syntax", expr)),
        }
    }

    fn literal(&self, literal: &LiteralValue, expr: &IdedExpr) -> Checked<Part> {
        let value = match literal {
            LiteralValue::Boolean(value) => Value::Bool(*value.inner()),
            LiteralValue::Int(value) => Value::Int(*value.inner()),
            LiteralValue::String(value) => Value::Text(value.inner().to_owned()),
            LiteralValue::Null => return Ok(Part::Null),
            _ => return Err(self.error("condition.syntax", expr)),
        };
        Ok(Part::Term(Term::Const(value)))
    }

    fn name(&mut self, expr: &IdedExpr) -> Checked<Term> {
        let name = path(expr).ok_or_else(|| self.error("condition.syntax", expr))?;
        if name == "now" {
            return Ok(Term::Now);
        }
        self.named(&name, expr).map(Term::Field)
    }

    fn named(&mut self, name: &str, expr: &IdedExpr) -> Checked<Named> {
        let Some(field) = self.schema.find(name) else {
            return Err(self.error("condition.unknown_name", expr).with("name", name));
        };
        self.names.insert(field.name);
        Ok(Named { field, at: self.at(expr).unwrap_or(0) })
    }

    fn presence(&mut self, expr: &IdedExpr) -> Checked<Test> {
        let name = path(expr).ok_or_else(|| self.error("condition.has_operand", expr))?;
        self.named(&name, expr).map(Test::Present)
    }

    fn list(&mut self, elements: &[IdedExpr]) -> Checked<Vec<Value>> {
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            match self.part(element)? {
                Part::Term(Term::Const(value)) => items.push(value),
                other => return Err(self.not_a_value(&other, element)),
            }
        }
        Ok(items)
    }

    fn call(&mut self, call: &CallExpr, expr: &IdedExpr) -> Checked<Part> {
        if let Some(target) = &call.target {
            return self.text_test(call, target, expr).map(Part::Test);
        }
        let order = match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, _) => return self.joined(call).map(Part::Test),
            (operators::LOGICAL_NOT, [operand]) => {
                let inner = self.test(operand)?;
                return Ok(Part::Test(Test::Not(Box::new(inner))));
            }
            (operators::IN, [left, right]) => return self.membership(left, right).map(Part::Test),
            (operators::ADD | operators::SUBSTRACT, [left, right]) => {
                return self.moved(call, left, right, expr).map(Part::Term);
            }
            ("duration", [text]) => return self.duration(text).map(Part::Term),
            ("timestamp", [text]) => return self.timestamp(text).map(Part::Term),
            (operators::EQUALS, [..]) => Order::Equal,
            (operators::NOT_EQUALS, [..]) => Order::NotEqual,
            (operators::LESS, [..]) => Order::Less,
            (operators::LESS_EQUALS, [..]) => Order::AtMost,
            (operators::GREATER, [..]) => Order::More,
            (operators::GREATER_EQUALS, [..]) => Order::AtLeast,
            // A sign before something that is not a number, and calls with too few or too many arguments.
            _ => return Err(self.error("condition.syntax", expr)),
        };
        self.comparison(order, &call.args, expr).map(Part::Test)
    }

    /// `a && b && c`: the parser balances long chains into a tree; here they are one level again.
    fn joined(&mut self, call: &CallExpr) -> Checked<Test> {
        let mut parts = Vec::new();
        self.collect(call, &mut parts)?;
        Ok(if call.func_name == operators::LOGICAL_AND { Test::All(parts) } else { Test::Any(parts) })
    }

    fn collect(&mut self, call: &CallExpr, parts: &mut Vec<Test>) -> Checked<()> {
        for operand in &call.args {
            match &operand.expr {
                Expr::Call(inner) if inner.func_name == call.func_name => self.collect(inner, parts)?,
                _ => parts.push(self.test(operand)?),
            }
        }
        Ok(())
    }

    fn comparison(&mut self, order: Order, args: &[IdedExpr], expr: &IdedExpr) -> Checked<Test> {
        let [left_expr, right_expr] = args else {
            return Err(self.error("condition.syntax", expr));
        };
        let (left, right) = match (self.part(left_expr)?, self.part(right_expr)?) {
            (Part::Null, Part::Term(Term::Field(named))) | (Part::Term(Term::Field(named)), Part::Null)
                if order.is_equality() =>
            {
                let present = Test::Present(named);
                return Ok(if order == Order::NotEqual { present } else { Test::Not(Box::new(present)) });
            }
            (Part::Null, _) | (_, Part::Null) => return Err(self.error("condition.null", expr)),
            (Part::Term(left), Part::Term(right)) => (left, right),
            (Part::Term(_), other) => return Err(self.not_a_value(&other, right_expr)),
            (other, _) => return Err(self.not_a_value(&other, left_expr)),
        };
        let comparable = match left.kind() {
            Kind::Of(Type::TextList) => false,
            Kind::Of(Type::Bool) => order.is_equality(),
            _ => true,
        };
        if !comparable || left.kind() != right.kind() {
            return Err(self.types(order.sign(), &left, &right, expr));
        }
        Ok(Test::Compare(order, left, right))
    }

    fn membership(&mut self, left_expr: &IdedExpr, right: &IdedExpr) -> Checked<Test> {
        let left = self.term(left_expr)?;
        match self.part(right)? {
            Part::Term(Term::Field(list)) if list.field.ty == Type::TextList => {
                if left.kind() != Kind::Of(Type::Text) {
                    return Err(self.types("in", &left, &Term::Field(list), right));
                }
                Ok(Test::Member(left, list))
            }
            Part::List(items) => {
                let kind = left.kind();
                let fits = kind != Kind::Of(Type::TextList)
                    && items.iter().all(|item| Term::Const(item.clone()).kind() == kind);
                if !fits {
                    return Err(self.error("condition.list_item", right).with("left", &kind));
                }
                Ok(Test::OneOf(left, items))
            }
            other => Err(self.error("condition.list", right).with("found", &other.name())),
        }
    }

    fn text_test(&mut self, call: &CallExpr, target: &IdedExpr, expr: &IdedExpr) -> Checked<Test> {
        let which = match call.func_name.as_str() {
            "startsWith" => TextTest::StartsWith,
            "contains" => TextTest::Contains,
            "endsWith" => TextTest::EndsWith,
            name => return Err(self.error("condition.unknown_function", expr).with("name", name)),
        };
        let [part] = call.args.as_slice() else {
            return Err(self.argument(&call.func_name, "text", expr));
        };
        let (whole, part_term) = (self.term(target)?, self.term(part)?);
        for (term, at) in [(&whole, target), (&part_term, part)] {
            if term.kind() != Kind::Of(Type::Text) {
                return Err(self.argument(&call.func_name, "text", at));
            }
        }
        Ok(Test::Text(which, whole, part_term))
    }

    /// The only arithmetic: instant ± duration, duration + instant, instant − instant.
    fn moved(
        &mut self,
        call: &CallExpr,
        left: &IdedExpr,
        right: &IdedExpr,
        expr: &IdedExpr,
    ) -> Checked<Term> {
        let (left, right) = (self.term(left)?, self.term(right)?);
        let time = Kind::Of(Type::Time);
        let plus = call.func_name == operators::ADD;
        match (left.kind(), right.kind()) {
            (a, Kind::Span) if a == time && plus => Ok(Term::Sum(Box::new(left), Box::new(right))),
            (Kind::Span, b) if b == time && plus => Ok(Term::Sum(Box::new(left), Box::new(right))),
            (a, b) if a == time && !plus && (b == Kind::Span || b == time) => {
                Ok(Term::Difference(Box::new(left), Box::new(right)))
            }
            _ => Err(self.types(if plus { "+" } else { "-" }, &left, &right, expr)),
        }
    }

    fn duration(&mut self, argument: &IdedExpr) -> Checked<Term> {
        let text = self.constant_text("duration", argument)?;
        let Some(ms) = duration_ms(&text) else {
            return Err(self.error("condition.duration", argument).with("text", &text));
        };
        Ok(Term::Span(ms))
    }

    fn timestamp(&mut self, argument: &IdedExpr) -> Checked<Term> {
        let text = self.constant_text("timestamp", argument)?;
        let Some(ts) = Ts::parse(&text) else {
            return Err(self.error("condition.timestamp", argument).with("text", &text));
        };
        Ok(Term::Const(Value::Time(ts.0)))
    }

    fn constant_text(&mut self, function: &str, argument: &IdedExpr) -> Checked<String> {
        match self.part(argument)? {
            Part::Term(Term::Const(Value::Text(text))) => Ok(text),
            _ => Err(self.argument(function, "constant_text", argument)),
        }
    }

    fn test(&mut self, expr: &IdedExpr) -> Checked<Test> {
        let part = self.part(expr)?;
        self.as_test(part, expr)
    }

    fn as_test(&self, part: Part, expr: &IdedExpr) -> Checked<Test> {
        match part {
            Part::Test(test) => Ok(test),
            Part::Term(Term::Const(Value::Bool(value))) => Ok(Test::Const(value)),
            Part::Term(Term::Field(named)) if named.field.ty == Type::Bool => Ok(Test::Flag(named)),
            other => Err(self.error("condition.not_a_condition", expr).with("found", &other.name())),
        }
    }

    fn term(&mut self, expr: &IdedExpr) -> Checked<Term> {
        match self.part(expr)? {
            Part::Term(term) => Ok(term),
            other => Err(self.not_a_value(&other, expr)),
        }
    }

    fn not_a_value(&self, part: &Part, expr: &IdedExpr) -> ConditionError {
        self.error("condition.not_a_value", expr).with("found", &part.name())
    }

    fn types(&self, operator: &str, left: &Term, right: &Term, expr: &IdedExpr) -> ConditionError {
        self.error("condition.types", expr)
            .with("operator", operator)
            .with("left", &left.kind())
            .with("right", &right.kind())
    }

    fn argument(&self, function: &str, expected: &str, expr: &IdedExpr) -> ConditionError {
        self.error("condition.argument", expr).with("function", function).with("expected", expected)
    }

    fn error(&self, code: &'static str, expr: &IdedExpr) -> ConditionError {
        ConditionError::new(code, self.at(expr))
    }

    /// Where an expression is: a name at its start, a call at its bracket, an operation at its operator.
    fn at(&self, expr: &IdedExpr) -> Option<usize> {
        match &expr.expr {
            Expr::Select(select) => self.at(&select.operand),
            _ => usize::try_from(self.source.offset_for(expr.id)?.0).ok(),
        }
    }
}

/// The dotted name an expression spells.
fn path(expr: &IdedExpr) -> Option<String> {
    match &expr.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", path(&select.operand)?, select.field)),
        _ => None,
    }
}

/// `1h30m`, `90m`, `-2h`, `1500ms`: CEL's durations in whole numbers, in milliseconds.
fn duration_ms(text: &str) -> Option<i64> {
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut total: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, length) = match rest.as_bytes() {
            [b'm', b's', ..] => (1, 2),
            [b'h', ..] => (Ts::HOUR, 1),
            [b'm', ..] => (Ts::MINUTE, 1),
            [b's', ..] => (Ts::SECOND, 1),
            _ => return None,
        };
        rest = &rest[length..];
        total = total.checked_add(amount.checked_mul(unit)?)?;
    }
    (total <= MAX_SPAN_MS).then_some(sign * total)
}
