//! The statements by which AWS services use what a stack owns.

use globecart_engine::{Input, Place};

use super::Statement;

const USE_KEY: [&str; 3] = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"];

impl Statement {
    /// The account's own identities may do with a key what their IAM policies say: without this statement a
    /// key can become nobody's.
    pub fn account_administers(place: &Place) -> Self {
        let root = format!("arn:{}:iam::{}:root", place.partition, place.account);
        Self::allow(["kms:*"]).sid("Account").identity(root).on_any()
    }

    /// Nobody may do anything in the clear, without TLS; to be limited to what the policy hangs on.
    pub fn refuse_plain_http(actions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::deny(actions).sid("OnlyTls").anybody().when("Bool", "aws:SecureTransport", "false")
    }

    /// CloudWatch Logs may encrypt with a key, for the log groups of this account whose ARN is like `log_groups`,
    /// such as [`LogGroup::pattern`](crate::logs::LogGroup::pattern).
    ///
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
    pub fn logs_may_use(place: &Place, log_groups: impl Into<Input<String>>) -> Self {
        let actions = [
            "kms:Encrypt*",
            "kms:Decrypt*",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:Describe*",
        ];
        Self::allow(actions).service(format!("logs.{}.amazonaws.com", place.region)).on_any().when(
            "ArnLike",
            "kms:EncryptionContext:aws:logs:arn",
            log_groups,
        )
    }

    /// A service may use a key, for this account's resource `source`: an ARN, which may contain `*`.
    pub fn service_may_use(service: &str, place: &Place, source: impl Into<Input<String>>) -> Self {
        Self::allow(USE_KEY).service(service).on_any().from_account(place).from_source(source)
    }

    /// Identities of this account may use a key through a service that acts for them, such as `rds`, and let it keep
    /// grants for its own resources; what they may do with the service, their own policies say. Used in any other
    /// way, the key is closed to them.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>
    pub fn used_through(service: &str, place: &Place) -> [Self; 2] {
        let through = |actions: &[&str]| {
            Self::allow(actions.iter().copied())
                .anybody()
                .on_any()
                .when("StringEquals", "kms:CallerAccount", place.account.as_str())
                .when(
                    "StringEquals",
                    "kms:ViaService",
                    format!("{service}.{}.amazonaws.com", place.region),
                )
        };
        let grants = through(&["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]);
        [
            through(&[
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
            ]),
            grants.when("Bool", "kms:GrantIsForAWSResource", "true"),
        ]
    }

    /// CloudWatch may encrypt, for this account's alarms: what a topic's key must allow, or its alarms are lost.
    pub fn alarms_may_use(place: &Place) -> Self {
        Self::service_may_use("cloudwatch.amazonaws.com", place, alarms(place))
    }

    /// This account's alarms may publish to a topic.
    pub fn alarms_may_publish(place: &Place) -> Self {
        Self::service_may_publish("cloudwatch.amazonaws.com", place, alarms(place))
    }

    /// A service may publish to a topic, for this account's resource `source`: an ARN, which may contain `*`.
    pub fn service_may_publish(
        service: &str,
        place: &Place,
        source: impl Into<Input<String>>,
    ) -> Self {
        Self::allow(["sns:Publish"]).service(service).from_account(place).from_source(source)
    }
}

fn alarms(place: &Place) -> String {
    format!("arn:{}:cloudwatch:{}:{}:alarm:*", place.partition, place.region, place.account)
}
