//! A private PostgreSQL server for the tests: its own cluster in a temporary folder, on a free loopback port,
//! gone when the tests are over, however they ended.

use crate::process::{command, which};
use crate::tools;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Waiting longer than this for a server to come up is an error.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// The server that whoever calls names with `TEST_PG_URL`.
pub fn named() -> Option<String> {
    std::env::var("TEST_PG_URL").ok().filter(|url| !url.is_empty())
}

/// The folder with `initdb` and `postgres`, installed when missing and this may be done here.
///
/// # Errors
/// A line that says what to install.
pub fn binaries() -> Result<PathBuf> {
    if find().is_none() && tools::may_install() {
        tools::install(&["postgresql"])?;
    }
    match find() {
        Some(dir) => Ok(dir),
        None => bail!(
            "PostgreSQL's `initdb` and `postgres` were not found: install the Debian package postgresql, \
             or name a server with TEST_PG_URL=postgres://…, or leave PostgreSQL out with --no-pg"
        ),
    }
}

/// The folder with `initdb` and `postgres`, if they are installed.
pub fn find() -> Option<PathBuf> {
    let both = |dir: &PathBuf| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    // A link on PATH may stand alone; beside its target are the libraries and the other programs.
    let on_path = which("initdb").and_then(|f| f.canonicalize().ok()?.parent().map(Path::to_path_buf));
    on_path.filter(both).or_else(|| {
        let places = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
        let mut found: Vec<PathBuf> = places
            .iter()
            .filter_map(|place| std::fs::read_dir(place).ok())
            .flat_map(|entries| entries.flatten().map(|e| e.path().join("bin")))
            .filter(both)
            .collect();
        found.sort_by_key(|dir| crate::packages::major(&dir.to_string_lossy()));
        found.pop()
    })
}

/// A running private server; dropping it stops it and removes its folder.
pub struct Cluster {
    /// Where tests reach it, with a user who may create databases.
    pub url: String,
    /// Its folder, gone when it is stopped.
    pub folder: PathBuf,
    guardian: std::process::Child,
}

/// Makes the cluster, runs the server, and removes everything once its standard input closes. That happens when the
/// program that started it ends, be it by a panic, Ctrl-C or a kill, so that no server is ever left behind.
#[cfg(unix)]
const GUARDIAN: &str = r#"
trap '' HUP INT TERM
folder=$1 binaries=$2 port=$3
exec >>"$folder/log" 2>&1
server=
if "$binaries/initdb" --username=gezhi --auth=scram-sha-256 --pwfile="$folder/password" \
  --encoding=UTF8 --locale=C --pgdata="$folder/data"
then
  # No socket file: its path would have to be short, and the tests need none.
  "$binaries/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$port" \
    -c unix_socket_directories= -c max_connections=100 -c fsync=on &
  server=$!
else
  echo 'FATAL: initdb failed'
fi
cat >/dev/null
[ -z "$server" ] || { kill -INT "$server"; wait "$server"; }
cd / && rm -rf "$folder"
"#;

#[cfg(unix)]
impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// With the server's own words when `initdb` or `postgres` fail.
    pub fn start(binaries: &Path) -> Result<Cluster> {
        // Between finding a free port and using it another program may take it.
        match Self::try_start(binaries) {
            Err(error) if error.to_string().contains("could not bind") => Self::try_start(binaries),
            outcome => outcome,
        }
    }

    fn try_start(binaries: &Path) -> Result<Cluster> {
        use std::os::unix::fs::{PermissionsExt, chown};
        use std::os::unix::process::CommandExt;
        use std::process::Stdio;

        let folder = std::env::temp_dir().join(format!("gezhi-pg-{}-{}", std::process::id(), secret()));
        std::fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
        let (password, port) = (secret(), free_port()?);
        std::fs::write(folder.join("password"), &password)?;
        let mut guardian = command("sh");
        if let Some((uid, gid)) = unprivileged_user()? {
            chown(folder.join("password"), Some(uid), Some(gid))?;
            chown(&folder, Some(uid), Some(gid))?;
            guardian.uid(uid).gid(gid);
        }
        guardian.args(["-c", GUARDIAN, "guardian"]).arg(&folder).arg(binaries).arg(port.to_string());
        guardian.current_dir(&folder).env("LC_ALL", "C");
        // A process group of its own, because Ctrl-C goes to the whole group of the terminal.
        guardian.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let guardian = guardian.spawn().context("cannot start sh")?;
        let url = format!("postgres://gezhi:{password}@127.0.0.1:{port}/postgres");
        let cluster = Cluster { url, folder, guardian };
        match wait_until_ready(&cluster.folder) {
            true => Ok(cluster),
            false => bail!("PostgreSQL did not start:\n{}", read(&cluster.folder, "log")),
        }
    }
}

#[cfg(not(unix))]
impl Cluster {
    /// Not done on this system.
    ///
    /// # Errors
    /// Always, with what to do instead.
    pub fn start(_binaries: &Path) -> Result<Cluster> {
        bail!(
            "on this system name a server with TEST_PG_URL=postgres://…, or leave PostgreSQL out with --no-pg"
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        self.guardian.wait().ok();
    }
}

/// Whom the server runs as: under root the user `postgres` or else `nobody`, because PostgreSQL refuses root;
/// otherwise (`None`) whoever runs this.
#[cfg(unix)]
fn unprivileged_user() -> Result<Option<(u32, u32)>> {
    if crate::process::answer(command("id").arg("-u")).as_deref() != Some("0") {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    let ids = ["postgres", "nobody"].iter().find_map(|name| ids_of(&passwd, name));
    ids.map(Some).context("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
}

/// User and group number of a user, from the text of `/etc/passwd`.
#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has such a file"))]
pub fn ids_of(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|l| l.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// A word that others on the machine cannot guess. The standard library seeds its hash tables from the
/// system's randomness, which is enough for a server that lives for minutes.
#[cfg(unix)]
fn secret() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(unix)]
fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").context("no free loopback port")?;
    Ok(listener.local_addr()?.port())
}

/// The server says in the last line of its `postmaster.pid` when it takes connections.
#[cfg(unix)]
fn wait_until_ready(folder: &Path) -> bool {
    let start = std::time::Instant::now();
    while start.elapsed() < PATIENCE {
        if read(folder, "data/postmaster.pid").lines().last().is_some_and(|l| l.trim() == "ready") {
            return true;
        }
        if read(folder, "log").contains("FATAL:") {
            return false;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    false
}

/// The text of a file that may not be there yet.
#[cfg(unix)]
fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_default()
}
