//! A PostgreSQL of its own that can be killed: all its processes at once, and started again on what they left.

use super::Dice;
use super::disk::Disk;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The server, on a free loopback port, ended with this value.
pub struct Cluster {
    binaries: PathBuf,
    dir: TempDir,
    port: u16,
    user: Option<(u32, u32)>,
    postmaster: Option<Child>,
    guard: Option<Guard>,
    disk: Option<Disk>,
    databases: u32,
}

/// Ends a process when the test is gone, however it ended.
pub struct Guard(Child);

impl Guard {
    pub fn over(process: &Child) -> Guard {
        let id = process.id().to_string();
        let mut sh = Command::new("sh");
        sh.args(["-c", "cat >/dev/null; kill -9 \"$0\"", &id]).stdin(Stdio::piped()).stderr(Stdio::null());
        Guard(sh.spawn().unwrap())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The folder with `initdb` and `postgres`.
pub fn binaries() -> Option<PathBuf> {
    let both = |dir: &PathBuf| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    let on_path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&on_path).find(both);
    // A link on PATH may stand alone; beside its target are the libraries.
    let found = found.and_then(|dir| Some(dir.join("initdb").canonicalize().ok()?.parent()?.to_owned()));
    found.filter(both).or_else(|| {
        let all = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        all.flatten().map(|entry| entry.path().join("bin")).filter(both).max()
    })
}

/// Under root PostgreSQL runs as somebody else, because it refuses root.
fn user() -> Option<(u32, u32)> {
    let told = Command::new("id").arg("-u").output().ok()?;
    if String::from_utf8_lossy(&told.stdout).trim() != "0" {
        return None;
    }
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    ["postgres", "nobody"].iter().find_map(|name| {
        let line = passwd.lines().find(|l| l.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

impl Cluster {
    /// Makes one and starts it.
    pub fn start_new(binaries: &Path, disk: Option<Disk>) -> Cluster {
        let dir = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut made = Cluster {
            binaries: binaries.to_owned(),
            dir,
            port,
            user: user(),
            postmaster: None,
            guard: None,
            disk,
            databases: 0,
        };
        std::fs::set_permissions(made.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::create_dir(made.data()).unwrap();
        if let Some((uid, gid)) = made.user {
            chown(made.data(), Some(uid), Some(gid)).unwrap();
        }
        // Only this machine reaches it, and only while a test runs.
        let mut initdb = made.command("initdb");
        initdb.args(["--username=gezhi", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]);
        let told = initdb.arg(made.data()).output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let data = made.data();
        if let Some(disk) = &mut made.disk {
            disk.watch(&data);
        }
        made.start();
        made
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.join(name));
        command.current_dir("/").env("LC_ALL", "C");
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Where the present database is reached.
    pub fn url(&self) -> String {
        format!("postgres://gezhi@127.0.0.1:{}/office{}", self.port, self.databases)
    }

    /// A fresh database for a fresh office. It is taken for safe: what PostgreSQL does not put on disk when it makes one
    /// (`PG_VERSION` in its folder) is no matter of this program.
    pub fn next_database(&mut self) {
        self.databases += 1;
        let name = format!("office{}", self.databases);
        self.command_sql(&format!("create database {name}"));
        let data = self.data();
        if self.disk.is_some() {
            self.end();
        }
        if let Some(disk) = &mut self.disk {
            disk.watch(&data);
            self.start();
        }
    }

    /// Ends it as an administrator does.
    fn end(&mut self) {
        self.guard = None;
        if let Some(mut postmaster) = self.postmaster.take() {
            let id = postmaster.id().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
            postmaster.wait().unwrap();
        }
    }

    /// Runs a statement outside of the program.
    pub fn command_sql(&self, text: &str) {
        let mut psql = self.command("psql");
        psql.args(["-h", "127.0.0.1", "-U", "gezhi", "-d", "postgres", "-q", "-c", text]);
        let told = psql.args(["-p", &self.port.to_string()]).output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }

    /// Runs one of PostgreSQL's own tools, its output into a file.
    pub fn tool(&self, name: &str, args: &[&str], into: Option<&Path>) {
        let mut tool = Command::new(self.binaries.join(name));
        if let Some(path) = into {
            tool.stdout(std::fs::File::create(path).unwrap());
        }
        let told = tool.args(args).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert!(told.status.success(), "{name}: {}", String::from_utf8_lossy(&told.stderr));
    }

    /// Starts the server on what is there and waits until it takes connections.
    pub fn start(&mut self) {
        let log =
            std::fs::File::options().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).args(["-c", "listen_addresses=127.0.0.1", "-c"]);
        command.arg(format!("port={}", self.port));
        command.args(["-c", "unix_socket_directories=", "-c", "fsync=on", "-c", "max_connections=60"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        if let Some(disk) = &self.disk {
            disk.under(&mut command);
        }
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        loop {
            let text = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            let mut lines = text.lines();
            if lines.next() == Some(&child.id().to_string())
                && lines.last().is_some_and(|l| l.trim() == "ready")
            {
                break;
            }
            let log = || std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            // Whoever was killed may take a moment to be gone.
            if child.try_wait().unwrap().is_some() {
                assert!(start.elapsed() < Duration::from_secs(20), "PostgreSQL did not start:\n{}", log());
                std::thread::sleep(Duration::from_millis(200));
                child = command.spawn().unwrap();
            }
            assert!(start.elapsed() < Duration::from_secs(60), "PostgreSQL did not start:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.guard = Some(Guard::over(&child));
        self.postmaster = Some(child);
    }

    /// Ends the postmaster and all that it started, with -9.
    pub fn kill(&mut self) {
        self.guard = None;
        let Some(mut postmaster) = self.postmaster.take() else { return };
        let children = children(postmaster.id());
        postmaster.kill().unwrap();
        if !children.is_empty() {
            let ids: Vec<String> = children.iter().map(u32::to_string).collect();
            // One of them may be gone already, which is as well.
            let _ = Command::new("kill").arg("-9").args(ids).stderr(Stdio::null()).status();
        }
        postmaster.wait().unwrap();
        let start = Instant::now();
        while children.iter().any(|id| Path::new(&format!("/proc/{id}/exe")).read_link().is_ok()) {
            assert!(start.elapsed() < Duration::from_secs(20), "a killed process of PostgreSQL stays");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Takes back what is not safe; see [`Disk::cut`].
    pub fn cut_power(&mut self, dice: &mut Dice) -> u64 {
        self.disk.as_ref().map_or(0, |disk| disk.cut(dice))
    }
}

fn children(parent: u32) -> Vec<u32> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect::<Vec<_>>());
        if fields.is_some_and(|f| f.get(1).and_then(|p| p.parse().ok()) == Some(parent)) {
            out.push(id);
        }
    }
    out
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill();
    }
}
