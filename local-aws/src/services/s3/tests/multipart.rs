use super::{BUCKET, body, cloud, of, texts};
use crate::testing::Probe;
use serde_json::{Value, json};

const PART: usize = 5 * 1024 * 1024;

fn begin(cloud: &Probe, members: Value) -> Value {
    cloud.ok("s3", "CreateMultipartUpload", of("big", members))["UploadId"].clone()
}

fn upload(cloud: &Probe, id: &Value, number: u32, text: &str) -> Value {
    let answer = cloud.ok(
        "s3",
        "UploadPart",
        of("big", json!({"UploadId": id, "PartNumber": number, "Body": body(text)})),
    );
    json!({"PartNumber": number, "ETag": answer["ETag"]})
}

fn complete(id: &Value, parts: Value) -> Value {
    of("big", json!({"UploadId": id, "MultipartUpload": {"Parts": parts}}))
}

#[test]
fn parts_become_one_object() {
    let cloud = cloud();
    let id = begin(&cloud, json!({"ContentType": "text/plain", "ChecksumAlgorithm": "CRC32"}));
    let (first, last) = (upload(&cloud, &id, 1, &"a".repeat(PART)), upload(&cloud, &id, 3, "end"));
    let listed = cloud.ok("s3", "ListParts", of("big", json!({"UploadId": id})));
    assert_eq!(listed["Parts"].as_array().unwrap().len(), 2);
    let uploads = cloud.ok("s3", "ListMultipartUploads", json!({"Bucket": BUCKET}));
    assert_eq!(texts(&uploads["Uploads"], "Key"), ["big"]);
    let answer = cloud.ok("s3", "CompleteMultipartUpload", complete(&id, json!([first, last])));
    assert!(answer["ETag"].as_str().unwrap().ends_with("-2\""));
    assert!(answer["ChecksumCRC32"].as_str().unwrap().ends_with("-2"));
    let head = cloud.ok("s3", "HeadObject", of("big", json!({"PartNumber": 2})));
    assert_eq!(
        (&head["ContentLength"], &head["PartsCount"], &head["ContentType"]),
        (&json!(3), &json!(2), &json!("text/plain"))
    );
    let tail = cloud.ok("s3", "GetObject", of("big", json!({"Range": "bytes=-4"})));
    assert_eq!(tail["Body"], body("aend"));
    assert_eq!(cloud.err("s3", "ListParts", of("big", json!({"UploadId": id}))), "NoSuchUpload");
}

#[test]
fn parts_must_be_known_in_order_and_large() {
    let cloud = cloud();
    let id = begin(&cloud, json!({}));
    let (first, second) = (upload(&cloud, &id, 1, "small"), upload(&cloud, &id, 2, "small"));
    let unknown = json!({"PartNumber": 3, "ETag": "\"0\""});
    let refused = [
        (json!([second, first]), "InvalidPartOrder"),
        (json!([first, unknown]), "InvalidPart"),
        (json!([first, second]), "EntityTooSmall"),
    ];
    for (parts, code) in refused {
        assert_eq!(cloud.err("s3", "CompleteMultipartUpload", complete(&id, parts)), code);
    }
    cloud.ok("s3", "AbortMultipartUpload", of("big", json!({"UploadId": id})));
    assert_eq!(
        cloud.err("s3", "AbortMultipartUpload", of("big", json!({"UploadId": id}))),
        "NoSuchUpload"
    );
    cloud.ok("s3", "DeleteBucket", json!({"Bucket": BUCKET}));
}
