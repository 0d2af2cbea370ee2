use super::{BUCKET, cloud, of, put};
use serde_json::{Value, json};

#[test]
fn events_are_published_to_topics_that_let_s3_in() {
    let cloud = cloud();
    let topic = cloud.ok("sns", "CreateTopic", json!({"Name": "a"}))["TopicArn"].clone();
    let rules = json!([{"Name": "prefix", "Value": "in/"}]);
    let wanted = json!({"TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": rules}}});
    let configure =
        json!({"Bucket": BUCKET, "NotificationConfiguration": {"TopicConfigurations": [wanted]}});
    assert_eq!(
        cloud.err("s3", "PutBucketNotificationConfiguration", configure.clone()),
        "InvalidArgument"
    );
    let statement = json!({
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic,
        "Condition": {"ArnLike": {"aws:SourceArn": format!("arn:aws:s3:::{BUCKET}")}},
    });
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    cloud.ok(
        "sns",
        "SetTopicAttributes",
        json!({"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy}),
    );
    cloud.ok("s3", "PutBucketNotificationConfiguration", configure);
    put(&cloud, "in/a", "x");
    put(&cloud, "out/a", "x");
    cloud.ok("s3", "DeleteObject", of("in/a", json!({})));
    let rows = cloud.cloud.rows().into_iter().filter(|row| row.table == "sns.message");
    let messages: Vec<Value> = rows
        .map(|row| serde_json::from_str(row.value["Message"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!((messages.len(), &messages[0]["Event"]), (2, &json!("s3:TestEvent")));
    let record = &messages[1]["Records"][0];
    assert_eq!(
        (&record["eventName"], &record["s3"]["object"]["key"]),
        (&json!("ObjectCreated:Put"), &json!("in/a"))
    );
}
