//! What users of SNS rely on.

use crate::testing::Probe;
use serde_json::{Value, json};

fn topic(cloud: &Probe, name: &str) -> String {
    cloud.ok("sns", "CreateTopic", json!({"Name": name}))["TopicArn"].as_str().unwrap().to_owned()
}

fn attributes(cloud: &Probe, topic: &str) -> Value {
    cloud.ok("sns", "GetTopicAttributes", json!({"TopicArn": topic}))["Attributes"].clone()
}

#[test]
fn a_topic_is_made_once_and_answers_what_it_was_given() {
    let cloud = Probe::new();
    let asked = json!({
        "Name": "alerts", "Attributes": {"KmsMasterKeyId": "alias/a", "DisplayName": "Alerts"},
        "Tags": [{"Key": "a", "Value": "1"}],
    });
    let arn = cloud.ok("sns", "CreateTopic", asked.clone())["TopicArn"].clone();
    assert_eq!(arn, "arn:aws:sns:us-east-1:123456789012:alerts");
    assert_eq!(cloud.ok("sns", "CreateTopic", asked)["TopicArn"], arn);
    assert_eq!(topic(&cloud, "alerts"), arn);
    let all = attributes(&cloud, arn.as_str().unwrap());
    assert_eq!(
        (&all["KmsMasterKeyId"], &all["DisplayName"]),
        (&json!("alias/a"), &json!("Alerts"))
    );
    assert_eq!(
        (&all["Owner"], &all["SubscriptionsConfirmed"]),
        (&json!("123456789012"), &json!("0"))
    );
    let policy: Value = serde_json::from_str(all["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Resource"], arn);
    assert!(all["EffectiveDeliveryPolicy"].as_str().unwrap().contains("\"numRetries\":3"));
    let others = [
        json!({"Name": "alerts", "Attributes": {"DisplayName": "Other"}}),
        json!({"Name": "alerts", "Tags": [{"Key": "a", "Value": "2"}]}),
        json!({"Name": "no spaces"}),
        json!({"Name": "x", "Attributes": {"Nonsense": "1"}}),
        json!({"Name": "x.fifo"}),
    ];
    for other in others {
        assert_eq!(cloud.err("sns", "CreateTopic", other.clone()), "InvalidParameter", "{other}");
    }
}

#[test]
fn attributes_are_set_one_by_one_and_go_back_to_defaults() {
    let cloud = Probe::new();
    let arn = topic(&cloud, "a");
    let set = |name: &str, value: &str| json!({"TopicArn": arn, "AttributeName": name, "AttributeValue": value});
    let policy = |principal: &str, action: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": arn}]})
            .to_string()
    };
    let before = attributes(&cloud, &arn)["Policy"].clone();
    cloud.ok("sns", "SetTopicAttributes", set("Policy", &policy("*", "sns:Publish")));
    assert_eq!(attributes(&cloud, &arn)["Policy"], policy("*", "sns:Publish"));
    cloud.ok("sns", "SetTopicAttributes", set("Policy", ""));
    assert_eq!(attributes(&cloud, &arn)["Policy"], before);
    let refused = [
        ("Policy", policy("arn:aws:iam::123456789012:role/none", "sns:Publish")),
        ("Policy", policy("*", "s3:GetObject")),
        ("Policy", "{".to_owned()),
        ("Nonsense", "1".to_owned()),
        ("SignatureVersion", "3".to_owned()),
    ];
    for (name, value) in refused {
        assert_eq!(
            cloud.err("sns", "SetTopicAttributes", set(name, &value)),
            "InvalidParameter",
            "{name} {value}"
        );
    }
    cloud.ok("sns", "DeleteTopic", json!({"TopicArn": arn}));
    cloud.ok("sns", "DeleteTopic", json!({"TopicArn": arn}));
    assert_eq!(cloud.err("sns", "GetTopicAttributes", json!({"TopicArn": arn})), "NotFound");
    assert_eq!(
        cloud.err("sns", "GetTopicAttributes", json!({"TopicArn": "a"})),
        "InvalidParameter"
    );
}

#[test]
fn tags_are_changed_and_listed() {
    let cloud = Probe::new();
    let arn = topic(&cloud, "a");
    let tags = |key: &str| json!({"ResourceArn": arn, "Tags": [{"Key": key, "Value": "1"}]});
    cloud.ok("sns", "TagResource", tags("a"));
    cloud.ok("sns", "TagResource", tags("b"));
    cloud.ok("sns", "UntagResource", json!({"ResourceArn": arn, "TagKeys": ["a"]}));
    assert_eq!(
        cloud.ok("sns", "ListTagsForResource", json!({"ResourceArn": arn}))["Tags"],
        json!([{"Key": "b", "Value": "1"}])
    );
    assert_eq!(cloud.err("sns", "TagResource", tags("aws:x")), "InvalidParameter");
    assert_eq!(
        cloud.err("sns", "ListTagsForResource", json!({"ResourceArn": format!("{arn}x")})),
        "ResourceNotFound"
    );
}

#[test]
fn an_email_waits_for_its_reader_and_a_queue_does_not() {
    let cloud = Probe::new();
    let arn = topic(&cloud, "a");
    let to = |protocol: &str, endpoint: &str| json!({"TopicArn": arn, "Protocol": protocol, "Endpoint": endpoint});
    let email = to("email", "ops@example.com");
    assert_eq!(
        cloud.ok("sns", "Subscribe", email.clone())["SubscriptionArn"],
        "pending confirmation"
    );
    let mut with_arn = email.clone();
    with_arn["ReturnSubscriptionArn"] = json!(true);
    let pending = cloud.ok("sns", "Subscribe", with_arn)["SubscriptionArn"].clone();
    let queue = to("sqs", "arn:aws:sqs:us-east-1:123456789012:q");
    let confirmed = cloud.ok("sns", "Subscribe", queue.clone())["SubscriptionArn"].clone();
    assert_eq!(cloud.ok("sns", "Subscribe", queue)["SubscriptionArn"], confirmed);
    let of = |arn: &Value| {
        cloud.ok("sns", "GetSubscriptionAttributes", json!({"SubscriptionArn": arn}))["Attributes"]
            .clone()
    };
    assert_eq!(of(&pending)["PendingConfirmation"], "true");
    assert_eq!(of(&confirmed)["PendingConfirmation"], "false");
    let listed =
        cloud.ok("sns", "ListSubscriptionsByTopic", json!({"TopicArn": arn}))["Subscriptions"]
            .clone();
    let arns: Vec<&Value> =
        listed.as_array().unwrap().iter().map(|one| &one["SubscriptionArn"]).collect();
    assert!(arns.contains(&&json!("PendingConfirmation")) && arns.contains(&&confirmed));
    assert_eq!(
        cloud.err("sns", "Unsubscribe", json!({"SubscriptionArn": pending})),
        "InvalidParameter"
    );
    cloud.ok("sns", "Unsubscribe", json!({"SubscriptionArn": confirmed}));
    cloud.ok("sns", "Unsubscribe", json!({"SubscriptionArn": confirmed}));
    let counts = attributes(&cloud, &arn);
    assert_eq!(
        (&counts["SubscriptionsPending"], &counts["SubscriptionsDeleted"]),
        (&json!("1"), &json!("1"))
    );
    cloud.pass(49.0 * 3600.0);
    assert_eq!(
        cloud.err("sns", "GetSubscriptionAttributes", json!({"SubscriptionArn": pending})),
        "NotFound"
    );
    for (protocol, endpoint) in
        [("email", "nobody"), ("https", "http://x"), ("sqs", "q"), ("pigeon", "x")]
    {
        assert_eq!(
            cloud.err("sns", "Subscribe", to(protocol, endpoint)),
            "InvalidParameter",
            "{protocol}"
        );
    }
}

#[test]
fn a_subscription_is_confirmed_with_the_token_and_filtered() {
    let cloud = Probe::new();
    let arn = topic(&cloud, "a");
    let asked = json!({
        "TopicArn": arn, "Protocol": "https", "Endpoint": "https://example.com/hook", "ReturnSubscriptionArn": true,
        "Attributes": {"FilterPolicy": "{\"kind\":[\"a\"]}", "RawMessageDelivery": "true"},
    });
    let subscription = cloud.ok("sns", "Subscribe", asked.clone())["SubscriptionArn"].clone();
    let mut other = asked;
    other["Attributes"]["RawMessageDelivery"] = json!("false");
    assert_eq!(cloud.err("sns", "Subscribe", other), "InvalidParameter");
    let row = cloud.cloud.rows().into_iter().find(|row| row.table == "sns.subscription").unwrap();
    let confirm = |token: &Value| json!({"TopicArn": arn, "Token": token});
    assert_eq!(cloud.err("sns", "ConfirmSubscription", confirm(&json!("x"))), "InvalidParameter");
    assert_eq!(
        cloud.ok("sns", "ConfirmSubscription", confirm(&row.value["_token"]))["SubscriptionArn"],
        subscription
    );
    cloud.pass(49.0 * 3600.0);
    let all = cloud.ok(
        "sns",
        "GetSubscriptionAttributes",
        json!({"SubscriptionArn": subscription}),
    )["Attributes"]
        .clone();
    assert_eq!(
        (&all["PendingConfirmation"], &all["FilterPolicyScope"]),
        (&json!("false"), &json!("MessageAttributes"))
    );
    let unset = json!({"SubscriptionArn": subscription, "AttributeName": "FilterPolicy", "AttributeValue": "{}"});
    cloud.ok("sns", "SetSubscriptionAttributes", unset);
    let all = cloud.ok(
        "sns",
        "GetSubscriptionAttributes",
        json!({"SubscriptionArn": subscription}),
    )["Attributes"]
        .clone();
    assert_eq!(all.get("FilterPolicy"), None);
    cloud.ok("sns", "DeleteTopic", json!({"TopicArn": arn}));
    assert_eq!(cloud.ok("sns", "ListSubscriptions", json!({}))["Subscriptions"], json!([]));
}

/// The messages that were published, in order.
fn published(cloud: &Probe) -> Vec<Value> {
    cloud
        .cloud
        .rows()
        .into_iter()
        .filter(|row| row.table == "sns.message")
        .map(|row| row.value)
        .collect()
}

#[test]
fn what_is_published_is_kept() {
    let cloud = Probe::new();
    let arn = topic(&cloud, "a");
    let attributes = json!({"kind": {"DataType": "String", "StringValue": "x"}});
    let asked = json!({"TopicArn": arn, "Subject": "Hello", "Message": "there", "MessageAttributes": attributes});
    let id = cloud.ok("sns", "Publish", asked)["MessageId"].clone();
    let batch = json!([{"Id": "1", "Message": "one"}, {"Id": "2", "Message": ""}]);
    let answer = cloud.ok(
        "sns",
        "PublishBatch",
        json!({"TopicArn": arn, "PublishBatchRequestEntries": batch}),
    );
    assert_eq!(
        (&answer["Successful"][0]["Id"], &answer["Failed"][0]["Code"]),
        (&json!("1"), &json!("InvalidParameter"))
    );
    let all = published(&cloud);
    assert_eq!(
        (all.len(), &all[0]["MessageId"], &all[0]["MessageAttributes"]),
        (2, &id, &attributes)
    );
    assert_eq!((&all[0]["Subject"], &all[1]["Message"]), (&json!("Hello"), &json!("one")));
    let refused = [
        (json!({"TopicArn": format!("{arn}x"), "Message": "x"}), "NotFound"),
        (json!({"Message": "x"}), "InvalidParameter"),
        (json!({"TopicArn": arn, "Message": "x", "Subject": "two\nlines"}), "InvalidParameter"),
        (json!({"TopicArn": arn, "Message": "{}", "MessageStructure": "json"}), "InvalidParameter"),
        (
            json!({"TopicArn": arn, "Message": "x", "MessageDeduplicationId": "x"}),
            "InvalidParameter",
        ),
        (json!({"PhoneNumber": "+100", "Message": "x"}), "NotImplemented"),
    ];
    for (asked, code) in refused {
        assert_eq!(cloud.err("sns", "Publish", asked.clone()), code, "{asked}");
    }
}

#[test]
fn a_fifo_topic_takes_a_message_once() {
    let cloud = Probe::new();
    let asked = json!({"Name": "a.fifo", "Attributes": {"FifoTopic": "true", "ContentBasedDeduplication": "true"}});
    let arn = cloud.ok("sns", "CreateTopic", asked)["TopicArn"].clone();
    let message = json!({"TopicArn": arn, "Message": "x", "MessageGroupId": "g"});
    let first = cloud.ok("sns", "Publish", message.clone());
    assert_eq!(cloud.ok("sns", "Publish", message.clone()), first);
    cloud.pass(301.0);
    assert_ne!(cloud.ok("sns", "Publish", message)["MessageId"], first["MessageId"]);
    assert_eq!(
        cloud.err("sns", "Publish", json!({"TopicArn": arn, "Message": "x"})),
        "InvalidParameter"
    );
}

#[test]
fn a_topic_s_key_must_be_there() {
    let cloud = Probe::new();
    let key = cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    let asked = json!({"Name": "a", "Attributes": {"KmsMasterKeyId": key}});
    let arn = cloud.ok("sns", "CreateTopic", asked)["TopicArn"].clone();
    let message = json!({"TopicArn": arn, "Message": "x"});
    cloud.ok("sns", "Publish", message.clone());
    cloud.ok("kms", "DisableKey", json!({"KeyId": key}));
    assert_eq!(cloud.err("sns", "Publish", message), "KMSDisabled");
}

#[test]
fn permissions_are_statements_of_the_policy() {
    let cloud = Probe::new();
    let arn = topic(&cloud, "a");
    let add = json!({"TopicArn": arn, "Label": "l", "AWSAccountId": ["111122223333"], "ActionName": ["Publish"]});
    cloud.ok("sns", "AddPermission", add.clone());
    assert_eq!(cloud.err("sns", "AddPermission", add), "InvalidParameter");
    let policy: Value =
        serde_json::from_str(attributes(&cloud, &arn)["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["Statement"][1]["Action"], json!(["SNS:Publish"]));
    cloud.ok("sns", "RemovePermission", json!({"TopicArn": arn, "Label": "l"}));
    assert_eq!(
        cloud.err("sns", "RemovePermission", json!({"TopicArn": arn, "Label": "l"})),
        "InvalidParameter"
    );
}

#[test]
fn topics_are_listed_in_pages_and_may_protect_data() {
    let cloud = Probe::new();
    for number in 0..101 {
        cloud.ok("sns", "CreateTopic", json!({"Name": format!("t{number:03}")}));
    }
    let first = cloud.ok("sns", "ListTopics", json!({}));
    let rest = cloud.ok("sns", "ListTopics", json!({"NextToken": first["NextToken"]}));
    let arn = rest["Topics"][0]["TopicArn"].clone();
    assert_eq!(arn, "arn:aws:sns:us-east-1:123456789012:t100");
    let policy = r#"{"Name":"p","Version":"2021-06-01","Statement":[]}"#;
    cloud.ok(
        "sns",
        "PutDataProtectionPolicy",
        json!({"ResourceArn": arn, "DataProtectionPolicy": policy}),
    );
    let found = cloud.ok("sns", "GetDataProtectionPolicy", json!({"ResourceArn": arn}));
    assert_eq!(found["DataProtectionPolicy"], policy);
    let bad = json!({"ResourceArn": arn, "DataProtectionPolicy": "{"});
    assert_eq!(cloud.err("sns", "PutDataProtectionPolicy", bad), "InvalidParameter");
}
