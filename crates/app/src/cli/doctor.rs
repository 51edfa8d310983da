//! `gezhi doctor`: looks at the installation and says what to do. Changes nothing that matters.

use super::{Global, print};
use crate::config::{Config, ServeFlags};
use crate::crypto::Vault;
use crate::installation::{Installation, is_locked};
use anyhow::Result;
use kernel::{Clock, Ts};
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Sql, Target, statements};

statements! {
    NEWEST = Sql::Both("select max(recorded_at) from event");
    COUNTS = Sql::Both("select (select count(*) from migration), (select count(*) from job where state = 'failed')");
}

/// A disk on which a small file takes longer to reach the platter makes every write slow.
const SLOW: Duration = Duration::from_millis(100);
/// Below this much free space an office should act.
const SPACE_LEAST: u64 = 2 * 1024 * 1024 * 1024;

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    says: String,
}

fn good(name: &'static str, says: impl Into<String>) -> Check {
    Check { name, ok: true, says: says.into() }
}

fn bad(name: &'static str, says: impl Into<String>) -> Check {
    Check { name, ok: false, says: says.into() }
}

pub(super) fn run(global: &Global) -> Result<()> {
    let config = Config::load(&global.flags, &ServeFlags::default())?;
    // Looking must not make what is not there.
    if let Target::Sqlite(path) = config.target()
        && !path.exists()
    {
        let says = format!(
            "{} holds no database yet; `gezhi office add` and `gezhi serve` make one, or name another folder with --data",
            config.data.display()
        );
        return tell(global, &[bad("folder", says)]);
    }
    let mut checks = vec![disk(&config.data), key(&config)];
    checks.extend(space(&config.data));
    if is_locked(&config.data) {
        checks.push(good("lock", "a server works on this folder; its database is looked at by /healthz"));
    } else {
        checks.extend(database(&config));
    }
    tell(global, &checks)
}

fn tell(global: &Global, checks: &[Check]) -> Result<()> {
    print(global, checks, |c| format!("{} {}: {}", if c.ok { "ok  " } else { "FAIL" }, c.name, c.says))?;
    let failed = checks.iter().filter(|c| !c.ok).count();
    anyhow::ensure!(failed == 0, "{failed} of {} checks failed", checks.len());
    Ok(())
}

fn disk(folder: &Path) -> Check {
    if !folder.exists() {
        return bad("folder", format!("{} does not exist yet; `gezhi serve` makes it", folder.display()));
    }
    let probe = folder.join(".doctor");
    let start = Instant::now();
    let written = std::fs::File::create(&probe).and_then(|mut file| {
        file.write_all(&[0; 4096])?;
        file.sync_all()
    });
    let took = start.elapsed();
    let _ = std::fs::remove_file(&probe);
    match written {
        Err(error) => bad("folder", format!("{} cannot be written: {error}", folder.display())),
        Ok(()) if took > SLOW => {
            bad("folder", format!("writing to disk takes {} ms; is it a network drive?", took.as_millis()))
        }
        Ok(()) => good(
            "folder",
            format!("{}; a write reaches the disk in {} ms", folder.display(), took.as_millis()),
        ),
    }
}

#[cfg(unix)]
fn space(folder: &Path) -> Option<Check> {
    let found = rustix::fs::statvfs(folder).ok()?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let says = format!("{} GB free", free / 1_000_000_000);
    Some(if free < SPACE_LEAST {
        bad("space", format!("{says}; make room or move the folder"))
    } else {
        good("space", says)
    })
}

#[cfg(not(unix))]
fn space(_: &Path) -> Option<Check> {
    None
}

fn key(config: &Config) -> Check {
    let path = config.key_path();
    if let Err(error) = Vault::load(&path, false) {
        return bad("key", format!("{error:#}; restore it from your copy"));
    }
    if path.starts_with(&config.data) {
        return bad(
            "key",
            format!(
                "{} lies in the data folder: a copy of the folder opens everything; move it out",
                path.display()
            ),
        );
    }
    #[cfg(unix)]
    if let Ok(about) = std::fs::metadata(&path)
        && std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0
    {
        return bad("key", format!("others can read {}; run chmod 600 on it", path.display()));
    }
    good("key", format!("{}; keep a copy of it elsewhere", path.display()))
}

fn database(config: &Config) -> Vec<Check> {
    let installation = match Installation::open(config.clone(), Clock::System) {
        Ok(installation) => installation,
        Err(error) => return vec![bad("database", format!("{error:#}"))],
    };
    let read = installation.db.read_now(|tx| {
        let counts =
            tx.opt(&COUNTS, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?.unwrap_or_default();
        Ok((counts, tx.opt(&NEWEST, &[], |row| row.get::<Option<Ts>>(0))?.flatten()))
    });
    let ((migrations, failed), newest) = match read {
        Ok(found) => found,
        Err(error) => return vec![bad("database", error.to_string())],
    };
    let offices = installation.offices().len();
    let mut checks = vec![good("database", format!("{migrations} migrations, {offices} offices"))];
    checks.push(match failed {
        0 => good("jobs", "none has failed"),
        n => bad("jobs", format!("{n} have failed; their errors are in the table job")),
    });
    let now = installation.clock.now();
    checks.push(match newest.filter(|at| at.since(now) > 5 * Ts::MINUTE) {
        Some(at) => bad(
            "clock",
            format!("the newest record is of {}, but the clock says {}", at.rfc3339(), now.rfc3339()),
        ),
        None => good("clock", now.rfc3339()),
    });
    checks
}
