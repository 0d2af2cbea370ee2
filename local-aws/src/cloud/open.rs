//! Clouds that last: a folder with a log, a lock, and the address of whoever serves it.

use super::Cloud;
use crate::options::Options;
use crate::store::{LoadError, Log, Store};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A cloud in a folder: ours, or served by another process.
#[derive(Debug)]
pub enum Opened {
    /// This process holds the cloud.
    Owned(Cloud),
    /// Another process serves it over HTTP at this address, such as `127.0.0.1:4566`.
    Served(String),
}

/// Why the cloud in a folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The folder could not be used.
    #[error("the folder of the embedded cloud, {0}, cannot be used")]
    Folder(PathBuf, #[source] io::Error),
    /// Another process holds the cloud and does not serve it.
    #[error("another process is using the embedded cloud in {0}; wait until it is done")]
    Busy(PathBuf),
}

impl Cloud {
    /// Opens the cloud in a folder, made if need be; or says who serves it.
    pub fn open(folder: &Path, options: Options) -> Result<Opened, OpenError> {
        // Functions run in folders of their own, from where a relative path leads elsewhere.
        let folder = &std::path::absolute(folder)
            .map_err(|error| OpenError::Folder(folder.to_owned(), error))?;
        let refused = |error| OpenError::Folder(folder.to_owned(), error);
        make_folder(folder).map_err(refused)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))
            .map_err(refused)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let address = fs::read_to_string(address_file(folder));
                return address.map(Opened::Served).map_err(|_| OpenError::Busy(folder.to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(refused(error)),
        }
        // Left by a server that was killed: the lock is ours, so nobody serves.
        let _ = fs::remove_file(address_file(folder));
        #[cfg(all(unix, feature = "postgres"))]
        super::database::forget_address(folder);
        let (log, loaded) = Log::open(folder)?;
        let mut store = Store::on(log, loaded.rows);
        if let Some(now) = loaded.now {
            store.compact(now).map_err(refused)?;
        }
        Ok(Opened::Owned(Self::new(options, store, loaded.now, Some((folder.to_owned(), lock)))))
    }

    /// Lets other processes know where this one serves the cloud; `None` when it stops.
    pub(crate) fn announce(&self, address: Option<&str>) -> io::Result<()> {
        let Some((folder, _)) = &self.inner.folder else { return Ok(()) };
        let file = address_file(folder);
        match address {
            // Renamed into place, so that nobody reads half an address.
            Some(address) => {
                fs::write(file.with_extension("new"), address)?;
                fs::rename(file.with_extension("new"), file)
            }
            None => fs::remove_file(file),
        }
    }
}

fn address_file(folder: &Path) -> PathBuf {
    folder.join("address")
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
