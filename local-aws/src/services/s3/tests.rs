//! What users of S3 rely on.

mod bucket;
mod copy;
mod event;
mod listing;
mod lock;
mod multipart;
mod object;
mod setting;
mod stored;
mod version;

use crate::testing::Probe;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const BUCKET: &str = "globecart-test";

/// A cloud with a bucket.
fn cloud() -> Probe {
    let cloud = Probe::new();
    cloud.ok("s3", "CreateBucket", json!({"Bucket": BUCKET}));
    cloud
}

/// Members with those that say which object is meant.
fn of(key: &str, members: Value) -> Value {
    let mut all = json!({"Bucket": BUCKET, "Key": key});
    for (name, value) in members.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

fn body(text: &str) -> Value {
    json!(STANDARD.encode(text))
}

fn put(cloud: &Probe, key: &str, text: &str) -> Value {
    cloud.ok("s3", "PutObject", of(key, json!({"Body": body(text)})))
}

#[track_caller]
fn content(cloud: &Probe, asked: Value) -> String {
    let answer = cloud.ok("s3", "GetObject", asked);
    String::from_utf8(STANDARD.decode(answer["Body"].as_str().unwrap()).unwrap()).unwrap()
}

fn versioning(cloud: &Probe, status: &str) {
    cloud.ok(
        "s3",
        "PutBucketVersioning",
        json!({"Bucket": BUCKET, "VersioningConfiguration": {"Status": status}}),
    );
}

fn texts(list: &Value, member: &str) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|item| item[member].as_str().unwrap().to_owned())
        .collect()
}
