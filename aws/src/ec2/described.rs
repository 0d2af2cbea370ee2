//! Resource types that EC2 names by id, tags, and describes by filter.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, Tag};
use globecart_engine::{CallResult, Intent, Live, Recorded, Resource};

use super::{FILTER_VALUES, filter, made_by};
use crate::Aws;
use crate::tags::{self, KEPT};

/// A resource type that EC2 names by id and describes by filter.
pub trait Described: Resource<Aws> {
    /// What EC2 answers of one.
    type Description: Send + Sync;

    /// The filter that takes ids, as in `vpc-id`.
    const ID: &'static str;

    /// All that these filters let through, every page.
    fn described(
        aws: &Aws,
        filters: Vec<Filter>,
    ) -> impl Future<Output = CallResult<Vec<Self::Description>>> + Send;

    /// The id of one.
    fn id(of: &Self::Description) -> Option<&str>;

    /// The tags of one.
    fn tags(of: &Self::Description) -> &[Tag];

    /// Whether one is on its way out, although EC2 still describes it. Default: no.
    fn is_going(of: &Self::Description) -> bool {
        let _ = of;
        false
    }
}

/// What EC2 describes under these ids, by id; a call for each [`FILTER_VALUES`] of them, and its pages.
pub async fn by_id<R: Described>(
    aws: &Aws,
    ids: impl IntoIterator<Item = &str>,
) -> CallResult<BTreeMap<String, R::Description>> {
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let mut found = BTreeMap::new();
    for page in ids.chunks(FILTER_VALUES) {
        let some = R::described(aws, vec![filter(R::ID, page.iter().copied())]).await?;
        found.extend(some.into_iter().filter_map(|one| Some((R::id(&one)?.to_owned(), one))));
    }
    Ok(found)
}

/// Reads resources, given where their outputs have the id and what a description says of one.
pub async fn read<R: Described>(
    aws: &Aws,
    wanted: &[Recorded<R, R::Outputs>],
    id: impl Fn(&R::Outputs) -> &str + Send,
    live: impl Fn(&Recorded<R, R::Outputs>, &R::Description) -> Live<R, R::Outputs> + Send,
) -> CallResult<Vec<Live<R, R::Outputs>>> {
    let found = by_id::<R>(aws, wanted.iter().map(|was| id(&was.outputs))).await?;
    let one = |was: &Recorded<R, R::Outputs>| {
        found.get(id(&was.outputs)).map_or(Live::Absent, |described| live(was, described))
    };
    Ok(wanted.iter().map(one).collect())
}

/// What this very intent made, told by the tags that its create call set.
pub async fn made<R: Described>(aws: &Aws, intent: &Intent) -> CallResult<Option<R::Description>> {
    let found = R::described(aws, made_by(intent)).await?;
    let ours = |one: &R::Description| !R::is_going(one) && is_made_by(intent, R::tags(one));
    Ok(found.into_iter().find(ours))
}

/// Whether these are the tags that this very intent set. Filters by tag are checked again here, because not
/// every server applies them.
pub fn is_made_by(intent: &Intent, live: &[Tag]) -> bool {
    let live = tags::from_ec2(live);
    let mut ours = intent.tags().iter().filter(|(key, _)| key.starts_with("globecart:"));
    !live.contains_key(KEPT) && ours.all(|(key, value)| live.get(key) == Some(value))
}
