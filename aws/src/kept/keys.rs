//! The KMS keys that encrypt what is kept.

use globecart_engine::{CallResult, Class};

use super::Sort;
use crate::Aws;
use crate::kms::key;
use crate::tags::{KEPT, STACK};

/// Enabled keys, removed by scheduling their deletion for the longest time.
pub(super) const KEYS: Sort = Sort {
    what: "KMS key",
    find: |aws, stack| Box::pin(find(aws, stack)),
    remove: |aws, arn| Box::pin(remove(aws, arn)),
};

/// The days for which a mistake can be undone.
const DAYS: u8 = 30;

async fn find(aws: &Aws, stack: &str) -> CallResult<Vec<String>> {
    let kept = |tags: &globecart_engine::Tags| {
        tags.contains_key(KEPT) && tags.get(STACK).is_some_and(|of| of == stack)
    };
    let keys = key::tagged(aws, kept).await?;
    Ok(keys.into_iter().filter_map(|key| key.arn).collect())
}

async fn remove(aws: &Aws, arn: &str) -> CallResult<()> {
    match key::schedule_deletion(aws, arn, DAYS).await {
        Err(error)
            if error.class == Class::NotFound || error.message.contains("pending deletion") =>
        {
            Ok(())
        }
        done => done,
    }
}
