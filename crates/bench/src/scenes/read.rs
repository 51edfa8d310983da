//! Looking at one case, lists, figures and search.

use super::Bench;
use crate::figures::{Figure, Goal};
use crate::http::{self, Ask, Pass};
use crate::raw;
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The rate of a closed loop of 16 clients, and the 99th percentile at half of that rate in an open loop.
fn loaded(bench: &Bench<'_>, at: SocketAddr, asks: &Arc<Vec<Ask>>) -> Result<(f64, f64)> {
    let pick = |asks: &Arc<Vec<Ask>>| {
        let asks = Arc::clone(asks);
        move |n: usize| asks.get(n % asks.len()).cloned()
    };
    let warm = Duration::from_secs(1);
    bench.runtime.block_on(async {
        http::closed(at, 16, warm, pick(asks)).await?.good()?;
        let most = http::closed(at, 16, bench.options.span(), pick(asks)).await?;
        most.good()?;
        let half = http::open(at, 64, most.rate / 2.0, bench.options.span(), pick(asks)).await?;
        half.good()?;
        Ok((most.rate, half.ms(0.99)))
    })
}

/// One case, as JSON and as a page.
pub fn detail(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let token = bench.office.token("linlan")?;
    let mut conn = bench.engine.open()?;
    let step = (bench.cases / 3_000).max(1);
    // Spread over the whole office, in an order that no cache likes.
    let mut ids = conn.texts(&format!(
        "select cast(id as text) from (select id, row_number() over (order by opened_at) as n from cases where class = 'ordinary' and channel <> 'api') t where n % {step} = 0 order by id % 97, id"
    ))?;
    ids.truncate(3_000);
    let server = bench.serve(false)?;
    let session = bench.runtime.block_on(server.session("linlan"))?;
    for (what, path, pass, ratio, most) in [
        ("case detail as JSON", "/api/v1/cases/", &token, 0.12, 5.0),
        ("case detail as a page", "/cases/", &session, 0.05, 10.0),
    ] {
        let empty = bench.empty()?;
        let asks = Arc::new(ids.iter().map(|id| Ask::get(&format!("{path}{id}"), pass)).collect());
        let (rate, p99) = loaded(bench, server.at, &asks)?;
        let raw = "beside an empty answer";
        out.push(
            bench
                .figure(format!("{what}, 16 clients"), rate, "/s")
                .beside(empty)
                .goal(Goal::Ratio(ratio))
                .note(raw),
        );
        out.push(bench.figure(format!("{what}, p99 at half load"), p99, "ms").goal(Goal::Most(most)));
    }
    Ok(())
}

/// The columns that a list shows of a case.
const COLUMNS: &str = "id, no, title, state, phase, ended, kind, class, matter, matter_code, urgent, channel, place, community_id, \
     grid_id, address, lead_unit, report, reports, parent, merged_into, opened_at, due_at, due_kind, handle_late, upper_due_at, \
     returns, reopens, reworks, urges, supervised, closed_at, shelved_until, version";

/// Fifty cases by three filters, the first page and one far behind.
pub fn list(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let token = bench.office.token("linlan")?;
    let mut conn = bench.engine.open()?;
    let community = "select community_id from cases where community_id is not null group by community_id order by count(*) desc limit 1";
    let community = conn.number(community)?;
    let code = conn
        .texts(&format!("select code from place where id = {community}"))?
        .pop()
        .context("no community")?;
    let channel = conn.texts("select channel from cases where phase = 'closed' group by channel order by count(*) desc limit 1")?.pop().context("no channel")?;
    let office = conn.number("select min(office) from cases")?;
    let filters = format!(
        "office = {office} and phase = 'closed' and community_id = {community} and channel = '{channel}' and class = 'ordinary'"
    );
    let matching = conn.number(&format!("select count(*) from cases where {filters}"))?;
    let deep = matching * 9 / 10;
    let cursor = conn
        .texts(&format!(
            "select cast(opened_at as text) || '.' || cast(id as text) from cases where {filters} order by opened_at desc, id desc limit 1 offset {deep}"
        ))?
        .pop()
        .context("no deep page")?;
    let text =
        format!("select {COLUMNS} from cases where {filters} order by opened_at desc, id desc limit 50");
    drop(conn);
    let server = bench.serve(false)?;
    let path = format!("/api/v1/cases?phase=closed&place={code}&channel={channel}&sort=new&limit=50");
    let session = bench.runtime.block_on(server.session("linlan"))?;
    let page = format!("/cases?phase=closed&place={code}&channel={channel}&sort=new");
    let raw = [1, 2, 4]
        .into_iter()
        .map(|n| raw::query(&bench.engine, &text, n, Duration::from_secs(2)))
        .collect::<Result<Vec<_>>>()?;
    let raw = raw.into_iter().fold(0.0, f64::max);
    let (rate, p99) = loaded(bench, server.at, &Arc::new(vec![Ask::get(&path, &token)]))?;
    let note = format!("{matching} match");
    out.push(
        bench
            .figure("list of 50, three filters, 16 clients", rate, "/s")
            .beside(raw)
            .goal(Goal::Ratio(0.3))
            .note(note),
    );
    out.push(bench.figure("list of 50, p99 at half load", p99, "ms").goal(Goal::Most(15.0)));
    let far = format!("{path}&after={cursor}");
    let (far, _) = loaded(bench, server.at, &Arc::new(vec![Ask::get(&far, &token)]))?;
    out.push(
        bench
            .figure("a page at nine tenths of the list: time beside the first page's", rate / far, "×")
            .goal(Goal::Most(2.0)),
    );
    let (shown, p99) = loaded(bench, server.at, &Arc::new(vec![Ask::get(&page, &session)]))?;
    out.push(
        bench.figure("list as a page, 16 clients", shown, "/s").note(format!("p99 at half load {p99:.1} ms")),
    );
    let (home, p99) = loaded(bench, server.at, &Arc::new(vec![Ask::get("/", &session)]))?;
    out.push(
        bench
            .figure("home page of the dispatcher, 16 clients", home, "/s")
            .note(format!("p99 at half load {p99:.1} ms")),
    );
    Ok(())
}

/// The median time of some askings, in milliseconds, one after the other.
fn timed(
    bench: &Bench<'_>,
    at: SocketAddr,
    path: &str,
    pass: &Pass,
    times: usize,
) -> Result<(f64, serde_json::Value)> {
    bench.runtime.block_on(async {
        let mut line = http::Line::open(at).await?;
        let ask = Ask::get(path, pass);
        let mut all = Vec::new();
        let mut body = Vec::new();
        for _ in 0..=times {
            let start = Instant::now();
            let told = line.ask(&ask).await?;
            all.push(start.elapsed());
            ensure!(told.status == 200, "{path}: {} {}", told.status, String::from_utf8_lossy(&told.body));
            body = told.body;
        }
        // The first one fills caches.
        all.remove(0);
        all.sort_unstable();
        let middle = all.get(all.len() / 2).context("nothing was timed")?;
        Ok((middle.as_secs_f64() * 1_000.0, serde_json::from_slice(&body).unwrap_or_default()))
    })
}

/// Figures over a month, over a year and over everything, plain and with conditions.
pub fn stats(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let token = bench.office.token("zhenghaibo")?;
    let mut conn = bench.engine.open()?;
    let last = conn.number("select max(opened_day) from cases")?;
    let first = conn.number("select min(opened_day) from cases")?;
    let year = conn.number(&format!("select count(*) from cases where opened_day > {}", last - 10_000))?;
    drop(conn);
    let day = |d: i64| format!("{:04}-{:02}-{:02}", d / 10_000, d / 100 % 100, d % 100);
    let server = bench.serve(false)?;
    let whole = format!("from={}&to={}", day(first), day(last));
    let one = format!("from={}&to={}", day(last - 10_000 + 1), day(last));
    let mut worst = [(0.0, String::new()), (0.0, String::new()), (0.0, String::new())];
    let conditions = [
        "",
        "&where=case.urgent",
        "&where=case.channel%20%3D%3D%20%27qr%27%20%26%26%20case.returns%20%3D%3D%200",
    ];
    for key in [
        "demand.received",
        "demand.closed",
        "demand.on_time_rate",
        "demand.mean_days",
        "demand.open",
        "demand.overdue",
    ] {
        for (i, period) in [&one, &whole].into_iter().enumerate() {
            for condition in conditions {
                let path = format!("/api/v1/stats/{key}?{period}{condition}");
                let (ms, _) = timed(bench, server.at, &path, &token, 3)?;
                let place = if condition.is_empty() && i == 0 { 0 } else { i + 1 };
                if let Some(found) = worst.get_mut(place).filter(|w| w.0 < ms) {
                    *found = (ms, format!("{key}{}", condition.chars().take(20).collect::<String>()));
                }
            }
        }
    }
    let [plain, any, all] = worst;
    out.push(
        bench
            .figure("a figure over sealed days of a year, the slowest", plain.0, "ms")
            .goal(Goal::Most(5.0))
            .note(plain.1),
    );
    let goal = Goal::Most(if year <= 110_000 { 150.0 } else { 1_500.0 });
    out.push(
        bench
            .figure("a figure of any condition over a year, the slowest", any.0, "ms")
            .goal(goal)
            .note(format!("{year} cases, {}", any.1)),
    );
    out.push(
        bench
            .figure("a figure of any condition over all, the slowest", all.0, "ms")
            .goal(Goal::Most(1_500.0))
            .note(all.1),
    );
    let session = bench.runtime.block_on(server.session("zhenghaibo"))?;
    let (ms, _) = timed(bench, server.at, "/stats", &session, 2)?;
    out.push(bench.figure("the page of figures", ms, "ms"));
    let (ms, _) = timed(bench, server.at, "/wall/board", &session, 2)?;
    out.push(bench.figure("the wall", ms, "ms"));
    Ok(())
}

/// Words that are looked for: common ones, rare ones, several at once, a number, one that stands nowhere.
const WORDS: [&str; 10] =
    ["井盖", "路灯", "油烟", "噪声 夜间", "电动车", "垃圾", "楼道 堆放", "0017", "停水停电停气", "井盖 松动"];

/// Search by words that up to ten thousand cases hold.
pub fn search(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let token = bench.office.token("linlan")?;
    // What the index does not hold yet is read through: that is measured where a file is taken over.
    super::fill_index(&bench.office, &bench.engine, bench.cases)?;
    let server = bench.serve(false)?;
    let (mut worst, mut many, mut shown) = ((0.0, String::new()), (0.0, String::new()), Vec::new());
    for words in WORDS {
        let path = format!("/api/v1/cases?sort=new&limit=50&q={}", encoded(words));
        let (ms, value) = timed(bench, server.at, &path, &token, 5)?;
        let total = value["total"].as_i64().unwrap_or(0);
        shown.push(format!("{words} {total}: {ms:.1}"));
        let place = if total <= 10_000 { &mut worst } else { &mut many };
        if place.0 < ms {
            *place = (ms, words.to_owned());
        }
    }
    let note = format!("{} ({})", worst.1, shown.join("; "));
    out.push(
        bench
            .figure("search with up to 10,000 matches, the slowest", worst.0, "ms")
            .goal(Goal::Most(50.0))
            .note(note),
    );
    if many.0 > 0.0 {
        out.push(bench.figure("search with more matches, the slowest", many.0, "ms").note(many.1));
    }
    Ok(())
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
