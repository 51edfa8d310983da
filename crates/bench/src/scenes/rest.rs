//! The engine itself, starting, memory, disk, the weight of a public page, and taking over a file.

use super::Bench;
use crate::figures::{Figure, Goal};
use crate::http::{Ask, Line, Pass};
use crate::office::Office;
use crate::raw::{self, Engine};
use anyhow::{Context, Result, ensure};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// The raw engine and the empty server: what everything else is measured against.
pub fn engine(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let folder = tempfile::tempdir_in(bench.office.folder.parent().context("no folder")?)?;
    let one = raw::single(folder.path(), &bench.engine, 1)?;
    let many = raw::single(folder.path(), &bench.engine, 100)?;
    out.push(bench.figure("durable transactions of one row", one, "/s"));
    out.push(bench.figure("rows in batches of 100", many, "/s"));
    out.push(bench.figure("an empty axum answer, 16 clients", bench.empty()?, "/s"));
    Ok(())
}

/// From the start of the program until it listens; memory with nothing to do; the disk; the weight of public pages.
pub fn start(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..3 {
        times.push(bench.serve(true)?.start.as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    out.push(
        bench
            .figure("from the start until it listens", times.get(1).copied().unwrap_or(0.0), "s")
            .goal(Goal::Most(1.0)),
    );
    let server = bench.serve(true)?;
    std::thread::sleep(Duration::from_secs(8));
    let (idle, own) = server.memory()?;
    let note = format!("{own:.0} MiB without pages of files");
    out.push(bench.figure("memory with nothing to do", idle, "MiB").goal(Goal::Most(80.0)).note(note));
    let (bytes, what) = bench.runtime.block_on(weight(&server))?;
    out.push(
        bench.figure("public page, compressed", bytes / 1_000.0, "kB").goal(Goal::Most(40.0)).note(what),
    );
    drop(server);
    disk(bench, out)
}

fn disk(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let (all, index) = bench.engine.bytes()?;
    let mut conn = bench.engine.open()?;
    let length = if matches!(bench.engine, Engine::Sqlite(_)) {
        "length(cast(text as blob))"
    } else {
        "octet_length(text)"
    };
    let text = conn.number(&format!("select cast(sum({length}) as bigint) from report"))?;
    let events = conn.number("select count(*) from event where stream in ('case', 'report')")? as f64
        / bench.cases as f64;
    let each = (all - index - text) as f64 / bench.cases as f64;
    let most = if matches!(bench.engine, Engine::Sqlite(_)) { 2_200.0 } else { 3_400.0 };
    let six = each * 6.0 / events;
    let note = format!("{each:.0} with {events:.1} events; search index {} beside it", index / bench.cases);
    out.push(
        bench
            .figure("bytes on disk of a case with six events, without its text", six, "B")
            .goal(Goal::Most(most))
            .note(note),
    );
    Ok(())
}

/// The form and everything that it loads, as they travel to a browser that takes gzip.
async fn weight(server: &crate::office::Server) -> Result<(f64, String)> {
    let mut line = Line::open(server.at).await?;
    let pass = Pass::Cookie("x=y\r\naccept-encoding: gzip".to_owned());
    let mut page = line.ask(&Ask::get("/p", &pass)).await?;
    for _ in 0..3 {
        let Some(to) = page.head.lines().find_map(|l| l.strip_prefix("location: ")).map(str::to_owned) else {
            break;
        };
        page = line.ask(&Ask::get(&to, &pass)).await?;
    }
    ensure!(page.status == 200, "the public page answers {}", page.status);
    let plain = line.ask(&Ask::get("/p", &Pass::None)).await?;
    let html = String::from_utf8_lossy(&plain.body).into_owned();
    let mut all = page.body.len();
    let mut what = format!("page {}", page.body.len());
    let mut seen = Vec::new();
    for piece in html.split("\"/assets/").skip(1) {
        let name = piece.split('"').next().unwrap_or_default().to_owned();
        if name.ends_with(".png") || name.ends_with(".webmanifest") || seen.contains(&name) {
            continue;
        }
        let asset = line.ask(&Ask::get(&format!("/assets/{name}"), &pass)).await?;
        all += asset.body.len();
        write!(what, ", {name} {}", asset.body.len())?;
        seen.push(name);
    }
    Ok((all as f64, what))
}

/// Rows of a file that is taken over.
const ROWS: usize = 50_000;

const PROFILE: &str = r#"
system = "bench"
format = "csv"
zone = "Asia/Shanghai"
[office]
code = "999902001"
name = "测速街道"
short = "测速"
hours = "08:30-12:00,14:00-17:30"
locale = "zh-CN"
home = { code = "999902001", kind = "street", name = "测速街道" }
[[place]]
column = "community"
kind = "community"
[unit]
column = "unit"
kind = "street_department"
[matter]
prefix = "BN"
names = ["class", "matter"]
source = "bench"
[number]
column = "number"
[received]
column = "received"
[closed]
column = "closed"
[due]
column = "due"
[stage]
column = "stage"
values = { "已办结" = "closed", "办理中" = "handling" }
[channel]
other = "import"
[kind]
other = "complaint"
[text]
columns = ["text"]
"#;

fn file() -> String {
    let mut out = String::from("number,received,closed,due,stage,community,unit,class,matter,text\n");
    let things = ["井盖", "路灯", "油烟", "噪声", "垃圾", "停车", "积水", "树木", "招牌", "电动车"];
    let places = ["柳溪", "东苑", "北塘", "南岗", "西岭", "望湖"];
    for n in 0..ROWS {
        let (day, thing, place) = (1 + n % 28, things[n % 10], places[n % 6]);
        let month = 1 + n / 28 % 12;
        let _ = writeln!(
            out,
            "BN{n:07},2025-{month:02}-{day:02} 09:{:02},2025-{month:02}-{day:02} 16:{:02},2025-{month:02}-{day:02} 17:30,已办结,{place}社区,{thing}办,市政,{thing}问题,{place}路{}号附近{thing}有问题，已经第{n}次发现，影响周边居民出行，请尽快派人到现场处理并回复",
            n % 60,
            n % 60,
            n % 900
        );
    }
    out
}

/// A file of cases taken over, until the search index holds them too.
pub fn import(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let home = bench.office.folder.parent().context("no folder")?;
    let folder = tempfile::tempdir_in(home)?;
    let url = match &bench.engine {
        Engine::Sqlite(_) => None,
        Engine::Postgres(url) => {
            let own = format!("{}_import", url);
            let mut client = postgres::Client::connect(url, postgres::NoTls)?;
            let name = own.rsplit('/').next().context("no name")?.to_owned();
            client.batch_execute(&format!("drop database if exists {name}"))?;
            client.batch_execute(&format!("create database {name}"))?;
            Some(own)
        }
    };
    let office =
        Office { folder: folder.path().join("data"), url: url.clone(), binary: bench.office.binary.clone() };
    let engine = url.map_or_else(|| Engine::Sqlite(office.file()), Engine::Postgres);
    let (csv, profile) = (folder.path().join("cases.csv"), folder.path().join("profile.toml"));
    std::fs::write(&csv, file())?;
    std::fs::write(&profile, PROFILE)?;
    let start = Instant::now();
    let (csv, profile) = (csv.to_string_lossy().into_owned(), profile.to_string_lossy().into_owned());
    office.run(&["import", "cases", &csv, "--profile", &profile])?;
    let taken = start.elapsed().as_secs_f64();
    let server = office.serve_office()?;
    let mut conn = engine.open()?;
    let filling = Instant::now();
    while conn.number("select count(*) from search_todo")? > 0 {
        std::thread::sleep(Duration::from_millis(20));
        ensure!(filling.elapsed() < Duration::from_secs(600), "the index is not filled");
    }
    let filled = filling.elapsed().as_secs_f64();
    drop(server);
    let mut sheets = Vec::new();
    for (table, _) in
        raw::TABLES.into_iter().filter(|(table, _)| *table != "search_todo" && *table != "idempotency")
    {
        let whose =
            if matches!(table, "event" | "stream") { "stream in ('case', 'report')" } else { "1 = 1" };
        let sheet = conn.rows(table, whose)?;
        if !sheet.rows.is_empty() {
            sheets.push(sheet);
        }
    }
    let units = raw::units(&sheets, ROWS, 1_000_000_000_000);
    drop(sheets);
    let raw = raw::write(&engine, &units, 200, 1)?;
    let rows = ROWS as f64;
    out.push(
        bench.figure("cases taken over from a file", rows / taken, "/s").beside(raw).goal(Goal::Ratio(0.5)),
    );
    let whole = rows / (taken + filled);
    let note = format!("{taken:.1} s rows, {filled:.1} s index, {ROWS} rows into an empty office");
    out.push(
        bench
            .figure("the same until the search index holds them", whole, "/s")
            .goal(Goal::Least(4_000.0))
            .note(note),
    );
    Ok(())
}
