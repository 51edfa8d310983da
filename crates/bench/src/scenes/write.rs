//! Creating a case and acting on it, durable, over HTTP; beside it a loop that writes the same rows to the same database.

use super::Bench;
use crate::figures::{Figure, Goal};
use crate::http::{self, Ask, Load, Pass};
use crate::office::Server;
use crate::raw::{self, Cell, Engine, Sheet, Unit};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::Duration;

/// Ids that replayed rows are moved by.
const SHIFT: i64 = 1_000_000_000_000;
/// Cases that the acts are done on, at most.
const ACTED_MOST: usize = 6_000;

const TEXTS: [&str; 6] = [
    "小区东门口的井盖松动，电动车压上去响，夜里看不清，请尽快处理",
    "楼下烧烤店油烟直排，每天晚上六点到凌晨都有，窗户不敢开",
    "路灯坏了三盏，从幼儿园门口到公交站那一段全黑",
    "垃圾桶满了两天没人清运，已经有异味，旁边就是学校",
    "工地夜间施工噪声很大，凌晨一点还在打桩，老人睡不着",
    "人行道被共享单车堵住，轮椅过不去，希望规范停放",
];

/// A report as a program sends it, with a requester who wants an answer.
fn report(n: usize, place: &str) -> String {
    let text = TEXTS.get(n % TEXTS.len()).copied().unwrap_or_default();
    json!({ "text": format!("{text}。第{n}次反映"), "channel": "api", "kind": "complaint", "place": place,
        "address": "柳溪路与青禾大道口", "contact": { "name": "王小明", "phone": format!("1990{:07}", n % 10_000_000) },
        "reply_wanted": true })
    .to_string()
}

fn key(run: &str, n: usize) -> String {
    format!("bench-{run}-{n:09}")
}

/// The instant of the last row with a key, for finding what is new.
struct Before {
    ids: i64,
    keys: i64,
}

fn before(engine: &Engine) -> Result<Before> {
    let mut conn = engine.open()?;
    // Blocks of ids that are already reserved lie below the next one, and a server that starts takes a new block.
    let ids = conn.number("select next from id_block where name = 'row'")?;
    Ok(Before { ids, keys: conn.number("select max(at) from idempotency")? })
}

fn written(engine: &Engine, before: &Before) -> Result<Vec<Sheet>> {
    let mut conn = engine.open()?;
    let mut out = Vec::new();
    for (table, key) in raw::TABLES {
        let after = if key == "at" { before.keys } else { before.ids - 1 };
        let sheet = conn.rows(table, &format!("{key} > {after}"))?;
        if !sheet.rows.is_empty() {
            out.push(sheet);
        }
    }
    Ok(out)
}

fn places(engine: &Engine) -> Result<Vec<String>> {
    engine.open()?.texts("select code from place where until_day is null and kind = 'grid' order by code")
}

/// Creates cases for a while from so many clients; gives the load, and how many bodies went into one commit.
fn creates(
    bench: &Bench<'_>,
    server: &Server,
    pass: &Pass,
    clients: usize,
    run: &str,
) -> Result<(Load, f64)> {
    let (places, pass, run) = (places(&bench.engine)?, pass.clone(), run.to_owned());
    let counts =
        || async { anyhow::Ok((server.gauge("gezhi_writes").await?, server.gauge("gezhi_commits").await?)) };
    bench.runtime.block_on(async {
        let first = counts().await?;
        let make = move |n: usize| {
            let place = places.get(n % places.len()).map_or("", String::as_str);
            Some(Ask::post("/api/v1/reports", &pass, &key(&run, n), &report(n, place)))
        };
        let load = http::closed(server.at, clients, bench.options.span(), make).await?;
        load.good()?;
        let last = counts().await?;
        Ok((load, (last.0 - first.0) as f64 / ((last.1 - first.1).max(1)) as f64))
    })
}

/// Creating over HTTP from 1, 16 and 64 clients, and with a slow disk where a library for it is named.
pub fn create(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let pass = bench.office.token("linlan")?;
    for clients in [1, 16, 64] {
        let start = before(&bench.engine)?;
        let server = bench.serve(false)?;
        let (load, group) =
            creates(bench, &server, &pass, clients, &format!("c{clients}-{}", std::process::id()))?;
        drop(server);
        let raw = replayed(bench, &start, load.times.len(), group, clients)?;
        let note = format!("p50 {:.1} ms, p99 {:.1} ms, {group:.1} in a commit", load.ms(0.5), load.ms(0.99));
        let what = format!("create a case, {clients} clients");
        out.push(bench.figure(what, load.rate, "/s").beside(raw).goal(Goal::Ratio(0.5)).note(note));
    }
    let Some(library) = &bench.options.slow_disk else { return Ok(()) };
    if matches!(bench.engine, Engine::Postgres(_)) {
        return Ok(());
    }
    let slow =
        [("LD_PRELOAD", library.to_string_lossy().into_owned()), ("FSYNC_DELAY_US", "5000".to_owned())];
    let mut single = 0.0;
    for clients in [1, 16, 64] {
        let server = bench.office.serve(false, &slow)?;
        let (load, group) =
            creates(bench, &server, &pass, clients, &format!("d{clients}-{}", std::process::id()))?;
        if clients == 1 {
            single = load.rate;
        }
        let what = format!("create a case, {clients} clients, 5 ms added to each fsync");
        let mut figure = bench.figure(what, load.rate, "/s").beside(single);
        if clients == 16 {
            figure = figure.goal(Goal::Ratio(5.0));
        }
        out.push(figure.note(format!("beside one client; {group:.1} in a commit")));
    }
    Ok(())
}

/// The rate of a loop that writes what was just written once more, as many in a commit as there were.
fn replayed(bench: &Bench<'_>, before: &Before, count: usize, group: f64, clients: usize) -> Result<f64> {
    let sheets = written(&bench.engine, before)?;
    let units = raw::units(&sheets, count, SHIFT);
    let rate = raw::write(&bench.engine, &units, grouped(&bench.engine, group), clients)?;
    forget(&bench.engine)?;
    Ok(rate)
}

/// How many units the bare loop puts into a commit: as many as the server did; on PostgreSQL each has its own.
fn grouped(engine: &Engine, group: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 64")]
    if matches!(engine, Engine::Sqlite(_)) { group.round().max(1.0) as usize } else { 1 }
}

/// Takes the replayed rows out again.
fn forget(engine: &Engine) -> Result<()> {
    let mut conn = engine.open()?;
    for (table, key) in raw::TABLES {
        if key == "at" {
            conn.batch(&format!("delete from {table} where key like '%+{SHIFT}'"))?;
        } else {
            conn.batch(&format!("delete from {table} where {key} >= {SHIFT}"))?;
        }
    }
    if let Engine::Postgres(_) = engine {
        conn.batch("vacuum analyze")?;
    }
    Ok(())
}

/// Accepting, dispatching and signing, from 16 clients.
pub fn act(bench: &Bench<'_>, out: &mut Vec<Figure>) -> Result<()> {
    let desk = bench.office.token("linlan")?;
    let unit_pass = bench.office.token("zhaogang")?;
    let mut conn = bench.engine.open()?;
    let unit = conn.number("select id from unit where code = 'enforcement'")?;
    let matter = conn.number(
        "select id from matter where until_day is null and secret = 'ordinary' and not emergency order by code limit 1",
    )?;
    drop(conn);
    let server = bench.serve(false)?;
    let ids = fresh(bench, &server, &desk)?;
    let steps: [(&str, &Pass, String); 3] = [
        (
            "accept",
            &desk,
            json!({ "subject": "none", "matter": matter.to_string(), "urgent": false }).to_string(),
        ),
        ("dispatch", &desk, json!({ "lead": unit.to_string() }).to_string()),
        ("sign", &unit_pass, "{}".to_owned()),
    ];
    let start = before(&bench.engine)?;
    let counts = || -> Result<(i64, i64)> {
        let count = |name| bench.runtime.block_on(server.gauge(name));
        Ok((count("gezhi_writes")?, count("gezhi_commits")?))
    };
    let first = counts()?;
    let (mut rate, mut times, mut acts) = (0.0, Vec::new(), 0);
    for (action, pass, body) in &steps {
        let (ids, pass, body, action) = (ids.clone(), (*pass).clone(), body.clone(), (*action).to_owned());
        let run = std::process::id();
        let load =
            bench.runtime.block_on(http::closed(server.at, 16, Duration::from_secs(600), move |n| {
                let id = ids.get(n)?;
                let key = format!("bench-{action}-{run}-{id}");
                Some(Ask::post(&format!("/api/v1/cases/{id}/actions/{action}"), &pass, &key, &body))
            }))?;
        load.good()?;
        acts += load.times.len();
        rate += load.took.as_secs_f64();
        times.push(format!("{} {:.0}/s p99 {:.1} ms", action_name(times.len()), load.rate, load.ms(0.99)));
    }
    let last = counts()?;
    drop(server);
    let group = (last.0 - first.0) as f64 / ((last.1 - first.1).max(1)) as f64;
    times.push(format!("{group:.1} in a commit"));
    let units = acts_again(bench, &start, &ids, acts)?;
    let raw = raw::write(&bench.engine, &units, grouped(&bench.engine, group), 16)?;
    forget(&bench.engine)?;
    let rate = acts as f64 / rate;
    out.push(
        bench
            .figure("act on a case, 16 clients", rate, "/s")
            .beside(raw)
            .goal(Goal::Ratio(0.5))
            .note(times.join(", ")),
    );
    Ok(())
}

fn action_name(n: usize) -> &'static str {
    ["accept", "dispatch", "sign"].get(n).copied().unwrap_or_default()
}

/// Cases to act on.
fn fresh(bench: &Bench<'_>, server: &Server, desk: &Pass) -> Result<Vec<String>> {
    let places = places(&bench.engine)?;
    let (desk, run) = (desk.clone(), format!("a-{}", std::process::id()));
    bench.runtime.block_on(async {
        let ids = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for client in 0..16 {
            let (ids, desk, run, places) =
                (std::sync::Arc::clone(&ids), desk.clone(), run.clone(), places.clone());
            let at = server.at;
            tasks.push(tokio::spawn(async move {
                let mut line = http::Line::open(at).await?;
                for i in 0..ACTED_MOST / 16 {
                    let n = i * 16 + client;
                    let place = places.get(n % places.len()).map_or("", String::as_str);
                    let told = line
                        .ask(&Ask::post("/api/v1/reports", &desk, &key(&run, n), &report(n, place)))
                        .await?;
                    ensure!(told.status == 201, "{}", String::from_utf8_lossy(&told.body));
                    let value: Value = serde_json::from_slice(&told.body)?;
                    let id = value["case"].as_str().context("no id")?.to_owned();
                    ids.lock().map_err(|_| anyhow::anyhow!("a lock"))?.push(id);
                }
                anyhow::Ok(())
            }));
        }
        for task in tasks {
            task.await??;
        }
        let ids = ids.lock().map_err(|_| anyhow::anyhow!("a lock"))?.clone();
        Ok(ids)
    })
}

/// What the acts wrote, as units of the bare loop: their new rows again, and an update of the case, its stream, and the
/// clock or the part that each ended.
fn acts_again(bench: &Bench<'_>, before: &Before, ids: &[String], acts: usize) -> Result<Vec<Unit>> {
    let sheets: Vec<Sheet> = written(&bench.engine, before)?
        .into_iter()
        .filter(|s| !matches!(s.table, "report" | "cases" | "stream" | "report_case" | "party" | "party_key"))
        .collect();
    let mut units = raw::units(&sheets, acts, SHIFT);
    let mut conn = bench.engine.open()?;
    let list = ids.join(", ");
    let changed = [
        conn.rows("cases", &format!("id in ({list})"))?,
        conn.rows("stream", &format!("stream = 'case' and stream_id in ({list})"))?,
        conn.rows("clock", &format!("case_id in ({list}) and state <> 'running'"))?,
    ];
    let keys: [&[&str]; 3] = [&["id"], &["office", "stream", "stream_id"], &["id"]];
    for (sheet, keys) in changed.iter().zip(keys) {
        if sheet.rows.is_empty() {
            continue;
        }
        for (i, unit) in units.iter_mut().enumerate() {
            if let Some(row) = sheet.rows.get(i % sheet.rows.len()) {
                let mut row = row.clone();
                // Each act moves the case on: the same row is written several times with instants that differ.
                for (name, cell) in sheet.columns.iter().zip(&mut row) {
                    if let (Cell::Int(n), "due_at" | "updated_at") = (cell, name.as_str()) {
                        *n += i64::try_from(i / sheet.rows.len()).unwrap_or(0);
                    }
                }
                unit.push(raw::update(sheet, &row, keys));
            }
        }
    }
    Ok(units)
}
