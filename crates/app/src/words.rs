//! The words on screen. No Chinese in Rust or templates (DECISIONS 29): a page asks for a key, and the
//! words resolve office → pack → product. zh-CN first, en complete; a test holds them equal.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::tz::TimeZone;
use kernel::{Day, Refusal, Ts};
use rust_embed::RustEmbed;
use std::sync::{Arc, LazyLock};
use unic_langid::LanguageIdentifier;

/// A language of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Chinese as written on the mainland.
    Zh,
    /// English.
    En,
}

impl Locale {
    /// The tag, as in `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Locale::Zh => "zh-CN",
            Locale::En => "en",
        }
    }

    /// Reads a tag; anything that begins with `en` is English, anything else Chinese.
    #[must_use]
    pub fn parse(tag: &str) -> Locale {
        if tag.trim().to_ascii_lowercase().starts_with("en") { Locale::En } else { Locale::Zh }
    }
}

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../words"]
struct Product;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../packs"]
#[include = "*/words/**/*.ftl"]
struct Packs;

struct Books {
    zh: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

static BOOKS: LazyLock<Books> = LazyLock::new(|| Books { zh: book(Locale::Zh), en: book(Locale::En) });

fn book(locale: Locale) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    for (name, text) in sources(locale) {
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, errors)| {
            tracing::error!(file = name, ?errors, "a word file has lines that cannot be read");
            resource
        });
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The word files of a language: name and text, the product's first, then the packs', which override.
#[must_use]
pub fn sources(locale: Locale) -> Vec<(String, String)> {
    let text = |file: rust_embed::EmbeddedFile| String::from_utf8_lossy(&file.data).into_owned();
    let mine = |name: &str| name.contains(&format!("{}/", locale.tag()));
    let mut out = Vec::new();
    for name in Product::iter().filter(|n| mine(n)) {
        out.extend(Product::get(&name).map(|file| (name.to_string(), text(file))));
    }
    for name in Packs::iter().filter(|n| mine(n)) {
        out.extend(Packs::get(&name).map(|file| (name.to_string(), text(file))));
    }
    out
}

/// The words of one request: a language and the office's zone.
#[derive(Clone, Debug)]
pub struct Words {
    /// The language.
    pub locale: Locale,
    /// The zone in which times are shown.
    pub tz: Arc<TimeZone>,
    /// The instant of the request, for "today".
    pub now: Ts,
    /// The office's own words: the product's and what stands in its place.
    swaps: Swaps,
}

/// Regional words (REAL-DAYS, Words): each pair is the product's word and the office's.
pub type Swaps = Arc<[(String, String)]>;

impl Words {
    /// The words of a language.
    #[must_use]
    pub fn new(locale: Locale, tz: &TimeZone, now: Ts) -> Words {
        Words { locale, tz: Arc::new(tz.clone()), now, swaps: Arc::default() }
    }

    /// The same with an office's own words.
    #[must_use]
    pub fn with_swaps(self, swaps: Swaps) -> Words {
        Words { swaps, ..self }
    }

    /// The same words at another instant: what "today" is.
    #[must_use]
    pub fn at(&self, now: Ts) -> Words {
        Words { now, ..self.clone() }
    }

    /// The word for a key; the key itself in brackets when there is none, which a test refuses.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// With one argument.
    #[must_use]
    pub fn t1(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.ta(key, &[(name, value.to_string())])
    }

    /// With two arguments.
    #[must_use]
    pub fn t2(
        &self,
        key: &str,
        a: (&str, &dyn std::fmt::Display),
        b: (&str, &dyn std::fmt::Display),
    ) -> String {
        self.ta(key, &[(a.0, a.1.to_string()), (b.0, b.1.to_string())])
    }

    /// With any arguments; whole numbers are given as numbers, so that plurals work.
    #[must_use]
    pub fn ta(&self, key: &str, args: &[(&str, String)]) -> String {
        if !self.swaps.is_empty() {
            return self.swapped(key, args);
        }
        let mut fluent = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            match value.parse::<i64>() {
                // Codes of places have up to 21 digits: a float would change the last ones. A sign stays a sign.
                Ok(n) if value.len() < 16 && (!value.starts_with(['0', '+']) || value == "0") => {
                    fluent.set(*name, n)
                }
                _ => fluent.set(*name, FluentValue::from(value.as_str())),
            }
        }
        self.format(key, Some(&fluent))
    }

    /// The sentence with the office's words, its arguments as they are: what people wrote is never reworded.
    fn swapped(&self, key: &str, args: &[(&str, String)]) -> String {
        let mark = |i: usize| format!("\u{2}{i}\u{3}");
        let mut fluent = FluentArgs::with_capacity(args.len());
        for (i, (name, _)) in args.iter().enumerate() {
            fluent.set(*name, FluentValue::from(mark(i)));
        }
        let mut text = self.format(key, Some(&fluent));
        for (i, (_, value)) in args.iter().enumerate() {
            text = text.replace(&mark(i), value);
        }
        text
    }

    /// The words of a refusal. What has a name in both languages comes as two arguments, `matter` and `matter_en`.
    #[must_use]
    pub fn refusal(&self, refusal: &Refusal) -> String {
        let mut args: Vec<(&str, String)> = Vec::new();
        for (name, value) in &refusal.args {
            let english = || refusal.args.iter().find(|(n, _)| n.strip_suffix("_en") == Some(*name));
            let value = match self.locale {
                Locale::En => english().map_or(value, |(_, v)| v),
                Locale::Zh => value,
            };
            // A field's name is shown as its label.
            let value = match *name {
                "field" => self.t_or(&format!("field-{}", value.replace('_', "-")), value),
                "grant" => self.rights(value),
                _ => value.clone(),
            };
            args.push((name, value));
        }
        self.ta(&format!("refusal-{}", refusal.code.replace(['.', '_'], "-")), &args)
    }

    /// The day of the request, with its year: what paper says of when it was printed.
    #[must_use]
    pub fn today(&self) -> String {
        self.full_day(self.now.day(&self.tz), true)
    }

    /// A holiday of the calendar, or two that fall together; its own name where English has none.
    #[must_use]
    pub fn holiday(&self, name: &str) -> String {
        const NAMES: &str = include_str!("../../../packs/calendars/names.csv");
        if self.locale == Locale::Zh {
            return name.to_owned();
        }
        let english = |one: &str| {
            let known = NAMES.lines().filter_map(|line| line.split_once(',')).find(|(zh, _)| *zh == one);
            known.map_or_else(|| one.to_owned(), |(_, en)| en.to_owned())
        };
        name.split('\u{3001}').map(english).collect::<Vec<_>>().join(&self.t("list-joint"))
    }

    /// Rights in words, from their names apart by spaces.
    fn rights(&self, verbs: &str) -> String {
        let name = |verb: &str| self.t_or(&format!("verb-{}", verb.replace(['.', '_'], "-")), verb);
        verbs.split(' ').map(name).collect::<Vec<_>>().join(&self.t("list-joint"))
    }

    /// The word for a key, or something else when there is none.
    #[must_use]
    pub fn t_or(&self, key: &str, other: &str) -> String {
        if self.has(key) { self.t(key) } else { other.to_owned() }
    }

    /// Whether there is a word.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    fn bundle(&self) -> &'static FluentBundle<FluentResource> {
        match self.locale {
            Locale::Zh => &BOOKS.zh,
            Locale::En => &BOOKS.en,
        }
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else {
            return format!("[{key}]");
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::warn!(key, ?errors, "a word lacks an argument");
        }
        self.swaps.iter().fold(text, |text, (ours, theirs)| text.replace(ours.as_str(), theirs))
    }

    /// Whether an instant lies on the day of the request.
    #[must_use]
    pub fn is_today(&self, at: Ts) -> bool {
        at.day(&self.tz) == self.now.day(&self.tz)
    }

    /// A time as people say it: 今天 17:40, 明天 09:30, 3月12日 15:24, 2025年3月12日 15:24.
    #[must_use]
    pub fn when(&self, at: Ts) -> String {
        let zoned = at.zoned(&self.tz);
        let clock = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
        self.ta("time-day-clock", &[("day", self.day(at.day(&self.tz))), ("clock", clock)])
    }

    /// A day as people say it, relative to the request.
    #[must_use]
    pub fn day(&self, day: Day) -> String {
        let today = self.now.day(&self.tz);
        let key = match day {
            d if d == today => Some("time-today"),
            d if d == today.plus(1) => Some("time-tomorrow"),
            d if d == today.plus(-1) => Some("time-yesterday"),
            _ => None,
        };
        if let Some(key) = key {
            return self.t(key);
        }
        self.full_day(day, day.0 / 10_000 != today.0 / 10_000)
    }

    /// A day as a date, with or without its year.
    #[must_use]
    pub fn full_day(&self, day: Day, with_year: bool) -> String {
        let month = day.0 / 100 % 100;
        let args = [
            ("year", (day.0 / 10_000).to_string()),
            ("month", month.to_string()),
            ("name", self.t_or(&format!("time-month-{month}"), "")),
            ("day", (day.0 % 100).to_string()),
        ];
        self.ta(if with_year { "time-date-year" } else { "time-date" }, &args)
    }

    /// The day of the week: 周四.
    #[must_use]
    pub fn weekday(&self, day: Day) -> String {
        let n = day.date().map_or(0, |d| i64::from(d.weekday().to_monday_one_offset()));
        self.t(&format!("settings-weekday-{n}"))
    }

    /// A length of time, rounded to what matters: 18 分钟, 3 小时 20 分, 2 天 4 小时.
    #[must_use]
    pub fn span(&self, ms: i64) -> String {
        let minutes = ms.unsigned_abs() / 60_000;
        let (days, hours, mins) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        let args = [("days", days.to_string()), ("hours", hours.to_string()), ("minutes", mins.to_string())];
        let key = match (days, hours, mins) {
            (0, 0, _) => "span-minutes",
            (0, _, 0) => "span-hours",
            (0, _, _) => "span-hours-minutes",
            (_, 0, _) => "span-days",
            _ => "span-days-hours",
        };
        self.ta(key, &args)
    }
}
