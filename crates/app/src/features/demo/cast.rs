//! Drawing who reports what, when, where and by which way, and what will become of it.

use super::chance::Chance;
use super::data::{Mode, Story};
use super::life::{Cast, Fate, Hold, Life};
use super::site::Slots;
use super::wording::{self, Around};
use super::world::World;
use crate::features::catalogue::model::{Callback, Matter, Secret, Verify};
use crate::features::parties::service::Contact;
use kernel::Ts;
use worktime::LimitUnit;

/// How many cases, over how many days, and how many of them are kept for each desk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) cases: usize,
    pub(super) days: i64,
    /// Thousandths of the full number of held cases.
    pub(super) held: usize,
}

/// The year.
pub(super) const FULL: Size = Size { cases: 2_600, days: 365, held: 1_000 };
/// Enough for a browser test.
pub(super) const SMALL: Size = Size { cases: 120, days: 75, held: 300 };

/// After so many days a case has gone through what it was drawn for, even over the longest holidays.
const SETTLED: i64 = 50;

/// How many cases the full demonstration keeps in each place.
const HELD: [(Hold, usize); 13] = [
    (Hold::Received, 4),
    (Hold::Accepted, 5),
    (Hold::Dispatched, 6),
    (Hold::Ruling, 3),
    (Hold::Handling, 26),
    (Hold::Late, 5),
    (Hold::Asked, 4),
    (Hold::PauseAsked, 2),
    (Hold::Paused, 3),
    (Hold::Shelved, 6),
    (Hold::Checking, 6),
    (Hold::Calling, 7),
    (Hold::Split, 2),
];

/// What a case is drawn with besides chance.
#[derive(Clone, Copy, Debug, Default)]
struct Wish {
    mode: Option<Mode>,
    hold: Option<Hold>,
    secret: Option<Secret>,
    feature: Option<Feature>,
    channel: Option<&'static str>,
}

/// What must be there at least once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feature {
    Upheld,
    Rejected,
    Granted,
    Refused,
    Pause,
    Taken,
    Supervised,
    Rework,
    Missed,
    Unreached,
    CallReopen,
    RateReopen,
    Withdrawn,
    Void,
    Redispatched,
    SentBack,
    Late,
    Behalf,
    Co,
}

const FEATURES: [Feature; 19] = [
    Feature::Upheld,
    Feature::Rejected,
    Feature::Granted,
    Feature::Refused,
    Feature::Pause,
    Feature::Taken,
    Feature::Supervised,
    Feature::Rework,
    Feature::Missed,
    Feature::Unreached,
    Feature::CallReopen,
    Feature::RateReopen,
    Feature::Withdrawn,
    Feature::Void,
    Feature::Redispatched,
    Feature::SentBack,
    Feature::Late,
    Feature::Behalf,
    Feature::Co,
];

/// Draws all lives.
pub(super) fn draw(world: &World, size: Size, seed: u64) -> Vec<Life> {
    let mut out: Vec<Life> = Vec::with_capacity(size.cases);
    for wish in wishes(size) {
        one(world, size, seed, wish, &mut out);
    }
    while out.len() < size.cases {
        one(world, size, seed, Wish::default(), &mut out);
        follow(world, size, seed, &mut out);
    }
    out
}

fn wishes(size: Size) -> Vec<Wish> {
    let mut out = Vec::new();
    for (hold, n) in HELD {
        for _ in 0..(n * size.held).div_ceil(1_000) {
            let mode = (hold == Hold::Split).then_some(Mode::Split);
            out.push(Wish { hold: Some(hold), mode, ..Wish::default() });
        }
    }
    out.extend(FEATURES.map(|f| Wish { feature: Some(f), ..Wish::default() }));
    let modes = [Mode::Answered, Mode::Thanks, Mode::OnTheSpot, Mode::Split, Mode::Refused, Mode::Handover];
    out.extend(modes.map(|m| Wish { mode: Some(m), ..Wish::default() }));
    out.extend([Secret::Petition, Secret::Report].map(|s| Wish { secret: Some(s), ..Wish::default() }));
    out.extend(["upper", "upper", "window", "web"].map(|c| Wish { channel: Some(c), ..Wish::default() }));
    out
}

fn one(world: &World, size: Size, seed: u64, wish: Wish, out: &mut Vec<Life>) {
    let mut chance = Chance::new(seed, u64::try_from(out.len()).unwrap_or(0));
    // What must come about needs time for it, and the last days may be holidays.
    let must = wish.feature.is_some() || (wish.mode.is_some() && wish.hold.is_none());
    let arrive_day = chance.between(if must { SETTLED } else { 1 }, size.days);
    let month = month_of(world, arrive_day);
    let Some(story) = story(world, &mut chance, wish, month) else { return };
    let drawn = life(world, &mut chance, wish, story, arrive_day);
    out.extend(drawn);
}

/// Somebody else about the same trouble: the next life after the one it may be merged into.
fn follow(world: &World, size: Size, seed: u64, out: &mut Vec<Life>) {
    let Some((first, life)) = out.len().checked_sub(1).and_then(|i| out.get(i).map(|l| (i, l.clone())))
    else {
        return;
    };
    let story = world.data.stories.get(life.cast.story);
    let mut chance = Chance::new(seed ^ 0x5a5a, u64::try_from(out.len()).unwrap_or(0));
    let fits =
        story.is_some_and(|s| !s.same.is_empty() && s.mode == Mode::Ordinary) && life.cast.parent.is_none();
    if !fits || !chance.of_thousand(550) || out.len() + 1 >= size.cases {
        return;
    }
    let times = chance.between(1, 2);
    for _ in 0..times {
        let arrive = awake(world, life.cast.arrive.plus(chance.between(20, 60 * 16) * Ts::MINUTE));
        if arrive >= world.now {
            return;
        }
        if let Some(next) = same(world, &mut chance, &life, first, arrive) {
            out.push(next);
        }
    }
}

fn same(world: &World, chance: &mut Chance, life: &Life, first: usize, arrive: Ts) -> Option<Life> {
    let story = world.data.stories.get(life.cast.story)?;
    let mut slots = life.slots.clone();
    let channel = if chance.of_thousand(600) { "qr" } else { "hotline" };
    let text = text_of(world, chance, story, channel, life.cast.grid, &mut slots, true);
    let arrive = at_desk(world, channel, arrive);
    let contact = contact(world, chance, channel);
    let cast = Cast {
        channel: channel.to_owned(),
        arrive,
        occurred: None,
        text,
        title: String::new(),
        reply_wanted: !contact.is_empty(),
        contact,
        joins: Some(first),
        hold: None,
        photos: usize::from(channel == "qr" && chance.of_thousand(400)),
        ..(*life.cast).clone()
    };
    let fate = Fate { rate: chance.of_thousand(350), ..Fate::default() };
    Some(Life::new(cast, fate, slots, chance.clone()))
}

fn month_of(world: &World, days_ago: i64) -> i64 {
    world.now.plus(-days_ago * Ts::DAY).day(&world.cx.office.tz).month() % 100
}

fn story(world: &World, chance: &mut Chance, wish: Wish, month: i64) -> Option<usize> {
    let weights: Vec<u32> = world.data.stories.iter().map(|s| weight(world, s, wish, month)).collect();
    weights.iter().any(|w| *w > 0).then(|| chance.weighted(&weights))
}

fn weight(world: &World, story: &Story, wish: Wish, month: i64) -> u32 {
    let Some(matter) = world.matters.get(&story.matter) else { return 0 };
    let season = wish.hold.is_some()
        || wish.mode.is_some()
        || story.months.is_empty()
        || story.months.contains(&month);
    let plain = wish.hold.is_some() || wish.feature.is_some();
    let mode = match wish.mode {
        Some(mode) => story.mode == mode,
        None if plain => story.mode == Mode::Ordinary,
        // Petitions, reports and hand-overs are few; what needs no handling is not the rule either.
        None => true,
    };
    let secret = match wish.secret {
        Some(secret) => matter.secret == secret && story.mode == Mode::Ordinary,
        None if plain => matter.secret == Secret::Ordinary,
        None => true,
    };
    let channel = wish.channel.is_none_or(|c| story.channels.keys().any(|k| stored_channel(k) == c));
    let fits = wish.hold.is_none_or(|h| suits_hold(h, matter))
        && wish.feature.is_none_or(|f| suits(f, story, matter));
    if season && mode && secret && channel && fits { story.weight } else { 0 }
}

/// Whether cases of a matter can be found where they are to be kept.
fn suits_hold(hold: Hold, matter: &Matter) -> bool {
    let days = matter.handle_limit.unit == LimitUnit::WorkDay;
    match hold {
        Hold::Checking => matter.verify != Verify::None && matter.verify_rate == 100,
        Hold::Calling => matter.callback == Callback::All,
        Hold::Handling | Hold::Late | Hold::Asked => {
            days && (2_000..=7_000).contains(&matter.handle_limit.amount)
        }
        Hold::PauseAsked | Hold::Paused | Hold::Shelved => days && matter.handle_limit.amount >= 3_000,
        _ => !matter.emergency,
    }
}

fn suits(feature: Feature, story: &Story, matter: &Matter) -> bool {
    let days = matter.handle_limit.unit == LimitUnit::WorkDay && matter.handle_limit.amount >= 2_000;
    match feature {
        Feature::Upheld => !story.returns.is_empty(),
        Feature::Granted | Feature::Refused | Feature::Pause | Feature::Taken | Feature::Late => days,
        Feature::Rework => matter.verify != Verify::None && matter.verify_rate == 100,
        Feature::Missed | Feature::Unreached | Feature::CallReopen => {
            matter.callback == Callback::All && !story.unsolved.is_empty()
        }
        Feature::RateReopen => !story.unsolved.is_empty(),
        _ => true,
    }
}

/// The channel as records keep it.
fn stored_channel(key: &str) -> &str {
    if key == "upper12345" { "upper" } else { key }
}

fn channel(story: &Story, wish: Wish, chance: &mut Chance) -> String {
    let named = story.channels.keys().find(|k| wish.channel == Some(stored_channel(k)));
    // Who is to be called back or to rate must have left a number, which a grid worker's own find has not.
    let reached = matches!(wish.hold, Some(Hold::Calling))
        || matches!(
            wish.feature,
            Some(Feature::Missed | Feature::Unreached | Feature::CallReopen | Feature::RateReopen)
        );
    let keys: Vec<&String> = story.channels.keys().collect();
    let weights: Vec<u32> = story
        .channels
        .iter()
        .map(|(k, w)| if reached && k == "grid" && keys.len() > 1 { 0 } else { *w })
        .collect();
    let drawn = keys.get(chance.weighted(&weights)).copied();
    stored_channel(named.or(drawn).map_or("hotline", String::as_str)).to_owned()
}

fn grid(world: &World, story: &Story, chance: &mut Chance) -> Option<usize> {
    let inside = |code: &str| {
        story.places.is_empty()
            || story.places.iter().any(|p| code.starts_with(p.as_str()) || p.starts_with(code))
    };
    let fits: Vec<usize> = (0..world.sites.grids.len())
        .filter(|i| world.sites.grids.get(*i).is_some_and(|g| inside(&g.code)))
        .filter(|i| {
            story.subject != "@property" || world.sites.managed_estate(*i, &mut chance.clone()).is_some()
        })
        .collect();
    // Some grids are livelier than others.
    let weights: Vec<u32> = fits.iter().map(|i| 2 + u32::try_from(i * 7 % 5).unwrap_or(0)).collect();
    fits.get(chance.weighted(&weights)).copied()
}

fn life(world: &World, chance: &mut Chance, wish: Wish, index: usize, days_ago: i64) -> Option<Life> {
    let story = world.data.stories.get(index)?;
    let matter = world.matters.get(&story.matter)?;
    let channel = channel(story, wish, chance);
    let grid = grid(world, story, chance)?;
    let mut slots = Slots::default();
    if story.subject == "@property" {
        name_estate(world, grid, &mut slots, chance);
    }
    let text = text_of(world, chance, story, &channel, grid, &mut slots, false);
    let (arrive, occurred) = arrival(world, chance, wish.hold, matter, &channel, days_ago);
    let mut contact = contact(world, chance, &channel);
    let reached = channel != "grid" && (wish.hold == Some(Hold::Calling) || wish.feature.is_some());
    if reached && contact.is_empty() {
        contact = person(world, chance);
    }
    let title = if matches!(channel.as_str(), "hotline" | "window" | "upper" | "grid") {
        format!("{}{}", slots.anchor.as_ref().map(|a| a.0.as_str()).unwrap_or_default(), story.title)
    } else {
        String::new()
    };
    if slots.anchor.is_none() {
        somewhere(world, grid, &mut slots, chance);
    }
    let at = world.sites.location(grid, &slots, &world.words, chance);
    let pictured = matches!(channel.as_str(), "qr" | "grid" | "web")
        && matter.photos != crate::features::catalogue::model::Photos::None;
    let photos =
        if pictured && chance.of_thousand(700) { 1 + usize::from(chance.of_thousand(300)) } else { 0 };
    let cast = Cast {
        story: index,
        matter: story.matter.clone(),
        kind: kind_of(matter),
        class: matter.secret.as_str().to_owned(),
        reply_wanted: reached || (!contact.is_empty() && chance.of_thousand(880)),
        share: chance.of_thousand(200),
        channel,
        arrive,
        occurred,
        text,
        title,
        contact,
        grid,
        at,
        photos,
        hold: wish.hold,
        joins: None,
        parent: None,
    };
    let fate = fate(chance, story, matter, wish);
    Some(Life::new(cast, fate, slots, chance.clone()))
}

/// An emergency is what the desk makes of an event.
fn kind_of(matter: &Matter) -> String {
    match matter.kind.as_str() {
        "emergency" | "other" => "event".to_owned(),
        kind => kind.to_owned(),
    }
}

fn name_estate(world: &World, grid: usize, slots: &mut Slots, chance: &mut Chance) {
    if let Some(row) = world.sites.managed_estate(grid, chance) {
        slots.names.insert("estate".to_owned(), row.name.clone());
        slots.property = Some(row.managed_by.clone());
        slots.anchor = geography::Point::new(row.lon, row.lat).ok().map(|p| (row.name.clone(), p));
    }
}

/// A message that names no place still came from one: a house on some road, which the report's location tells.
fn somewhere(world: &World, grid: usize, slots: &mut Slots, chance: &mut Chance) {
    let no = chance.between(2, 188).to_string();
    if let Some(row) = world.sites.find(grid, "road", &[], chance) {
        slots.anchor = geography::Point::new(row.lon, row.lat).ok().map(|p| (row.name.clone(), p));
        slots.names.entry("road".to_owned()).or_insert_with(|| row.name.clone());
        slots.names.entry("no".to_owned()).or_insert(no);
    }
}

fn text_of(
    world: &World,
    chance: &mut Chance,
    story: &Story,
    channel: &str,
    grid: usize,
    slots: &mut Slots,
    same: bool,
) -> String {
    let mut around = Around { sites: &world.sites, phrases: &world.data.phrases, grid, chance };
    wording::message(story, channel, slots, &mut around, same)
}

fn contact(world: &World, chance: &mut Chance, channel: &str) -> Contact {
    let left = match channel {
        "grid" => 0,
        "qr" => 640,
        "web" => 800,
        _ => 960,
    };
    if chance.of_thousand(left) { person(world, chance) } else { Contact::default() }
}

/// An invented person with a number outside the numbers in use.
fn person(world: &World, chance: &mut Chance) -> Contact {
    let surname = world.phrase("people", "surnames", chance);
    let rest = if chance.of_thousand(300) {
        world.phrase("people", "callers", chance)
    } else {
        world.phrase("people", "given", chance)
    };
    Contact {
        name: format!("{surname}{rest}"),
        phone: format!("1990000{:04}", chance.between(100, 9_999)),
        ..Contact::default()
    }
}

/// When it comes in. A held case is laid so that the desks reach its place a little before now.
fn arrival(
    world: &World,
    chance: &mut Chance,
    hold: Option<Hold>,
    matter: &Matter,
    channel: &str,
    days_ago: i64,
) -> (Ts, Option<Ts>) {
    if let Some(hold) = hold {
        return (
            world
                .axis
                .earlier(world.now, held_back(world, chance, hold, matter))
                .plus(-chance.between(1, 50) * Ts::SECOND),
            None,
        );
    }
    let day = world.now.plus(-days_ago * Ts::DAY).day(&world.cx.office.tz);
    let hour = match channel {
        "qr" | "web" => {
            [7, 8, 9, 10, 11, 12, 14, 15, 17, 18, 19, 20, 21, 22].get(chance.below(14)).copied().unwrap_or(9)
        }
        "grid" => chance.between(7, 17),
        _ => chance.between(8, 17),
    };
    let at = day.start(&world.cx.office.tz).plus(hour * Ts::HOUR + chance.between(0, 3_599) * Ts::SECOND);
    if channel == "hotline" && chance.of_thousand(25) {
        // The night's call, entered in the morning: both times are kept.
        let night = day
            .start(&world.cx.office.tz)
            .plus(chance.between(20, 23) * Ts::HOUR + chance.between(0, 3_599) * Ts::SECOND);
        let entered = world.axis.later(night, chance.between(3, 40));
        if entered < world.now {
            return (entered, Some(night));
        }
    }
    (at_desk(world, channel, at).min(world.now.plus(-Ts::MINUTE)), None)
}

/// Few write before six in the morning.
fn awake(world: &World, at: Ts) -> Ts {
    if at.zoned(&world.cx.office.tz).hour() < 6 { at.plus(6 * Ts::HOUR) } else { at }
}

/// A desk takes calls in office hours only; a page and a grid worker at any time.
fn at_desk(world: &World, channel: &str, at: Ts) -> Ts {
    if matches!(channel, "qr" | "web" | "grid") || world.cx.office.rules.is_open(at) {
        return at;
    }
    world.axis.later(at, 1 + at.0.rem_euclid(37))
}

/// How many working minutes before now a held case comes in; each quick step takes at most fifteen.
fn held_back(world: &World, chance: &mut Chance, hold: Hold, matter: &Matter) -> i64 {
    let limit = world.axis.minutes(matter.handle_limit);
    let (steps, within) = match hold {
        Hold::Received => (0, (3, if chance.of_thousand(150) { 260 } else { 55 })),
        Hold::Accepted => (1, (2, 28)),
        Hold::Dispatched => (2, (5, 170)),
        Hold::Ruling => (3, (15, 200)),
        Hold::Handling => (4, (limit / 12, limit * 9 / 10)),
        Hold::Late => (4, (limit * 13 / 10 + 420, limit * 17 / 10 + 900)),
        Hold::Asked | Hold::PauseAsked => (5, (20, limit * 6 / 10)),
        Hold::Paused => (6, (200, 1_500)),
        Hold::Shelved => (5, (2_500, 9_000)),
        Hold::Checking => (4, (20, 330)),
        Hold::Calling => (5, (30, 360)),
        Hold::Split => (2, (120, 500)),
    };
    steps * 15 + 4 + chance.between(within.0, within.1)
}

/// A share as so many of a thousand, without a cast.
fn thousandths(share: f64) -> i64 {
    (0_i32..=1_000).rev().find(|n| f64::from(*n) <= share * 1_000.0 + 0.5).map_or(0, i64::from)
}

fn fate(chance: &mut Chance, story: &Story, matter: &Matter, wish: Wish) -> Fate {
    let per_mille = |share: f64| thousandths(share);
    let days = matter.handle_limit.unit == LimitUnit::WorkDay && matter.handle_limit.amount >= 2_000;
    let mut fate = Fate {
        send_back: chance.of_thousand(8),
        ret: chance
            .of_thousand(if story.returns.is_empty() { 22 } else { 150 })
            .then(|| chance.of_thousand(550)),
        redispatch: chance.of_thousand(10),
        co: chance.of_thousand(350),
        extension: (days && chance.of_thousand(70)).then(|| chance.of_thousand(700)),
        pause: days && chance.of_thousand(18),
        shelve: (days && chance.of_thousand(8)).then(|| chance.of_thousand(650)),
        supervise: chance.of_thousand(25),
        urge: chance.of_thousand(90),
        supplement: chance.of_thousand(40),
        reveal: chance.of_thousand(120),
        progress: chance.of_thousand(240),
        overdue: chance.of_thousand(per_mille(story.overdue)),
        rework: chance.of_thousand(55),
        missed: u8::from(chance.of_thousand(140)),
        unreached: chance.of_thousand(25),
        call_reopen: !story.unsolved.is_empty() && chance.of_thousand(40),
        rate: chance.of_thousand(380),
        rate_reopen: !story.unsolved.is_empty() && chance.of_thousand(14),
        withdraw: chance.of_thousand(14),
        void: chance.of_thousand(4),
        exempt: chance.of_thousand(40),
        behalf: chance.of_thousand(30),
    };
    if matter.emergency || matter.secret != Secret::Ordinary {
        fate = Fate { overdue: false, rate: fate.rate, reveal: fate.reveal, co: fate.co, ..Fate::default() };
    }
    if let Some(hold) = wish.hold {
        fate = held_fate(chance, hold, &fate);
    }
    if let Some(feature) = wish.feature {
        fate = featured(feature, &fate);
    }
    fate
}

/// Only what leads to the place where the case is kept.
fn held_fate(chance: &mut Chance, hold: Hold, drawn: &Fate) -> Fate {
    let mut fate =
        Fate { reveal: drawn.reveal, supplement: drawn.supplement, behalf: drawn.behalf, ..Fate::default() };
    match hold {
        Hold::Ruling => fate.ret = Some(true),
        Hold::Handling => {
            (fate.co, fate.progress, fate.urge) = (drawn.co, chance.of_thousand(400), chance.of_thousand(150))
        }
        Hold::Late => (fate.supervise, fate.urge) = (chance.of_thousand(700), true),
        Hold::Asked => fate.extension = Some(true),
        Hold::PauseAsked | Hold::Paused => fate.pause = true,
        Hold::Shelved => fate.shelve = Some(false),
        Hold::Calling => fate.missed = u8::from(chance.of_thousand(300)),
        _ => {}
    }
    fate
}

/// What must be there at least once, and nothing that would keep it from coming about.
fn featured(feature: Feature, drawn: &Fate) -> Fate {
    let mut fate = Fate { progress: drawn.progress, reveal: drawn.reveal, ..Fate::default() };
    // What lasts for days is asked after and added to.
    let long = matches!(feature, Feature::Pause | Feature::Taken | Feature::Granted | Feature::Late);
    (fate.urge, fate.supplement) = (long, long);
    match feature {
        Feature::Upheld => fate.ret = Some(true),
        Feature::Rejected => fate.ret = Some(false),
        Feature::Granted => fate.extension = Some(true),
        Feature::Refused => fate.extension = Some(false),
        Feature::Pause => fate.pause = true,
        Feature::Taken => fate.shelve = Some(true),
        Feature::Supervised => fate.supervise = true,
        Feature::Rework => fate.rework = true,
        Feature::Missed => fate.missed = 1,
        Feature::Unreached => (fate.missed, fate.unreached) = (2, true),
        Feature::CallReopen => fate.call_reopen = true,
        Feature::RateReopen => (fate.rate, fate.rate_reopen) = (true, true),
        Feature::Withdrawn => fate.withdraw = true,
        Feature::Void => fate.void = true,
        Feature::Redispatched => fate.redispatch = true,
        Feature::SentBack => fate.send_back = true,
        Feature::Late => (fate.overdue, fate.exempt) = (true, true),
        Feature::Behalf => fate.behalf = true,
        Feature::Co => fate.co = true,
    }
    fate
}
