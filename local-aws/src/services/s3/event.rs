//! Events of buckets, published to topics: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use super::bucket;
use super::list::ENCODED;
use crate::call::Call;
use crate::fields::Fields;
use crate::filter;
use crate::model::TimestampFormat;
use crate::protocol::timestamp;
use crate::services::sns::{self, Publisher};
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

const SUBJECT: &str = "Amazon S3 Notification";

fn publisher(source: &str) -> Publisher<'_> {
    Publisher { service: "s3.amazonaws.com", source, for_owner: false }
}

fn time(call: &Call) -> String {
    timestamp(call.now(), TimestampFormat::Iso8601)
}

/// Whether a topic takes the test event that announces a bucket's events.
pub(super) fn announce(call: &mut Call, topic: &str, bucket: &str) -> bool {
    let source = format!("arn:aws:s3:::{bucket}");
    let message = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": time(call), "Bucket": bucket});
    sns::publish_for(call, publisher(&source), topic, SUBJECT, &message.to_string()).is_ok()
}

/// Publishes what happened to an object (`ObjectCreated:Put`, ...) to the topics that the bucket's settings name.
pub(super) fn notify(call: &mut Call, bucket: &Value, event: &str, key: &str, object: &Value) {
    let configurations = bucket["_notification"].items("TopicConfigurations");
    let source = bucket.text("_arn");
    for configuration in configurations.iter().filter(|one| wants(one, event, key)) {
        let record = record(call, bucket, configuration, (event, key), object);
        let message = json!({"Records": [record]}).to_string();
        // A topic that no longer lets S3 in misses the event, as it would on AWS.
        let _missed = sns::publish_for(
            call,
            publisher(source),
            configuration.text("TopicArn"),
            SUBJECT,
            &message,
        );
    }
}

fn wants(configuration: &Value, event: &str, key: &str) -> bool {
    let named = configuration
        .texts("Events")
        .iter()
        .any(|pattern| filter::like(pattern, &format!("s3:{event}")));
    let rules = configuration["Filter"]["Key"].items("FilterRules");
    named
        && rules.iter().all(|rule| match rule.text("Name").to_ascii_lowercase().as_str() {
            "prefix" => key.starts_with(rule.text("Value")),
            _ => key.ends_with(rule.text("Value")),
        })
}

fn record(
    call: &mut Call,
    bucket: &Value,
    configuration: &Value,
    (event, key): (&str, &str),
    object: &Value,
) -> Value {
    let sequencer = format!("{:016X}", call.count("s3.sequencer"));
    let mut about = json!({
        "key": utf8_percent_encode(key, ENCODED).to_string(), "sequencer": sequencer,
    });
    for (name, value) in
        object.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null())
    {
        about[name] = value.clone();
    }
    json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": bucket["_region"], "eventTime": time(call),
        "eventName": event, "userIdentity": {"principalId": bucket::owner()["ID"]},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": configuration["Id"],
            "bucket": {"name": bucket["Name"], "ownerIdentity": {"principalId": bucket::owner()["ID"]}, "arn": bucket["_arn"]},
            "object": about,
        },
    })
}
