//! The tables that services read of one another, and what their rows promise.
//!
//! A row has the members that its service describes, by the model's names, and further ones that start with `_`. A row
//! that is a resource with an ARN has it in `_arn`, and its tags in `Tags` as a list of `Key` and `Value`, whatever the
//! service itself calls them: so the tagging API and fault rules work on every table.

use crate::store::Table;

/// IAM roles by name: a `Role` (its `AssumeRolePolicyDocument` in plain JSON text) with `_usable_at`, the time from which other services accept it.
pub(crate) const IAM_ROLE: Table = Table::global("iam.role");

/// KMS keys by id: a `KeyMetadata` with `_policy`.
pub(crate) const KMS_KEY: Table = Table::regional("kms.key");

/// KMS aliases by full name (`alias/x`): an `AliasListEntry`.
pub(crate) const KMS_ALIAS: Table = Table::regional("kms.alias");

/// Log groups by name: a `LogGroup`.
pub(crate) const LOG_GROUP: Table = Table::regional("logs.log_group");

/// SNS topics by ARN: member `TopicArn`.
pub(crate) const SNS_TOPIC: Table = Table::regional("sns.topic");

/// S3 buckets by name, of all regions: member `_region`.
pub(crate) const S3_BUCKET: Table = Table::global("s3.bucket");
