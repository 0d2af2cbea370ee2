use super::{BUCKET, cloud, put, texts, versioning};
use serde_json::{Value, json};

fn ask(members: Value) -> Value {
    let mut all = json!({"Bucket": BUCKET});
    members.as_object().unwrap().iter().for_each(|(name, value)| all[name] = value.clone());
    all
}

fn keys(answer: &Value) -> (Vec<String>, Vec<String>) {
    (texts(&answer["Contents"], "Key"), texts(&answer["CommonPrefixes"], "Prefix"))
}

#[test]
fn prefix_and_delimiter_make_folders() {
    let cloud = cloud();
    for key in ["a/1", "a/2", "b", "c/d/e", "c/f"] {
        put(&cloud, key, "x");
    }
    let list = |members: Value| keys(&cloud.ok("s3", "ListObjectsV2", ask(members)));
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    assert_eq!(list(json!({})), (own(&["a/1", "a/2", "b", "c/d/e", "c/f"]), own(&[])));
    assert_eq!(list(json!({"Delimiter": "/"})), (own(&["b"]), own(&["a/", "c/"])));
    assert_eq!(list(json!({"Prefix": "c/", "Delimiter": "/"})), (own(&["c/f"]), own(&["c/d/"])));
    assert_eq!(list(json!({"StartAfter": "b"})), (own(&["c/d/e", "c/f"]), own(&[])));
    assert_eq!(list(json!({"Prefix": "none"})), (own(&[]), own(&[])));
}

/// All keys and prefixes of a listing, in order, page by page.
fn walk(mut next: impl FnMut(Option<&Value>) -> (Value, Option<Value>)) -> Vec<String> {
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let (answer, following) = next(token.as_ref());
        let (keys, prefixes) = keys(&answer);
        all.extend(keys.into_iter().chain(prefixes));
        assert_eq!(answer["IsTruncated"] == true, following.is_some());
        token = following;
        if token.is_none() {
            all.sort();
            return all;
        }
    }
}

#[test]
fn pages_miss_nothing_and_repeat_nothing() {
    let cloud = cloud();
    for key in ["a/1", "a/2", "b", "c/1", "c/2", "d e", "f"] {
        put(&cloud, key, "x");
    }
    for size in 1..4 {
        let second = walk(|token| {
            let answer = cloud.ok("s3", "ListObjectsV2", ask(json!({"Delimiter": "/", "MaxKeys": size, "ContinuationToken": token.cloned().unwrap_or(json!(""))})));
            let next = answer.get("NextContinuationToken").cloned();
            (answer, next)
        });
        assert_eq!(second, ["a/", "b", "c/", "d e", "f"], "pages of {size}");
        let first = walk(|marker| {
            let answer = cloud.ok("s3", "ListObjects", ask(json!({"Delimiter": "/", "MaxKeys": size, "Marker": marker.cloned().unwrap_or(json!(""))})));
            let next = answer.get("NextMarker").cloned();
            (answer, next)
        });
        assert_eq!(first, second, "pages of {size}");
    }
    let encoded =
        cloud.ok("s3", "ListObjectsV2", ask(json!({"Prefix": "d", "EncodingType": "url"})));
    assert_eq!(encoded["Contents"][0]["Key"], "d%20e");
}

#[test]
fn pages_of_versions_go_on_within_a_key() {
    let cloud = cloud();
    versioning(&cloud, "Enabled");
    let mut wanted = Vec::new();
    for key in ["a", "b"] {
        let mut ids: Vec<String> = (0..3)
            .map(|_| put(&cloud, key, "x")["VersionId"].as_str().unwrap().to_owned())
            .collect();
        ids.reverse();
        wanted.extend(ids);
    }
    let (mut seen, mut from) = (Vec::new(), json!({"MaxKeys": 2}));
    loop {
        let answer = cloud.ok("s3", "ListObjectVersions", ask(from));
        seen.extend(texts(&answer["Versions"], "VersionId"));
        if answer["IsTruncated"] != true {
            break;
        }
        from = json!({"MaxKeys": 2, "KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]});
    }
    assert_eq!(seen, wanted);
}
