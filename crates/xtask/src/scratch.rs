//! A copy of the work tree to break things in.

use crate::process::{answer, command, root, target_dir};
use anyhow::{Context, Result};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The copy, with a target folder of its own that outlives the run.
pub struct Scratch {
    /// The root of the copy.
    pub tree: PathBuf,
    /// Its target folder.
    pub target: PathBuf,
}

impl Scratch {
    /// Brings the copy up to the work tree: tracked and new files, not ignored ones. Files that are equal are left
    /// alone, so that what was built from them still counts as fresh.
    ///
    /// # Errors
    /// When git cannot list the files or one cannot be copied.
    pub fn refresh() -> Result<Scratch> {
        let base = target_dir()?.join("sabotage");
        let scratch = Scratch { tree: base.join("tree"), target: base.join("target") };
        std::fs::create_dir_all(&scratch.tree)?;
        let mut git = command("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listed = answer(&mut git).context("`git ls-files` failed")?;
        let mut wanted = HashSet::new();
        for file in listed.split('\0').filter(|f| !f.is_empty()) {
            let from = root().join(file);
            if from.is_file() {
                wanted.insert(scratch.tree.join(file));
                copy_if_changed(&from, &scratch.tree.join(file))?;
            }
        }
        remove_others(&scratch.tree, &wanted)?;
        link(&root().join("assets/node_modules"), &scratch.tree.join("assets/node_modules"))?;
        // Tests on real records look beside the project.
        link(&root().join("../shared"), &base.join("shared"))?;
        Ok(scratch)
    }
}

fn copy_if_changed(from: &Path, to: &Path) -> Result<()> {
    let new = std::fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if std::fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent)?;
    }
    // Written rather than copied: the time of change must be now, or cargo would miss it.
    std::fs::write(to, new).with_context(|| format!("cannot write {}", to.display()))
}

/// Removes files that are gone from the work tree. Links are the ones made by [`link`] and stay.
fn remove_others(dir: &Path, wanted: &HashSet<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            remove_others(&path, wanted)?;
        } else if !wanted.contains(&path) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> Result<()> {
    let Ok(to) = to.canonicalize() else { return Ok(()) };
    if !at.is_symlink() {
        if let Some(parent) = at.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::os::unix::fs::symlink(to, at)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn link(_to: &Path, _at: &Path) -> Result<()> {
    anyhow::bail!("sabotage needs links between folders and is done on Unix")
}
