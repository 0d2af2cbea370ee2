//! The append-only file of the cloud: a header line, then one line per transaction.
//!
//! A line is written with one `write` before the request is answered, so a killed process loses nothing that was
//! acknowledged. Each line starts with a checksum; a torn last line is cut off, a broken earlier one refuses to load.

use super::Key;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FORMAT: u64 = 1;

/// Why the file of a cloud could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file system refused.
    #[error("the file of the embedded cloud cannot be read or written")]
    Io(#[from] io::Error),
    /// A line before the last is not what was written.
    #[error("line {line} of {path} is damaged; move the folder away to start with an empty cloud")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The file was written by another version.
    #[error("{path} has format {found}, and this version reads format {FORMAT}")]
    Format {
        /// The file.
        path: PathBuf,
        /// The format it says it has.
        found: Value,
    },
}

/// What was read from the file.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) rows: BTreeMap<Key, Value>,
    /// The simulated time of the last line; `None` for a new file.
    pub(crate) now: Option<f64>,
}

/// The open file.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens or makes the file `log` in a folder, cuts a torn tail off, and reads what it holds.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Loaded), LoadError> {
        let path = folder.join("log");
        let mut file = options().open(&path)?;
        let bytes = fs::read(&path)?;
        let (loaded, whole) = read(&path, &bytes)?;
        if whole < bytes.len() {
            file.set_len(whole as u64)?;
        }
        if whole == 0 {
            file.write_all(&header())?;
        }
        Ok((Self { path, file }, loaded))
    }

    pub(crate) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let before = self.file.metadata()?.len();
        self.file.write_all(line).inspect_err(|_| {
            // A half-written line would make the next one unreadable; if cutting fails too, loading reports it.
            let _ = self.file.set_len(before);
        })
    }

    /// Replaces the file by one that holds only the rows given.
    pub(crate) fn rewrite<'a>(
        &mut self,
        now: f64,
        rows: impl Iterator<Item = (&'a str, &'a str, &'a str, &'a Value)>,
    ) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut bytes = header();
        let rows: Vec<_> =
            rows.map(|(place, table, id, value)| (Key::new(place, table, id), value)).collect();
        bytes.extend(line(now, rows.iter().map(|(key, value)| (key, Some(*value)))));
        let _ = fs::remove_file(&fresh);
        let mut file = options().open(&fresh)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        self.file = file;
        Ok(())
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn header() -> Vec<u8> {
    framed(&json!({"format": FORMAT}))
}

/// One transaction as a line: time and rows, `null` for those that were removed.
pub(super) fn line<'a>(
    now: f64,
    rows: impl Iterator<Item = (&'a Key, Option<&'a Value>)>,
) -> Vec<u8> {
    let rows: Vec<Value> =
        rows.map(|(key, value)| json!([key.place, key.table, key.id, value])).collect();
    framed(&json!({"at": now, "rows": rows}))
}

fn framed(value: &Value) -> Vec<u8> {
    let text = value.to_string();
    format!("{:016x} {text}\n", checksum(text.as_bytes())).into_bytes()
}

/// FNV-1a, 64 bits: against accidents, not against people.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What the whole lines say, and how many bytes they take.
fn read(path: &Path, bytes: &[u8]) -> Result<(Loaded, usize), LoadError> {
    let mut loaded = Loaded::default();
    let mut whole = 0;
    for (index, piece) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let last = whole + piece.len() == bytes.len();
        let Some(value) = unframed(piece) else {
            if last {
                break;
            }
            return Err(LoadError::Damaged { path: path.to_owned(), line: index + 1 });
        };
        whole += piece.len();
        if index == 0 {
            if value["format"] != FORMAT {
                return Err(LoadError::Format {
                    path: path.to_owned(),
                    found: value["format"].clone(),
                });
            }
        } else {
            replay(&mut loaded, value);
        }
    }
    Ok((loaded, whole))
}

fn unframed(piece: &[u8]) -> Option<Value> {
    let (sum, text) = std::str::from_utf8(piece).ok()?.strip_suffix('\n')?.split_once(' ')?;
    let whole = u64::from_str_radix(sum, 16).ok()? == checksum(text.as_bytes());
    if whole { serde_json::from_str(text).ok() } else { None }
}

fn replay(loaded: &mut Loaded, mut line: Value) {
    loaded.now = line["at"].as_f64().or(loaded.now);
    let Value::Array(rows) = line["rows"].take() else { return };
    for mut row in rows {
        let [place, table, id] =
            [0, 1, 2].map(|at| row[at].as_str().unwrap_or_default().to_owned());
        let key = Key { place, table, id };
        match row[3].take() {
            Value::Null => loaded.rows.remove(&key),
            value => loaded.rows.insert(key, value),
        };
    }
}
