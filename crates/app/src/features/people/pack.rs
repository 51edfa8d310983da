//! Roles and kinds of posts as data: `packs/base/roles.toml`, `packs/base/posts.toml`.

use super::model::RoleGrant;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A role as shipped or edited by the office.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RoleDef {
    /// Its code.
    pub code: String,
    /// `verb@scope` each.
    pub grants: Vec<String>,
}

/// A kind of post.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PostKind {
    /// Its key.
    pub kind: String,
    /// The kind of place it answers for.
    pub at: String,
    /// The titles under which a staff list names it.
    pub titles: Vec<String>,
    /// The roles such a post is usually given.
    pub roles: Vec<String>,
    /// Whether it is part of the figure "posts filled".
    pub counts: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleFile {
    role: Vec<RoleDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostFile {
    post: Vec<PostKind>,
}

/// The shipped list of roles.
pub const ROLES: &str = include_str!("../../../../../packs/base/roles.toml");
const POSTS: &str = include_str!("../../../../../packs/base/posts.toml");

/// Reads a list of roles.
///
/// # Errors
/// When it is no such list: unknown keys, a code used twice, a line that is not `verb@scope`.
pub fn roles(text: &str) -> Result<Vec<RoleDef>> {
    let file: RoleFile = toml::from_str(text).context("the list of roles cannot be read")?;
    let mut seen = BTreeSet::new();
    for role in &file.role {
        ensure!(seen.insert(&role.code), "the role {} is there twice", role.code);
        for grant in &role.grants {
            ensure!(
                RoleGrant::parse(grant).is_some(),
                "role {}: `{grant}` is not capability.verb@office|place|unit",
                role.code
            );
        }
    }
    Ok(file.role)
}

static KINDS: LazyLock<Vec<PostKind>> = LazyLock::new(|| match toml::from_str::<PostFile>(POSTS) {
    Ok(file) => file.post,
    Err(error) => {
        tracing::error!(%error, "packs/base/posts.toml cannot be read");
        Vec::new()
    }
});

/// All kinds of posts, in the order of the file.
#[must_use]
pub fn post_kinds() -> &'static [PostKind] {
    &KINDS
}

/// The kind with a key.
#[must_use]
pub fn post_kind(kind: &str) -> Option<&'static PostKind> {
    KINDS.iter().find(|k| k.kind == kind)
}

/// The kind a title of a staff list means: the same title, else the longest one that the title ends with,
/// else `other`.
#[must_use]
pub fn kind_of_title(title: &str) -> &'static str {
    let title = title.trim();
    KINDS
        .iter()
        .flat_map(|kind| kind.titles.iter().map(move |t| (kind, t)))
        .filter(|(_, t)| title.ends_with(t.as_str()))
        .max_by_key(|(_, t)| t.len())
        .map_or("other", |(kind, _)| kind.kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_roles_can_be_read_and_posts_name_only_them() {
        let shipped = roles(ROLES).unwrap();
        assert_eq!(shipped.len(), 19);
        assert!(post_kinds().len() > 10);
        for kind in post_kinds() {
            for role in &kind.roles {
                assert!(shipped.iter().any(|r| r.code == *role), "{} names the role {role}", kind.kind);
            }
        }
    }

    #[test]
    fn a_wrong_line_in_a_role_is_named() {
        let error = roles("[[role]]\ncode = \"x\"\ngrants = [\"demands.read\"]").unwrap_err();
        assert!(error.to_string().contains("role x: `demands.read`"), "{error}");
    }

    #[test]
    fn a_title_of_a_staff_list_tells_the_kind_of_post() {
        for (title, kind) in [
            ("社区书记", "community_secretary"),
            ("居委会主任", "community_director"),
            ("园林所所长", "unit_head"),
            ("专职网格员", "grid_worker_full"),
            ("微网格长", "micro_grid_lead"),
            ("网格长", "grid_lead"),
            ("市监所干事", "clerk"),
            ("养生顾问", "other"),
        ] {
            assert_eq!(kind_of_title(title), kind, "{title}");
        }
    }
}
