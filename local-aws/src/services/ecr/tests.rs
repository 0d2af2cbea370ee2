//! What users of ECR rely on.

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

const MANIFEST: &str = r#"{"schemaVersion": 2, "config": {"size": 10}, "layers": [{"size": 90}]}"#;

fn repository(cloud: &Probe, more: Value) -> Value {
    let mut input = json!({"repositoryName": "shop/web"});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    cloud.ok("ecr", "CreateRepository", input)["repository"].clone()
}

fn put(cloud: &Probe, manifest: &str, tag: &str) -> Value {
    let input = json!({"repositoryName": "shop/web", "imageManifest": manifest, "imageTag": tag});
    cloud.ok("ecr", "PutImage", input)["image"].clone()
}

#[test]
fn a_tag_leads_to_a_digest_and_moves_with_the_newest_image() {
    let cloud = Probe::new();
    let made = repository(&cloud, json!({"imageScanningConfiguration": {"scanOnPush": true}}));
    assert_eq!(made.text("repositoryUri"), "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web");
    let first = put(&cloud, MANIFEST, "1");
    let second = put(&cloud, "{}", "1");
    let ids = json!([{"imageTag": "1"}, {"imageTag": "2"}]);
    let got =
        cloud.ok("ecr", "BatchGetImage", json!({"repositoryName": "shop/web", "imageIds": ids}));
    assert_eq!(got["images"][0]["imageId"], second["imageId"]);
    assert_eq!(got["images"][0]["imageManifest"], "{}");
    assert_eq!(got["failures"][0]["failureCode"], "ImageNotFound");
    let all = cloud.ok(
        "ecr",
        "DescribeImages",
        json!({"repositoryName": "shop/web", "filter": {"tagStatus": "UNTAGGED"}}),
    );
    assert_eq!(all["imageDetails"][0]["imageDigest"], first["imageId"]["imageDigest"]);
    assert_eq!(all["imageDetails"][0]["imageSizeInBytes"], 100);
    let again = json!({"repositoryName": "shop/web", "imageManifest": "{}", "imageTag": "1"});
    assert_eq!(cloud.err("ecr", "PutImage", again), "ImageAlreadyExistsException");
}

#[test]
fn an_immutable_tag_stays_where_it_is() {
    let cloud = Probe::new();
    repository(&cloud, json!({"imageTagMutability": "IMMUTABLE"}));
    put(&cloud, MANIFEST, "1");
    let other = json!({"repositoryName": "shop/web", "imageManifest": "{}", "imageTag": "1"});
    assert_eq!(cloud.err("ecr", "PutImage", other.clone()), "ImageTagAlreadyExistsException");
    let mutable = json!({"repositoryName": "shop/web", "imageTagMutability": "MUTABLE"});
    cloud.ok("ecr", "PutImageTagMutability", mutable);
    cloud.ok("ecr", "PutImage", other);
}

#[test]
fn a_repository_goes_when_it_is_empty_or_by_force() {
    let cloud = Probe::new();
    repository(&cloud, json!({}));
    put(&cloud, MANIFEST, "1");
    let name = json!({"repositoryName": "shop/web"});
    assert_eq!(cloud.err("ecr", "DeleteRepository", name.clone()), "RepositoryNotEmptyException");
    let ids = json!({"repositoryName": "shop/web", "imageIds": [{"imageTag": "1"}]});
    let gone = cloud.ok("ecr", "BatchDeleteImage", ids);
    assert_eq!(gone.items("imageIds").len(), 1);
    put(&cloud, MANIFEST, "2");
    cloud.ok("ecr", "DeleteRepository", json!({"repositoryName": "shop/web", "force": true}));
    assert_eq!(cloud.err("ecr", "DescribeImages", name), "RepositoryNotFoundException");
}

#[test]
fn policies_and_tags_are_kept() {
    let cloud = Probe::new();
    let made = repository(&cloud, json!({"tags": [{"Key": "a", "Value": "b"}]}));
    let name = json!({"repositoryName": "shop/web"});
    assert_eq!(
        cloud.err("ecr", "GetLifecyclePolicy", name.clone()),
        "LifecyclePolicyNotFoundException"
    );
    let rule = json!({
        "rulePriority": 1, "description": "the newest ten", "action": {"type": "expire"},
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
    });
    let text = json!({"rules": [rule]}).to_string();
    let put = json!({"repositoryName": "shop/web", "lifecyclePolicyText": text});
    cloud.ok("ecr", "PutLifecyclePolicy", put);
    assert_eq!(
        cloud.ok("ecr", "GetLifecyclePolicy", name.clone()).text("lifecyclePolicyText"),
        text
    );
    assert_eq!(
        cloud.err("ecr", "GetRepositoryPolicy", name.clone()),
        "RepositoryPolicyNotFoundException"
    );
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"},
    ]});
    let set = json!({"repositoryName": "shop/web", "policyText": policy.to_string()});
    cloud.ok("ecr", "SetRepositoryPolicy", set);
    assert_eq!(cloud.ok("ecr", "GetRepositoryPolicy", name).text("policyText"), policy.to_string());
    let arn = made["repositoryArn"].clone();
    cloud.ok(
        "ecr",
        "TagResource",
        json!({"resourceArn": arn, "tags": [{"Key": "c", "Value": "d"}]}),
    );
    cloud.ok("ecr", "UntagResource", json!({"resourceArn": arn, "tagKeys": ["a"]}));
    let tags = cloud.ok("ecr", "ListTagsForResource", json!({"resourceArn": arn}));
    assert_eq!(tags["tags"], json!([{"Key": "c", "Value": "d"}]));
}
