//! A directory that clients may mount, and what it and its owner may be.

use std::collections::{BTreeMap, BTreeSet};

use globecart_aws::engine::Invalid;
use typed_builder::TypedBuilder;

use crate::{AccessPoint, FileSystemRefs};

/// A directory that clients may mount through an access point of its own.
///
/// Whatever a client says who it is, it works as this user and group, and sees nothing above the directory.
#[derive(Debug, Clone, PartialEq, TypedBuilder)]
pub struct Directory {
    /// What the access point is called: letters, digits and hyphens.
    #[builder(setter(into))]
    name: String,
    /// The directory, 1 to 4 levels below the root. Default: `/` and the name.
    #[builder(default, setter(strip_option, into))]
    path: Option<String>,
    /// The POSIX user id, not 0. Default: 1000.
    #[builder(default = 1000)]
    uid: u32,
    /// The POSIX group id, not 0. Default: 1000.
    #[builder(default = 1000)]
    gid: u32,
    /// Further POSIX group ids, up to 16, none of them 0. Default: none.
    #[builder(default, setter(transform = |gids: impl IntoIterator<Item = u32>| gids.into_iter().collect()))]
    secondary_gids: BTreeSet<u32>,
    /// The permissions of the directory where it is made, in octal digits. Default: `0750`.
    #[builder(default = "0750".to_owned(), setter(into))]
    permissions: String,
}

impl Directory {
    /// What its access point is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn path(&self) -> String {
        self.path.clone().unwrap_or_else(|| format!("/{}", self.name))
    }

    pub(crate) fn access_point(&self, file_system: &FileSystemRefs) -> AccessPoint {
        AccessPoint {
            file_system: (&file_system.id).into(),
            path: self.path(),
            uid: self.uid,
            gid: self.gid,
            secondary_gids: self.secondary_gids.clone(),
            permissions: self.permissions.clone(),
        }
    }
}

/// EFS makes a directory once, for the first client of whichever access point; a second one with other owners would
/// find it taken.
pub(crate) fn check_apart(directories: &[Directory]) -> Result<(), Invalid> {
    let (mut names, mut paths) = (BTreeSet::new(), BTreeMap::new());
    for directory in directories {
        let name = directory.name();
        if !names.insert(name) {
            let problem = format!("has two of the name `{name}`");
            return Err(Invalid::new("directories", problem));
        }
        if let Some(other) = paths.insert(directory.path(), name) {
            let path = directory.path();
            let problem = format!("`{other}` and `{name}` are both {path}; it can be one's alone");
            return Err(Invalid::new("directories", problem));
        }
    }
    Ok(())
}

/// A directory below the root, up to four levels deep: the root itself would show every client everything (EFS.3).
pub(crate) fn check_path(path: &str) -> Result<(), Invalid> {
    let names: Vec<&str> = path.strip_prefix('/').unwrap_or_default().split('/').collect();
    let plain = |name: &&str| {
        !name.is_empty()
            && !name.starts_with('.')
            && !name.contains(|c: char| "$#<>;`|&?{}^*".contains(c) || c.is_control())
    };
    let problem = if path == "/" {
        "is the root of the file system, in which every client would see everything; name a directory"
    } else if names.len() > 4 || path.len() > 100 {
        "must have at most four levels and 100 characters"
    } else if !names.iter().all(plain) {
        "must be `/` and names that do not start with a dot and have none of $#<>;`|&?{}^*"
    } else {
        return Ok(());
    };
    Err(Invalid::new("path", format!("`{path}` {problem}")))
}

/// Three or four octal digits, and nothing for everybody to write.
pub(crate) fn check_permissions(permissions: &str) -> Result<(), Invalid> {
    let octal = permissions.chars().all(|c| ('0'..='7').contains(&c));
    if !octal || !(3..=4).contains(&permissions.len()) {
        let problem = format!("`{permissions}` must be three or four octal digits, as in `0750`");
        return Err(Invalid::new("permissions", problem));
    }
    if permissions.ends_with(['2', '3', '6', '7']) {
        let problem =
            format!("`{permissions}` lets everybody write; give the group what others need");
        return Err(Invalid::new("permissions", problem));
    }
    Ok(())
}

/// Root may do anything on a file system, so no client is it (EFS.4).
pub(crate) fn check_identity(
    uid: u32,
    gid: u32,
    secondary_gids: &BTreeSet<u32>,
) -> Result<(), Invalid> {
    let root = |field: &str| {
        Err(Invalid::new(
            field,
            "0 is root, who may do anything; give the clients an id of their own",
        ))
    };
    if uid == 0 {
        return root("uid");
    }
    if gid == 0 {
        return root("gid");
    }
    if secondary_gids.contains(&0) {
        return root("secondary_gids");
    }
    match secondary_gids.len() {
        0..=16 => Ok(()),
        count => Err(Invalid::new(
            "secondary_gids",
            format!("an access point has at most 16 secondary groups, not {count}"),
        )),
    }
}
