//! An installation: data folder, lock, keys, database, and the offices held in memory.

use crate::actor::Actor;
use crate::config::Config;
use crate::context::{Cx, Office, Source};
use crate::crypto::Vault;
use crate::events::{self, Stream};
use crate::features::procedures::numbers::Numbers;
use crate::features::procedures::procedure::Procedure;
use crate::features::settings::model::Settings;
use crate::features::settings::service as settings;
use crate::files::Files;
use crate::words::{Locale, Words};
use anyhow::{Context, Result, bail};
use jiff::tz::TimeZone;
use kernel::{Clock, OfficeId, Refusal, Ts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use store::{Db, Options, Sql, Tx, args, statements};
use worktime::{Calendar, Hours, Rules};

statements! {
    OFFICES = Sql::Both("select id, code, name, short, time_zone, hours, locale, settings from office order by id");
    PACK = Sql::Both("select id from pack_version where office = $1 and pack = $2 and current order by installed_at desc");
    PACK_HASH = Sql::Both("select id, hash from pack_version where office = $1 and pack = $2 and current");
    RETIRE_PACK = Sql::Both("update pack_version set current = false where office = $1 and pack = $2 and current");
    INSERT_PACK = Sql::Both(
        "insert into pack_version (id, office, pack, hash, body, installed_at, current) values ($1, $2, $3, $4, $5, $6, true)");
    WRAPPED = Sql::Both("select count(*) from office");
    META = Sql::Both("select value from meta where name = $1");
    PUT_META = Sql::Both(
        "insert into meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value");
    INSERT_OFFICE = Sql::Both(
        "insert into office (id, code, name, short, time_zone, hours, locale, settings, version)
         values ($1, $2, $3, $4, $5, $6, $7, '{}', 1)");
    CODE_USED = Sql::Both("select id from office where code = $1");
}

/// What a process works with.
pub struct Installation {
    /// The database.
    pub db: Db,
    /// Keys.
    pub vault: Arc<Vault>,
    /// Photos and files.
    pub files: Files,
    /// Case numbers, taken before the body that uses them.
    pub numbers: Numbers,
    /// The time.
    pub clock: Clock,
    /// How this process was set up.
    pub config: Config,
    offices: RwLock<BTreeMap<OfficeId, Held>>,
    /// Held as long as the process works on the folder; the system lets go of it when the process ends.
    _lock: File,
}

#[derive(Clone)]
struct Held {
    office: Arc<Office>,
    locale: Locale,
}

/// An office to be made.
#[derive(Clone, Debug, Serialize)]
pub struct NewOffice {
    /// Its code, usually that of the street; unique.
    pub code: String,
    /// For example 青禾街道.
    pub name: String,
    /// The short name at the head of case numbers.
    pub short: String,
    /// Its zone, for example `Asia/Shanghai`.
    pub time_zone: String,
    /// Its hours, for example `08:30-12:00,14:00-17:30`.
    pub hours: String,
    /// The language of its pages where nobody chose another: `zh-CN` or `en`.
    pub locale: String,
}

impl Installation {
    /// Opens (and makes, when missing) the data folder, the master key and the database, and loads the offices.
    ///
    /// # Errors
    /// When another process works on the folder, the master key is not the folder's own, or the database
    /// cannot be opened; the message says what to do.
    pub fn open(config: Config, clock: Clock) -> Result<Installation> {
        let lock = lock(&config.data)?;
        let target = config.target();
        // A folder that already holds a database and lost its key must not get a new key in silence.
        let fresh = match &target {
            store::Target::Sqlite(path) => !path.exists(),
            store::Target::Postgres(_) => false,
        };
        let open = || {
            Db::open(&target, Options::default())
                .map_err(|e| anyhow::anyhow!("the database cannot be opened: {e}"))
        };
        let (vault, db) = if config.key_path().exists() {
            (Vault::load(&config.key_path(), false)?, open()?)
        } else if matches!(target, store::Target::Sqlite(_)) {
            (Vault::load(&config.key_path(), fresh)?, open()?)
        } else {
            // Only the server knows whether there is something that another key has wrapped.
            let db = open()?;
            let wrapped =
                db.read_now(|tx| tx.value::<i64>(&WRAPPED, &[])).map_err(|e| anyhow::anyhow!("{e}"))?;
            (Vault::load(&config.key_path(), wrapped == Some(0))?, db)
        };
        Installation::assemble(config, clock, vault, db, lock)
    }

    /// The same over a database that is already open, with a key that may be new: for tests.
    ///
    /// # Errors
    /// As [`Installation::open`].
    pub fn over(config: Config, clock: Clock, db: Db) -> Result<Installation> {
        let lock = lock(&config.data)?;
        let vault = Vault::load(&config.key_path(), true)?;
        Installation::assemble(config, clock, vault, db, lock)
    }

    fn assemble(config: Config, clock: Clock, vault: Vault, db: Db, lock: File) -> Result<Installation> {
        let files = Files::open(&config.data.join("files"))?;
        let made = Installation {
            db,
            vault: Arc::new(vault),
            files,
            numbers: Numbers::default(),
            clock,
            config,
            offices: RwLock::default(),
            _lock: lock,
        };
        made.reload()?;
        made.install_packs()?;
        Ok(made)
    }

    /// Brings the shipped procedure into every office that has an older one (cases keep the version they were
    /// opened with) and has the open deadlines follow a newer shipped calendar (DECISIONS 9).
    fn install_packs(&self) -> Result<()> {
        let mut changed = false;
        for office in self.offices() {
            let cx = self.cx(&office, Actor::system(office.id), Source::Cli);
            let body = move |tx: &mut Tx<'_>| {
                settings::follow_rules(tx, &cx)?;
                install_pack(tx, &cx)
            };
            changed |= self.db.write_now(body).map_err(|e| anyhow::anyhow!("{e}"))?;
        }
        if changed { self.reload() } else { Ok(()) }
    }

    /// Reads the offices again, after their settings, calendar or packs changed.
    ///
    /// # Errors
    /// When one cannot be read; the offices in memory stay as they were.
    pub fn reload(&self) -> Result<()> {
        let vault = Arc::clone(&self.vault);
        let read = self.db.read_now(move |tx| load(tx, &vault)).map_err(|e| anyhow::anyhow!("{e}"))?;
        *self.offices.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// [`Installation::reload`] inside an async runtime.
    ///
    /// # Errors
    /// As [`Installation::reload`].
    pub async fn reload_async(&self) -> Result<()> {
        let vault = Arc::clone(&self.vault);
        let read = self.db.read(move |tx| load(tx, &vault)).await.map_err(|e| anyhow::anyhow!("{e}"))?;
        *self.offices.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// An office by its id.
    #[must_use]
    pub fn office(&self, id: OfficeId) -> Option<Arc<Office>> {
        self.offices.read().unwrap_or_else(PoisonError::into_inner).get(&id).map(|h| Arc::clone(&h.office))
    }

    /// All offices, the oldest first.
    #[must_use]
    pub fn offices(&self) -> Vec<Arc<Office>> {
        self.offices
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .map(|h| Arc::clone(&h.office))
            .collect()
    }

    /// The language of an office's pages where nobody chose another.
    #[must_use]
    pub fn locale(&self, id: OfficeId) -> Locale {
        self.offices.read().unwrap_or_else(PoisonError::into_inner).get(&id).map_or(Locale::Zh, |h| h.locale)
    }

    /// The settings of an office; those of a new one where there is none.
    #[must_use]
    pub fn settings(&self, id: OfficeId) -> Arc<Settings> {
        let offices = self.offices.read().unwrap_or_else(PoisonError::into_inner);
        offices.get(&id).map(|h| Arc::clone(&h.office.settings)).unwrap_or_default()
    }

    /// The words of an office in a language, with the regional ones it chose.
    #[must_use]
    pub fn words(&self, office: &Office, locale: Locale, now: Ts) -> Words {
        Words::new(locale, &office.tz, now).with_swaps(self.settings(office.id).swaps(locale))
    }

    /// The context of an act in an office, now.
    #[must_use]
    pub fn cx(&self, office: &Arc<Office>, actor: Actor, source: Source) -> Cx {
        Cx {
            now: self.clock.now(),
            occurred: None,
            office: Arc::clone(office),
            actor,
            behalf: None,
            source,
            vault: Arc::clone(&self.vault),
        }
    }
}

/// One process per folder: two would each believe that they alone write.
fn lock(folder: &Path) -> Result<File> {
    make_folder(folder).with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
    crate::files::sync_folder(folder.parent().unwrap_or(folder))
        .with_context(|| format!("the data folder {} cannot be put on disk", folder.display()))?;
    let path = folder.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("the lock file {} cannot be opened", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            // Only to be told to whoever comes second: on a full disk it is left out.
            let _ = file.set_len(0).and_then(|()| write!(&file, "{}", std::process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => bail!(
            "the data folder {} is in use by another gezhi process{}; stop that one first, or name another folder with --data",
            folder.display(),
            std::fs::read_to_string(&path)
                .ok()
                .filter(|id| !id.is_empty())
                .map_or_else(String::new, |id| format!(" (process {id})"))
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("the lock file {} cannot be locked", path.display()))
        }
    }
}

/// Only its owner may look into a data folder.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether some process works on a folder, for `doctor`.
#[must_use]
pub fn is_locked(folder: &Path) -> bool {
    File::options()
        .write(true)
        .open(folder.join("lock"))
        .is_ok_and(|f| matches!(f.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The offices as the database has them, their keys held: for a write that makes one and goes on in it.
///
/// # Errors
/// When one cannot be read.
pub fn created(tx: &mut Tx<'_>, vault: &Arc<Vault>) -> store::Result<Vec<Arc<Office>>> {
    Ok(load(tx, vault)?.into_values().map(|held| held.office).collect())
}

struct OfficeRow {
    id: OfficeId,
    code: String,
    name: String,
    short: String,
    time_zone: String,
    hours: String,
    locale: String,
    settings: String,
}

fn load(tx: &mut Tx<'_>, vault: &Vault) -> store::Result<BTreeMap<OfficeId, Held>> {
    let rows = tx.query(&OFFICES, &[], |row| {
        Ok(OfficeRow {
            id: row.get(0)?,
            code: row.get(1)?,
            name: row.get(2)?,
            short: row.get(3)?,
            time_zone: row.get(4)?,
            hours: row.get(5)?,
            locale: row.get(6)?,
            settings: row.get(7)?,
        })
    })?;
    let mut out = BTreeMap::new();
    for row in rows {
        let wrapped: Option<String> = tx.value(&META, args![key_name(row.id)])?;
        let wrapped = wrapped.context("an office has no data key: the meta table is damaged")?;
        let wrapped =
            data_encoding::BASE64.decode(wrapped.as_bytes()).context("a wrapped data key is damaged")?;
        vault.add_office(row.id, &wrapped)?;
        let calendars = calendars(tx, row.id)?;
        let pack_version = tx.value::<i64>(&PACK, args![row.id, "demands"])?.unwrap_or(0);
        let locale = Locale::parse(&row.locale);
        let office = Arc::new(office(row, calendars, pack_version)?);
        out.insert(office.id, Held { locale, office });
    }
    Ok(out)
}

fn office(row: OfficeRow, calendars: Vec<Arc<Calendar>>, pack_version: i64) -> Result<Office> {
    let tz = TimeZone::get(&row.time_zone)
        .with_context(|| format!("office {}: unknown time zone {}", row.code, row.time_zone))?;
    let hours = Hours::parse(&row.hours)
        .map_err(|_| anyhow::anyhow!("office {}: hours {} are not understood", row.code, row.hours))?;
    let settings = Settings::read(&row.settings).with_context(|| format!("office {}", row.code))?;
    let calendar = calendars.last().cloned().unwrap_or_else(Calendar::cn);
    Ok(Office {
        id: row.id,
        code: row.code,
        name: row.name,
        short: row.short,
        rules: Arc::new(Rules { calendar, hours, tz: tz.clone() }),
        calendars: Arc::new(calendars.into_iter().map(|c| (c.version().to_owned(), c)).collect()),
        tz,
        settings: Arc::new(settings),
        procedure: Arc::new(Procedure::builtin()?),
        pack_version,
    })
}

/// The name under which an office's calendars lie in `meta`: a list of [`InstalledCalendar`], oldest first.
#[must_use]
pub fn calendar_name(office: OfficeId) -> String {
    format!("calendar.{office}")
}

/// A table that an office installed: laid over the shipped one and all before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledCalendar {
    /// The version of the whole that came about.
    pub version: String,
    /// The table.
    pub csv: String,
}

/// The calendars an office counted by, the present one last: the shipped one, then each as it was installed.
fn calendars(tx: &mut Tx<'_>, office: OfficeId) -> store::Result<Vec<Arc<Calendar>>> {
    let mut out = vec![Calendar::cn()];
    let Some(text) = tx.value::<String>(&META, args![calendar_name(office)])? else { return Ok(out) };
    let installed: Vec<InstalledCalendar> =
        serde_json::from_str(&text).context("the installed calendars are damaged")?;
    for table in installed {
        let wrong = |e| anyhow::anyhow!("calendar {}: {e}", table.version);
        let later = Calendar::from_csv(&table.csv, &table.version).map_err(wrong)?;
        if let Some(before) = out.last() {
            out.push(Arc::new(before.merge(&later, &table.version).map_err(wrong)?));
        }
    }
    Ok(out)
}

fn key_name(office: OfficeId) -> String {
    format!("key.office.{office}")
}

/// Makes an office with a data key of its own, which is stored wrapped by the master key, and writes
/// `office.created`. Call [`Installation::reload`] afterwards.
///
/// # Errors
/// `office.create.code_used`, `.zone`, `.hours`, or what is missing.
pub fn create_office(
    tx: &mut Tx<'_>,
    vault: &Arc<Vault>,
    new: &NewOffice,
    now: Ts,
) -> store::Result<OfficeId> {
    for (field, value) in [("code", &new.code), ("name", &new.name), ("short", &new.short)] {
        if value.trim().is_empty() {
            return Err(Refusal::missing(field).into());
        }
    }
    if TimeZone::get(&new.time_zone).is_err() {
        return Err(Refusal::rule("office.create.zone").on("time_zone").with("zone", &new.time_zone).into());
    }
    if Hours::parse(&new.hours).is_err() {
        return Err(Refusal::rule("office.create.hours").on("hours").with("hours", &new.hours).into());
    }
    if tx.value::<i64>(&CODE_USED, args![&new.code])?.is_some() {
        return Err(Refusal::rule("office.create.code_used").on("code").with("code", &new.code).into());
    }
    let id = OfficeId(tx.id()?);
    let wrapped = data_encoding::BASE64.encode(&vault.new_office(id)?);
    tx.exec(&PUT_META, args![key_name(id), wrapped])?;
    tx.exec(
        &INSERT_OFFICE,
        args![
            id,
            &new.code,
            &new.name,
            &new.short,
            &new.time_zone,
            &new.hours,
            Locale::parse(&new.locale).tag()
        ],
    )?;
    let row = OfficeRow {
        id,
        code: new.code.clone(),
        name: new.name.clone(),
        short: new.short.clone(),
        time_zone: new.time_zone.clone(),
        hours: new.hours.clone(),
        locale: new.locale.clone(),
        settings: "{}".to_owned(),
    };
    let cx = Cx {
        now,
        occurred: None,
        office: Arc::new(office(row, vec![Calendar::cn()], 0)?),
        actor: Actor::system(id),
        behalf: None,
        source: Source::Cli,
        vault: Arc::clone(vault),
    };
    events::append(tx, &cx, Stream::Office, id.0, "office.created", new)?;
    install_pack(tx, &cx)?;
    Ok(id)
}

#[derive(Serialize)]
struct PackInstalled<'a> {
    pack: &'a str,
    version: i64,
    hash: &'a str,
}

/// Installs the shipped procedure unless it is the current one; whether it did. Writes `pack.installed`.
fn install_pack(tx: &mut Tx<'_>, cx: &Cx) -> store::Result<bool> {
    let (office, pack) = (cx.office.id, "demands");
    let body = &cx.office.procedure.text;
    let hash = blake3::hash(body.as_bytes()).to_hex().to_string();
    let current = tx.opt(&PACK_HASH, args![office, pack], |row| row.get::<String>(1))?;
    if current.as_ref() == Some(&hash) {
        return Ok(false);
    }
    tx.exec(&RETIRE_PACK, args![office, pack])?;
    let version = tx.id()?;
    tx.exec(&INSERT_PACK, args![version, office, pack, &hash, body, cx.now])?;
    events::append(
        tx,
        cx,
        Stream::Office,
        office.0,
        "pack.installed",
        &PackInstalled { pack, version, hash: &hash },
    )?;
    Ok(true)
}
