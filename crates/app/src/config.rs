//! Configuration: one TOML file in which everything is optional, overridden by `GEZHI_…` variables, which
//! are overridden by flags. The doc comments here are the source of docs/config.md.

use anyhow::{Context, Result, bail};
use clap::Args;
use kernel::Ts;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// Which rules a new password must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum PasswordPolicy {
    /// OWASP ASVS 5: length counts, no composition rules, no periodic change.
    Asvs,
    /// GB/T 22239 (等保) practice: three of four classes of characters, changed every 90 days.
    Mlps,
}

/// An address with a password in it; never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(pub String);

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// The configuration of one process.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The data folder: database, photos, lock. Default `./gezhi-data`.
    pub data: PathBuf,
    /// `postgres://…` to use a PostgreSQL server; photos stay in the data folder. Default: SQLite in the folder.
    pub database_url: Option<DatabaseUrl>,
    /// Where to listen. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// The master key. Default: beside the data folder, `gezhi-data.key`, so that a copy of the folder alone
    /// opens nothing. Keep a copy elsewhere: without it identities stay closed for ever.
    pub key_file: Option<PathBuf>,
    /// The address people type, `https://…`; cookies are marked secure and HSTS is sent when it is https.
    pub base_url: Option<String>,
    /// Addresses of reverse proxies whose `X-Forwarded-For` is believed. Default: none.
    pub trusted_proxy: Vec<IpAddr>,
    /// Which messages are logged, in the syntax of `tracing`. Default `info`.
    pub log: String,
    /// `asvs` or `mlps`. Default `asvs`.
    pub password_policy: PasswordPolicy,
    /// A desk's session ends after so many minutes without use, 5 to 480. Default 30.
    pub idle_minutes: i64,
    /// The same for the phone of a grid worker, who may neither dispatch nor reveal, 5 to 1440. Default 720.
    pub field_idle_minutes: i64,
    /// Every session ends after so many hours, used or not, 1 to 168. Default 12.
    pub session_hours: i64,
    /// Whether this process does the background work too. Default true; `--no-worker` where another one does it.
    pub worker: bool,
    /// Hosts, with their port where it is not the usual one, to which the robots of group chats may post; by https, or by
    /// http to this machine. Empty: to none. Default `qyapi.weixin.qq.com`, `oapi.dingtalk.com`.
    pub robot_hosts: Vec<String>,
    /// Requests a minute that a program may send with one token, 60 to 1000000; half as many at once. Default 600.
    pub api_per_minute: u32,
    /// A folder of built assets to serve instead of the embedded ones, for work on the front end.
    pub assets_dir: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            data: PathBuf::from("gezhi-data"),
            database_url: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            key_file: None,
            base_url: None,
            trusted_proxy: Vec::new(),
            log: "info".to_owned(),
            password_policy: PasswordPolicy::Asvs,
            idle_minutes: 30,
            field_idle_minutes: 720,
            session_hours: 12,
            worker: true,
            robot_hosts: vec!["qyapi.weixin.qq.com".to_owned(), "oapi.dingtalk.com".to_owned()],
            api_per_minute: 600,
            assets_dir: None,
        }
    }
}

/// The flags every command knows; each has a variable of the same name.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// The configuration file (default: gezhi.toml in the current folder, when there is one)
    #[arg(long, env = "GEZHI_CONFIG", global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The data folder (default: ./gezhi-data; for `demo` ./gezhi-demo)
    #[arg(long, env = "GEZHI_DATA", global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A PostgreSQL server instead of SQLite in the data folder
    #[arg(long, env = "GEZHI_DATABASE_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The master key file (default: beside the data folder)
    #[arg(long, env = "GEZHI_KEY_FILE", global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Which messages are logged: error, warn, info, debug, or tracing's filter syntax
    #[arg(long, env = "GEZHI_LOG", global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

/// The flags of commands that serve.
#[derive(Args, Clone, Debug, Default)]
pub struct ServeFlags {
    /// Where to listen (default: 127.0.0.1:8080)
    #[arg(long, env = "GEZHI_LISTEN", value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// The address people type, for links and for secure cookies
    #[arg(long, env = "GEZHI_BASE_URL", value_name = "URL")]
    pub base_url: Option<String>,
    /// Reverse proxies whose X-Forwarded-For is believed
    #[arg(long, env = "GEZHI_TRUSTED_PROXY", value_name = "IP", value_delimiter = ',')]
    pub trusted_proxy: Vec<IpAddr>,
    /// Rules for new passwords
    #[arg(long, env = "GEZHI_PASSWORD_POLICY")]
    pub password_policy: Option<PasswordPolicy>,
    /// Minutes without use after which a desk's session ends
    #[arg(long, env = "GEZHI_IDLE_MINUTES", value_name = "N")]
    pub idle_minutes: Option<i64>,
    /// Leave the background work to another process
    #[arg(long, env = "GEZHI_NO_WORKER")]
    pub no_worker: bool,
    /// Serve assets from a folder instead of the embedded ones
    #[arg(long, env = "ASSETS_DIR", value_name = "DIR", hide = true)]
    pub assets_dir: Option<PathBuf>,
}

impl Config {
    /// Reads the file and lays variables and flags over it.
    ///
    /// # Errors
    /// When the file is named and missing, cannot be read, has an unknown key, or a value is out of range.
    pub fn load(flags: &Flags, serve: &ServeFlags) -> Result<Config> {
        let mut config = match &flags.config {
            Some(path) => Config::read(path)?,
            None if Path::new("gezhi.toml").exists() => Config::read(Path::new("gezhi.toml"))?,
            None => Config::default(),
        };
        fn lay<T: Clone>(over: Option<&T>, value: &mut T) {
            if let Some(over) = over {
                value.clone_from(over);
            }
        }
        lay(flags.data.as_ref(), &mut config.data);
        lay(flags.log.as_ref(), &mut config.log);
        lay(serve.listen.as_ref(), &mut config.listen);
        lay(serve.password_policy.as_ref(), &mut config.password_policy);
        lay(serve.idle_minutes.as_ref(), &mut config.idle_minutes);
        if let Some(url) = &flags.database_url {
            config.database_url = Some(DatabaseUrl(url.clone()));
        }
        for (over, value) in
            [(&flags.key_file, &mut config.key_file), (&serve.assets_dir, &mut config.assets_dir)]
        {
            if over.is_some() {
                value.clone_from(over);
            }
        }
        if serve.base_url.is_some() {
            config.base_url.clone_from(&serve.base_url);
        }
        if !serve.trusted_proxy.is_empty() {
            config.trusted_proxy.clone_from(&serve.trusted_proxy);
        }
        config.worker &= !serve.no_worker;
        config.check()?;
        Ok(config)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or has an unknown key; the message names file and key.
    pub fn read(path: &Path) -> Result<Config> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
        toml::from_str(&text)
            .with_context(|| format!("the configuration file {} is not understood", path.display()))
    }

    fn check(&self) -> Result<()> {
        let in_range = |name: &str, value: i64, from: i64, to: i64| {
            if !(from..=to).contains(&value) {
                bail!("{name} is {value}; it must lie between {from} and {to}");
            }
            Ok(())
        };
        in_range("idle_minutes", self.idle_minutes, 5, 480)?;
        in_range("field_idle_minutes", self.field_idle_minutes, 5, 1_440)?;
        in_range("session_hours", self.session_hours, 1, 168)?;
        in_range("api_per_minute", self.api_per_minute.into(), 60, 1_000_000)?;
        if let Some(url) = &self.base_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            bail!("base_url is {url}; it must begin with https:// or http://");
        }
        if let Some(DatabaseUrl(url)) = &self.database_url
            && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
        {
            bail!("database_url must begin with postgres://");
        }
        Ok(())
    }

    /// The master key file: as set, or `<data>.key` beside the data folder.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| {
            let mut name = self.data.file_name().unwrap_or_else(|| "gezhi-data".as_ref()).to_owned();
            name.push(".key");
            self.data.with_file_name(name)
        })
    }

    /// Whether people reach this server by https.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.base_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The database: PostgreSQL by its address, or the file in the data folder.
    #[must_use]
    pub fn target(&self) -> store::Target {
        match &self.database_url {
            Some(DatabaseUrl(url)) => store::Target::Postgres(url.clone()),
            None => store::Target::Sqlite(self.data.join("gezhi.db")),
        }
    }

    /// How long a session may stand unused, in milliseconds.
    #[must_use]
    pub fn idle(&self, field: bool) -> i64 {
        (if field { self.field_idle_minutes } else { self.idle_minutes }) * Ts::MINUTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_beats_the_file_and_an_unknown_key_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("g.toml");
        std::fs::write(&path, "data = \"/srv/office\"\nidle_minutes = 20\npassword_policy = \"mlps\"")
            .unwrap();
        let flags = Flags { config: Some(path.clone()), ..Flags::default() };
        let serve = ServeFlags { idle_minutes: Some(15), ..ServeFlags::default() };
        let config = Config::load(&flags, &serve).unwrap();
        assert_eq!((config.idle_minutes, config.password_policy), (15, PasswordPolicy::Mlps));
        assert_eq!(config.key_path(), PathBuf::from("/srv/office.key"));
        assert!(
            Config::load(&flags, &ServeFlags { idle_minutes: Some(1), ..ServeFlags::default() }).is_err()
        );
        std::fs::write(&path, "idle_minuts = 20").unwrap();
        let error = format!("{:#}", Config::read(&path).unwrap_err());
        assert!(error.contains("idle_minuts"), "{error}");
    }

    #[test]
    fn the_key_lies_beside_the_folder_and_the_database_url_is_never_printed() {
        let config = Config {
            data: "data/".into(),
            database_url: Some(DatabaseUrl("postgres://u:secret@h/d".into())),
            ..Config::default()
        };
        assert_eq!(config.key_path(), PathBuf::from("data.key"));
        assert!(!format!("{config:?}").contains("secret"));
    }
}
