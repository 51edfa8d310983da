//! Programs of the system that the tests need: found, or installed where that may be done.

use crate::process::{answer, command, run, which};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::sync::Once;

/// True on a Debian-like system under root: elsewhere nothing is installed unasked.
pub fn may_install() -> bool {
    which("apt-get").is_some() && answer(command("id").arg("-u")).as_deref() == Some("0")
}

/// Installs Debian packages.
///
/// # Errors
/// When apt-get fails.
pub fn install(packages: &[&str]) -> Result<()> {
    static UPDATE: Once = Once::new();
    println!("installing {}", packages.join(", "));
    let apt = |args: &[&str]| {
        let mut apt = command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").arg("-q").args(args);
        run(&mut apt)
    };
    let mut updated = Ok(());
    UPDATE.call_once(|| updated = apt(&["update"]));
    updated?;
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend_from_slice(packages);
    apt(&args)
}

/// The browser of the journeys, with fonts that can show Chinese. `CHROMIUM` names another file.
///
/// # Errors
/// A line that says what to install.
pub fn chromium() -> Result<PathBuf> {
    let found = find_chromium();
    let fonts = has_chinese_fonts();
    if (found.is_none() || fonts == Some(false)) && may_install() {
        install(&["chromium", "fonts-noto-cjk"])?;
    } else if fonts == Some(false) {
        println!(
            "no font for Chinese was found; for readable pictures install the Debian package fonts-noto-cjk"
        );
    }
    match found.or_else(find_chromium) {
        Some(file) => Ok(file),
        None => bail!(
            "no Chromium was found: install the Debian package chromium (or set CHROMIUM=/path/to/chrome), \
             or leave the journeys out with --no-browser"
        ),
    }
}

fn find_chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|f| f.is_file());
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    let apps = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];
    let on_path = names.iter().find_map(|n| which(n));
    on_path.or_else(|| apps.iter().map(PathBuf::from).find(|f| f.is_file()))
}

/// Whether some font shows Chinese; `None` where fontconfig cannot tell.
fn has_chinese_fonts() -> Option<bool> {
    if cfg!(not(target_os = "linux")) {
        return None;
    }
    // Without fontconfig there is no Chromium yet either, whose package brings it.
    let fonts = answer(command("fc-list").args([":lang=zh-cn", "family"]));
    Some(fonts.is_some_and(|f| !f.is_empty()))
}
