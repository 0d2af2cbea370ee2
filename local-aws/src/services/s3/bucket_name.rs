//! Names of buckets: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>

use crate::fault::Fault;

/// Checks the name of a bucket that is made.
pub(super) fn check(name: &str) -> Result<(), Fault> {
    if is_allowed(name) {
        return Ok(());
    }
    Err(Fault::new("InvalidBucketName", "The specified bucket is not valid.")
        .with("BucketName", name))
}

fn is_allowed(name: &str) -> bool {
    const PREFIXES: [&str; 4] = ["xn--", "sthree-", "amzn-s3-demo-", "aws-"];
    const SUFFIXES: [&str; 6] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"];
    let edge = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let inner = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-'
    };
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().copied().all(inner)
        && !name.contains("..")
        && !is_address(name)
        && !PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

fn is_address(name: &str) -> bool {
    name.parse::<std::net::Ipv4Addr>().is_ok()
}
