//! Line counts, and which lines are the product's and not a test's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How often each line of a file ran; lines without code are not in it.
type Hits = BTreeMap<usize, u64>;

/// The counts of all files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lines(BTreeMap<PathBuf, Hits>);

impl Lines {
    /// Reads the `SF` (file) and `DA` (line, count) records; a line in several programs ran where any ran it.
    pub(super) fn from_lcov(lcov: &str) -> Self {
        let mut files: BTreeMap<PathBuf, Hits> = BTreeMap::new();
        let mut file = PathBuf::new();
        for record in lcov.lines() {
            match record.split_once(':') {
                Some(("SF", path)) => file = PathBuf::from(path),
                Some(("DA", counted)) => {
                    let mut numbers =
                        counted.split(',').map_while(|number| number.parse::<u64>().ok());
                    let line = numbers.next().and_then(|line| usize::try_from(line).ok());
                    if let (Some(line), Some(count)) = (line, numbers.next()) {
                        *files.entry(file.clone()).or_default().entry(line).or_default() += count;
                    }
                }
                _ => {}
            }
        }
        Self(files)
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&Path, &Hits)> {
        self.0.iter().map(|(file, hits)| (file.as_path(), hits))
    }
}

/// The lines of a file up to its tests; none if the whole file is tests.
pub(super) fn product_lines<'a>(file: &Path, source: &'a str) -> Option<Vec<&'a str>> {
    let is_tests = |part: &std::ffi::OsStr| part == "tests" || part == "tests.rs";
    if file.iter().any(is_tests) {
        return None;
    }
    let lines: Vec<_> = source.lines().collect();
    let starts_tests = |pair: &[&str]| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    };
    let end = lines.windows(2).position(starts_tests).unwrap_or(lines.len());
    Some(lines[..end].to_vec())
}

/// The sums of one crate.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) covered: u32,
    pub(super) total: u32,
}

impl Tally {
    /// Counts the lines of one file and returns those that never ran.
    pub(super) fn add<'a>(&mut self, hits: &Hits, product: &[&'a str]) -> Vec<(usize, &'a str)> {
        let mut missed = Vec::new();
        for (&number, &count) in hits {
            let Some(text) = number.checked_sub(1).and_then(|index| product.get(index)) else {
                continue;
            };
            self.total += 1;
            if count > 0 {
                self.covered += 1;
            } else {
                missed.push((number, *text));
            }
        }
        missed
    }

    /// 100 for a crate without code.
    pub(super) fn percent(&self) -> f64 {
        if self.total == 0 {
            100.0
        } else {
            100.0 * f64::from(self.covered) / f64::from(self.total)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LCOV: &str = "SF:/w/a/src/lib.rs\nFN:1,main\nDA:1,2\nDA:2,0\nDA:4,0\nend_of_record\n\
        SF:/w/a/src/lib.rs\nDA:2,1\nend_of_record\n";

    #[test]
    fn only_lines_before_the_tests_count() {
        let file = Path::new("/w/a/src/lib.rs");
        let source = "fn a() {}\nfn b() {}\n#[cfg(test)]\nmod tests {\n}\n";
        let lines = Lines::from_lcov(LCOV);
        let (path, hits) = lines.files().next().unwrap();
        let mut tally = Tally::default();
        assert_eq!(path, file);
        assert_eq!(tally.add(hits, &product_lines(file, source).unwrap()), []);
        assert_eq!(tally, Tally { covered: 2, total: 2 });
    }

    #[test]
    fn lines_that_never_ran_are_listed() {
        let mut tally = Tally::default();
        let hits = Hits::from([(1, 3), (2, 0)]);
        assert_eq!(tally.add(&hits, &["fn a() {}", "fn b() {}"]), [(2, "fn b() {}")]);
        assert!((tally.percent() - 50.0).abs() < f64::EPSILON);
    }

    #[test]
    fn files_of_tests_do_not_count() {
        assert_eq!(product_lines(Path::new("a/src/cidr/tests.rs"), "fn a() {}"), None);
        assert_eq!(product_lines(Path::new("a/tests/lifecycle.rs"), "fn a() {}"), None);
        assert!(
            product_lines(Path::new("a/src/cidr.rs"), "#[cfg(test)]\nmod tests;\nfn a() {}")
                .is_some()
        );
    }
}
