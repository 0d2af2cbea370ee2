//! A bucket's settings: each has a call of its own to write it, and one to read it.

use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging,
    VersioningConfiguration,
};
use globecart_engine::{CallResult, Tags};

use super::bucket::{Bucket, BucketOutputs, only_tls};
use super::built;
use super::lifecycle::{LifecycleRule, configuration};
use crate::policy::{PolicyDocument, Statement};
use crate::{Aws, Doing, KeyArn, absent_is_none};

/// Writes all settings that differ from those of `old`, or all.
pub(super) async fn write(
    bucket: &Bucket,
    aws: &Aws,
    of: &BucketOutputs,
    old: Option<&Bucket>,
) -> CallResult<()> {
    let (name, owner) = (of.name.as_str(), aws.place().account.as_str());
    let differs = |same: fn(&Bucket, &Bucket) -> bool| old.is_none_or(|old| !same(old, bucket));
    if differs(|old, new| old.public_access_blocked == new.public_access_blocked) {
        let block = PublicAccessBlockConfiguration::builder();
        let block = block.block_public_acls(true).ignore_public_acls(true);
        let block = block.block_public_policy(true).restrict_public_buckets(true).build();
        let call = aws.s3().put_public_access_block().bucket(name).expected_bucket_owner(owner);
        call.public_access_block_configuration(block)
            .send()
            .await
            .doing("blocking public access to the bucket")?;
    }
    if differs(|old, new| old.acls_disabled == new.acls_disabled) {
        let rule =
            OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced);
        let controls = built(OwnershipControls::builder().rules(built(rule.build())?).build())?;
        let call =
            aws.s3().put_bucket_ownership_controls().bucket(name).expected_bucket_owner(owner);
        call.ownership_controls(controls)
            .send()
            .await
            .doing("switching off the bucket's access lists")?;
    }
    if differs(|old, new| old.kms_key == new.kms_key) {
        let call = aws.s3().put_bucket_encryption().bucket(name).expected_bucket_owner(owner);
        let call = call.server_side_encryption_configuration(encryption(bucket)?);
        call.send().await.doing("setting the bucket's encryption")?;
    }
    if differs(|old, new| old.versioning == new.versioning) {
        let on = bucket.versioning;
        let status =
            if on { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
        let versioning = VersioningConfiguration::builder().status(status).build();
        let call = aws.s3().put_bucket_versioning().bucket(name).expected_bucket_owner(owner);
        call.versioning_configuration(versioning)
            .send()
            .await
            .doing("setting the bucket's versioning")?;
    }
    if differs(|old, new| old.lifecycle == new.lifecycle) {
        write_lifecycle(&bucket.lifecycle, aws, name).await?;
    }
    if differs(|old, new| old.access == new.access && old.only_tls == new.only_tls) {
        let call = aws.s3().put_bucket_policy().bucket(name).expected_bucket_owner(owner);
        call.policy(bucket.policy(of).to_json())
            .send()
            .await
            .doing("setting the bucket's policy")?;
    }
    Ok(())
}

fn encryption(bucket: &Bucket) -> CallResult<ServerSideEncryptionConfiguration> {
    let by_default = ServerSideEncryptionByDefault::builder();
    let by_default = match &bucket.kms_key {
        None => by_default.sse_algorithm(ServerSideEncryption::Aes256),
        Some(key) => by_default
            .sse_algorithm(ServerSideEncryption::AwsKms)
            .kms_master_key_id(key.known().as_str()),
    };
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(built(by_default.build())?)
        .set_bucket_key_enabled(bucket.kms_key.is_some().then_some(true));
    built(ServerSideEncryptionConfiguration::builder().rules(rule.build()).build())
}

async fn write_lifecycle(rules: &[LifecycleRule], aws: &Aws, name: &str) -> CallResult<()> {
    let (doing, owner) = ("setting the bucket's lifecycle rules", aws.place().account.as_str());
    if rules.is_empty() {
        let call = aws.s3().delete_bucket_lifecycle().bucket(name).expected_bucket_owner(owner);
        return call.send().await.map(|_| ()).doing(doing);
    }
    let call =
        aws.s3().put_bucket_lifecycle_configuration().bucket(name).expected_bucket_owner(owner);
    call.lifecycle_configuration(configuration(rules)?).send().await.map(|_| ()).doing(doing)
}

/// The settings as they are; what S3 never tells is copied from `was`.
pub(super) async fn read(was: &Bucket, aws: &Aws, of: &BucketOutputs) -> CallResult<Bucket> {
    let (s3, name, owner) = (aws.s3(), of.name.as_str(), aws.place().account.as_str());
    let block = s3.get_public_access_block().bucket(name).expected_bucket_owner(owner).send().await;
    let block = absent_is_none(block.doing("reading whether the bucket blocks public access"))?;
    let block = block.and_then(|answer| answer.public_access_block_configuration);
    let all = |block: &PublicAccessBlockConfiguration| {
        let parts = [block.block_public_acls, block.ignore_public_acls];
        let more = [block.block_public_policy, block.restrict_public_buckets];
        parts.into_iter().chain(more).all(|on| on == Some(true))
    };
    let controls =
        s3.get_bucket_ownership_controls().bucket(name).expected_bucket_owner(owner).send().await;
    let controls = absent_is_none(controls.doing("reading the bucket's ownership controls"))?;
    let controls = controls.and_then(|answer| answer.ownership_controls);
    let enforced = |rule: &OwnershipControlsRule| {
        *rule.object_ownership() == ObjectOwnership::BucketOwnerEnforced
    };
    let versioning =
        s3.get_bucket_versioning().bucket(name).expected_bucket_owner(owner).send().await;
    let versioning = versioning.doing("reading the bucket's versioning")?.status;
    let (access, only_tls) = read_access(was, aws, of).await?;
    Ok(Bucket {
        kms_key: read_key(aws, name).await?.map(Into::into),
        versioning: versioning == Some(BucketVersioningStatus::Enabled),
        lifecycle: read_lifecycle(aws, name).await?,
        access,
        only_tls,
        force_empty: was.force_empty,
        public_access_blocked: block.as_ref().is_some_and(all),
        acls_disabled: controls.is_some_and(|controls| controls.rules().iter().any(enforced)),
    })
}

async fn read_key(aws: &Aws, name: &str) -> CallResult<Option<KeyArn>> {
    let owner = aws.place().account.as_str();
    let answer =
        aws.s3().get_bucket_encryption().bucket(name).expected_bucket_owner(owner).send().await;
    let answer = absent_is_none(answer.doing("reading the bucket's encryption"))?;
    let rules =
        answer.and_then(|answer| answer.server_side_encryption_configuration).map(|it| it.rules);
    let key = rules.unwrap_or_default().into_iter().find_map(|rule| {
        rule.apply_server_side_encryption_by_default
            .and_then(|by_default| by_default.kms_master_key_id)
    });
    Ok(key.map(KeyArn::new))
}

async fn read_lifecycle(aws: &Aws, name: &str) -> CallResult<Vec<LifecycleRule>> {
    let call = aws.s3().get_bucket_lifecycle_configuration().bucket(name);
    let answer = call.expected_bucket_owner(aws.place().account.as_str()).send().await;
    let answer = absent_is_none(answer.doing("reading the bucket's lifecycle rules"))?;
    let rules = answer.and_then(|answer| answer.rules).unwrap_or_default();
    Ok(rules.iter().map(LifecycleRule::described).collect())
}

/// What the policy says, and whether it also refuses plain HTTP.
async fn read_access(
    was: &Bucket,
    aws: &Aws,
    of: &BucketOutputs,
) -> CallResult<(PolicyDocument, bool)> {
    let call = aws.s3().get_bucket_policy().bucket(of.name.as_str());
    let answer = call.expected_bucket_owner(aws.place().account.as_str()).send().await;
    let answer = absent_is_none(answer.doing("reading the bucket's policy"))?;
    let live = match answer.and_then(|answer| answer.policy) {
        Some(text) => PolicyDocument::parse(&text)?,
        None => PolicyDocument::new([]),
    };
    let tls = only_tls().within(of.arn.as_str());
    let (tls, others): (Vec<Statement>, _) =
        live.statements().iter().cloned().partition(|statement| statement.same_as(&tls));
    let others = PolicyDocument::new(others);
    let declared = was.access.statements().iter().map(|it| it.clone().within(of.arn.as_str()));
    let access =
        if others.same_as(&PolicyDocument::new(declared)) { was.access.clone() } else { others };
    Ok((access, !tls.is_empty()))
}

/// The bucket's tags, or `None` if there is no such bucket.
pub(super) async fn read_tags(aws: &Aws, name: &str) -> CallResult<Option<Tags>> {
    let call = aws.s3().get_bucket_tagging().bucket(name);
    let answer = call.expected_bucket_owner(aws.place().account.as_str()).send().await;
    match answer.doing("reading the bucket's tags") {
        Ok(answer) => {
            Ok(Some(answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect()))
        }
        Err(error) if error.code.as_deref() == Some("NoSuchTagSet") => Ok(Some(Tags::new())),
        other => absent_is_none(other).map(|_| None),
    }
}

/// Replaces the whole set, as S3 does.
pub(super) async fn write_tags(aws: &Aws, name: &str, tags: &Tags) -> CallResult<()> {
    let tagging = built(Tagging::builder().set_tag_set(Some(sdk_tags(tags)?)).build())?;
    let call = aws.s3().put_bucket_tagging().bucket(name).tagging(tagging);
    let call = call.expected_bucket_owner(aws.place().account.as_str());
    call.send().await.map(|_| ()).doing("setting the bucket's tags")
}

pub(super) fn sdk_tags(tags: &Tags) -> CallResult<Vec<Tag>> {
    tags.iter().map(|(key, value)| built(Tag::builder().key(key).value(value).build())).collect()
}
