//! Packages unpacked into a folder of their own, which goes with whoever uses it.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Cursor};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A folder that is removed at the end.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes a new folder that only this user can enter; one that is there already is an error.
    pub(super) fn make(path: PathBuf) -> io::Result<Self> {
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Makes one where the system has temporary files.
    pub(super) fn temporary() -> io::Result<Self> {
        for number in 0..u32::MAX {
            let name = format!("globecart-functions-{}-{number}", std::process::id());
            match Self::make(std::env::temp_dir().join(name)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed lies in a folder for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Unpacks a package. Names that lead out of the folder are left out.
pub(super) fn unpack(zip: &[u8], folder: &Path) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let Some(name) = entry.enclosed_name() else { continue };
        let path = folder.join(name);
        if entry.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let mode = entry.unix_mode().unwrap_or(0o644) & 0o700;
        io::copy(&mut entry, &mut File::create(&path)?)?;
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
    }
    Ok(())
}
