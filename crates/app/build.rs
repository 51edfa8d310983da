//! Bundles the front end into `$OUT_DIR/assets`, from where it is embedded. Needs node and
//! `assets/node_modules`; `SKIP_ASSETS=1` embeds nothing, for checks that need no pages.

use std::path::Path;
use std::process::Command;

fn main() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    let target = Path::new(&out).join("assets");
    println!("cargo::rerun-if-env-changed=SKIP_ASSETS");
    for input in ["assets/src", "assets/build.mjs", "assets/package-lock.json"] {
        println!("cargo::rerun-if-changed={root}/{input}");
    }
    let skipped = std::env::var_os("SKIP_ASSETS").is_some();
    if skipped {
        let _ = std::fs::create_dir_all(&target);
        let _ = std::fs::write(target.join("manifest.json"), "{}");
        return;
    }
    if !Path::new(root).join("assets/node_modules").exists() {
        println!(
            "cargo::error=assets/node_modules is missing: run `npm ci --prefix assets` (or `cargo xtask build`)"
        );
        return;
    }
    let status = Command::new("node")
        .args([&format!("{root}/assets/build.mjs"), "--out", &target.display().to_string()])
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => println!("cargo::error=assets/build.mjs failed: {status}"),
        Err(error) => println!("cargo::error=node cannot be started ({error}): install Node.js 20 or newer"),
    }
}
