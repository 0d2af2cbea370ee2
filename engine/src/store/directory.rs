//! The backend that keeps the state in a directory, for one writer at a time by a file lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{Backend, BackendFuture, Kept, StoreError};

/// A directory with the files `snapshot`, `journal` and `lock`, readable by their owner alone.
pub struct Directory {
    path: PathBuf,
    journal: File,
    /// Held as long as this value lives; the operating system lets go when the process dies.
    _lock: File,
}

impl Directory {
    /// Opens or makes the directory and takes its lock.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        let at = path.display().to_string();
        let io = |source| StoreError::Io { doing: "open", at: at.clone(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(io)?;
        let lock = owned()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path.join("lock"))
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => sign(&lock).map_err(io)?,
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Held { holder: holder(&path), at });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let journal = open_journal(&path).map_err(io)?;
        Ok(Self { path, journal, _lock: lock })
    }

    /// Reads what is kept without taking the lock, to look at while another run is under way.
    pub fn peek(path: impl AsRef<Path>) -> Peek {
        Peek(path.as_ref().to_owned())
    }
}

impl Backend for Directory {
    fn load(&mut self) -> BackendFuture<'_, Kept> {
        Box::pin(async move { kept(&self.path) })
    }

    fn append<'a>(&'a mut self, keep: u64, bytes: &'a [u8]) -> BackendFuture<'a, ()> {
        Box::pin(async move {
            if self.journal.metadata()?.len() != keep {
                self.journal.set_len(keep)?;
            }
            self.journal.seek(SeekFrom::Start(keep))?;
            self.journal.write_all(bytes)?;
            self.journal.sync_data()
        })
    }

    fn replace<'a>(&'a mut self, snapshot: &'a [u8]) -> BackendFuture<'a, ()> {
        Box::pin(async move {
            let new = self.path.join("snapshot.new");
            let mut file = owned().create(true).truncate(true).write(true).open(&new)?;
            file.write_all(snapshot)?;
            file.sync_all()?;
            fs::rename(&new, self.path.join("snapshot"))?;
            File::open(&self.path)?.sync_all()?;
            // The journal is part of the snapshot now, and ignored for its generation: the next append cuts it.
            self.journal.set_len(0).or(Ok(()))
        })
    }

    fn describe(&self) -> String {
        self.path.display().to_string()
    }
}

/// A directory that is only looked at: what it holds can be read, and nothing can be recorded.
pub struct Peek(PathBuf);

impl Backend for Peek {
    fn load(&mut self) -> BackendFuture<'_, Kept> {
        Box::pin(async move { kept(&self.0) })
    }

    fn append<'a>(&'a mut self, _keep: u64, _bytes: &'a [u8]) -> BackendFuture<'a, ()> {
        Box::pin(async { Err(io::Error::other("the state was opened for looking only")) })
    }

    fn replace<'a>(&'a mut self, _snapshot: &'a [u8]) -> BackendFuture<'a, ()> {
        self.append(0, &[])
    }

    fn describe(&self) -> String {
        self.0.display().to_string()
    }
}

fn owned() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// The name of a new journal is made durable before its first record relies on it.
fn open_journal(path: &Path) -> io::Result<File> {
    let journal =
        owned().create(true).truncate(false).read(true).write(true).open(path.join("journal"))?;
    File::open(path)?.sync_all()?;
    Ok(journal)
}

fn kept(path: &Path) -> io::Result<Kept> {
    let read = |name| match fs::read(path.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    };
    Ok(Kept { snapshot: read("snapshot")?, journal: read("journal")? })
}

/// Writes who holds the lock, for the message that a second run gets.
fn sign(mut lock: &File) -> io::Result<()> {
    lock.set_len(0)?;
    write!(lock, "process {} on {}", std::process::id(), host())?;
    lock.flush()
}

fn holder(path: &Path) -> String {
    let mut text = String::new();
    let named = File::open(path.join("lock")).and_then(|mut lock| lock.read_to_string(&mut text));
    let who = match named {
        Ok(_) if !text.is_empty() => text,
        _ => "a process that has not said its name yet".to_owned(),
    };
    match fs::metadata(path.join("journal")).and_then(|journal| journal.modified()) {
        Ok(time) => match jiff::Timestamp::try_from(time) {
            Ok(time) => format!("{who}, last sign of life {time:.0}"),
            Err(_) => who,
        },
        Err(_) => who,
    }
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| fs::read_to_string("/etc/hostname"));
    name.map_or_else(|_| "this host".to_owned(), |name| name.trim().to_owned())
}
