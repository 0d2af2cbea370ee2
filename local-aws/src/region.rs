//! Regions, their partitions and their availability zones.

/// A region: name, the zones' letters, and the prefix of zone ids.
struct Region(&'static str, &'static str, &'static str);

/// The commercial regions, and the letters of the zones that a new account sees.
const REGIONS: [Region; 34] = [
    Region("af-south-1", "abc", "afs1"),
    Region("ap-east-1", "abc", "ape1"),
    Region("ap-east-2", "abc", "ape2"),
    Region("ap-northeast-1", "acd", "apne1"),
    Region("ap-northeast-2", "abcd", "apne2"),
    Region("ap-northeast-3", "abc", "apne3"),
    Region("ap-south-1", "abc", "aps1"),
    Region("ap-south-2", "abc", "aps2"),
    Region("ap-southeast-1", "abc", "apse1"),
    Region("ap-southeast-2", "abc", "apse2"),
    Region("ap-southeast-3", "abc", "apse3"),
    Region("ap-southeast-4", "abc", "apse4"),
    Region("ap-southeast-5", "abc", "apse5"),
    Region("ap-southeast-7", "abc", "apse7"),
    Region("ca-central-1", "abd", "cac1"),
    Region("ca-west-1", "abc", "caw1"),
    Region("eu-central-1", "abc", "euc1"),
    Region("eu-central-2", "abc", "euc2"),
    Region("eu-north-1", "abc", "eun1"),
    Region("eu-south-1", "abc", "eus1"),
    Region("eu-south-2", "abc", "eus2"),
    Region("eu-west-1", "abc", "euw1"),
    Region("eu-west-2", "abc", "euw2"),
    Region("eu-west-3", "abc", "euw3"),
    Region("il-central-1", "abc", "ilc1"),
    Region("me-central-1", "abc", "mec1"),
    Region("me-south-1", "abc", "mes1"),
    Region("mx-central-1", "abc", "mxc1"),
    Region("sa-east-1", "abc", "sae1"),
    Region("us-east-1", "abcdef", "use1"),
    Region("us-east-2", "abc", "use2"),
    Region("us-gov-west-1", "abc", "usgw1"),
    Region("us-west-1", "ac", "usw1"),
    Region("us-west-2", "abcd", "usw2"),
];

/// Regions that an account has without opting in.
const DEFAULT_ON: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The names of the known regions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().map(|region| region.0).filter(|name| partition(name) == "aws")
}

/// Whether an account has the region without opting in.
pub(crate) fn is_default(region: &str) -> bool {
    DEFAULT_ON.contains(&region)
}

/// Names and ids of a region's availability zones. A region that is not known has the zones a, b and c.
pub(crate) fn zones(region: &str) -> Vec<(String, String)> {
    let known = REGIONS.iter().find(|known| known.0 == region);
    let (letters, prefix) = known.map_or(("abc", region), |known| (known.1, known.2));
    let zone = |(index, letter)| (format!("{region}{letter}"), format!("{prefix}-az{}", index + 1));
    letters.chars().enumerate().map(zone).collect()
}

/// The partition in ARNs of a region.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}
