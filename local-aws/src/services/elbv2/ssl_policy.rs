//! Security policies: protocols and ciphers by name.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// What listeners made through the API have that name none.
pub(super) const DEFAULT: &str = "ELBSecurityPolicy-2016-08";

const TLS13: &[&str] = &["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];
const CHACHA: &[&str] = &["TLS_CHACHA20_POLY1305_SHA256"];
const GCM: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
];
const CBC: &[&str] = &[
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
];
const SHA1: &[&str] = &[
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
];
const RSA: &[&str] = &["AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256"];
const RSA_SHA1: &[&str] = &["AES128-SHA", "AES256-SHA"];

const V3: &[&str] = &["TLSv1.3"];
const V2: &[&str] = &["TLSv1.2"];
const V2_3: &[&str] = &["TLSv1.2", "TLSv1.3"];
const V1_2: &[&str] = &["TLSv1.1", "TLSv1.2"];
const V1_3: &[&str] = &["TLSv1.1", "TLSv1.2", "TLSv1.3"];
const V0_2: &[&str] = &["TLSv1", "TLSv1.1", "TLSv1.2"];
const V0_3: &[&str] = &["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

const RESTRICTED: &[&[&str]] = &[GCM];
const MODERN: &[&[&str]] = &[GCM, CBC];
const FORWARD: &[&[&str]] = &[GCM, CBC, SHA1];
const EXTENDED: &[&[&str]] = &[GCM, CBC, RSA];
const EVERY: &[&[&str]] = &[GCM, CBC, SHA1, RSA, RSA_SHA1];

/// A policy: the end of its name, its protocols, its ciphers before TLS 1.3.
type Policy = (&'static str, &'static [&'static str], &'static [&'static [&'static str]]);

const POLICIES: [Policy; 36] = [
    ("2016-08", V0_2, EVERY),
    ("2015-05", V0_2, EVERY),
    ("TLS-1-1-2017-01", V1_2, EVERY),
    ("TLS-1-2-2017-01", V2, EXTENDED),
    ("TLS-1-2-Ext-2018-06", V2, EVERY),
    ("FS-2018-06", V0_2, FORWARD),
    ("FS-1-1-2019-08", V1_2, FORWARD),
    ("FS-1-2-2019-08", V2, FORWARD),
    ("FS-1-2-Res-2019-08", V2, MODERN),
    ("FS-1-2-Res-2020-10", V2, RESTRICTED),
    ("TLS13-1-0-2021-06", V0_3, EVERY),
    ("TLS13-1-1-2021-06", V1_3, EVERY),
    ("TLS13-1-2-2021-06", V2_3, MODERN),
    ("TLS13-1-2-Ext1-2021-06", V2_3, EXTENDED),
    ("TLS13-1-2-Ext2-2021-06", V2_3, EVERY),
    ("TLS13-1-2-Res-2021-06", V2_3, RESTRICTED),
    ("TLS13-1-3-2021-06", V3, &[]),
    ("TLS13-1-0-FIPS-2023-04", V0_3, EVERY),
    ("TLS13-1-1-FIPS-2023-04", V1_3, EVERY),
    ("TLS13-1-2-FIPS-2023-04", V2_3, MODERN),
    ("TLS13-1-2-Ext0-FIPS-2023-04", V2_3, FORWARD),
    ("TLS13-1-2-Ext1-FIPS-2023-04", V2_3, EXTENDED),
    ("TLS13-1-2-Ext2-FIPS-2023-04", V2_3, EVERY),
    ("TLS13-1-2-Res-FIPS-2023-04", V2_3, RESTRICTED),
    ("TLS13-1-3-FIPS-2023-04", V3, &[]),
    ("TLS13-1-0-PQ-2025-09", V0_3, EVERY),
    ("TLS13-1-2-PQ-2025-09", V2_3, MODERN),
    ("TLS13-1-2-Ext1-PQ-2025-09", V2_3, EXTENDED),
    ("TLS13-1-2-Ext2-PQ-2025-09", V2_3, EVERY),
    ("TLS13-1-2-Res-PQ-2025-09", V2_3, RESTRICTED),
    ("TLS13-1-3-PQ-2025-09", V3, &[]),
    ("TLS13-1-0-FIPS-PQ-2025-09", V0_3, EVERY),
    ("TLS13-1-2-FIPS-PQ-2025-09", V2_3, MODERN),
    ("TLS13-1-2-Ext0-FIPS-PQ-2025-09", V2_3, FORWARD),
    ("TLS13-1-2-Res-FIPS-PQ-2025-09", V2_3, RESTRICTED),
    ("TLS13-1-3-FIPS-PQ-2025-09", V3, &[]),
];

fn find(name: &str) -> Option<&'static Policy> {
    let end = name.strip_prefix("ELBSecurityPolicy-")?;
    POLICIES.iter().find(|(known, _, _)| *known == end)
}

/// Checks that there is a policy with a name.
pub(super) fn check(name: &str) -> Result<(), Fault> {
    find(name).map(drop).ok_or_else(|| not_found(name))
}

fn not_found(name: &str) -> Fault {
    Fault::new("SSLPolicyNotFound", format!("SSL policy '{name}' not found"))
}

fn view((end, protocols, groups): &Policy) -> Value {
    let mut names: Vec<&str> = Vec::new();
    if protocols.contains(&"TLSv1.3") {
        names.extend(TLS13);
        names.extend(CHACHA.iter().filter(|_| !end.contains("FIPS")));
    }
    names.extend(groups.iter().copied().flatten());
    let cipher = |(at, name): (usize, &&str)| json!({"Name": name, "Priority": at + 1});
    let ciphers: Vec<Value> = names.iter().enumerate().map(cipher).collect();
    json!({
        "Name": format!("ELBSecurityPolicy-{end}"), "SslProtocols": protocols, "Ciphers": ciphers,
        "SupportedLoadBalancerTypes": ["application", "network"],
    })
}

/// `DescribeSSLPolicies`: those named, or all.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let named = input.texts("Names");
    if input.opt("LoadBalancerType") == Some("gateway") {
        return Ok(json!({"SslPolicies": []}));
    }
    let policies: Vec<Value> = if named.is_empty() {
        POLICIES.iter().map(view).collect()
    } else {
        let one = |name: &&str| find(name).map(view).ok_or_else(|| not_found(name));
        named.iter().map(one).collect::<Result<_, Fault>>()?
    };
    Ok(json!({"SslPolicies": policies}))
}
