//! Node types: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html>

use super::kind::{invalid_combination, invalid_value};
use super::replication_group::REPLICATION_GROUP;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// A node type with the bytes that its parameter `maxmemory` has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeType(pub(super) &'static str, pub(super) u64);

/// The current types without data tiering, by family in the order of size.
///
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html#ParameterGroups.Redis.NodeSpecific>
pub(super) const NODE_TYPES: [NodeType; 40] = [
    NodeType("cache.t3.micro", 536_870_912),
    NodeType("cache.t3.small", 1_471_026_299),
    NodeType("cache.t3.medium", 3_317_862_236),
    NodeType("cache.t4g.micro", 536_870_912),
    NodeType("cache.t4g.small", 1_471_026_299),
    NodeType("cache.t4g.medium", 3_317_862_236),
    NodeType("cache.m5.large", 6_854_542_746),
    NodeType("cache.m5.xlarge", 13_891_921_715),
    NodeType("cache.m5.2xlarge", 27_966_669_210),
    NodeType("cache.m5.4xlarge", 56_116_178_125),
    NodeType("cache.m5.12xlarge", 168_715_971_994),
    NodeType("cache.m5.24xlarge", 337_500_562_842),
    NodeType("cache.m6g.large", 6_854_542_746),
    NodeType("cache.m6g.xlarge", 13_891_921_715),
    NodeType("cache.m6g.2xlarge", 27_966_669_210),
    NodeType("cache.m6g.4xlarge", 56_116_178_125),
    NodeType("cache.m6g.8xlarge", 111_325_552_312),
    NodeType("cache.m6g.12xlarge", 166_988_328_468),
    NodeType("cache.m6g.16xlarge", 225_000_375_228),
    NodeType("cache.m7g.large", 6_854_542_746),
    NodeType("cache.m7g.xlarge", 13_891_921_715),
    NodeType("cache.m7g.2xlarge", 27_966_669_210),
    NodeType("cache.m7g.4xlarge", 56_116_178_125),
    NodeType("cache.m7g.8xlarge", 111_325_552_312),
    NodeType("cache.m7g.12xlarge", 166_988_328_468),
    NodeType("cache.m7g.16xlarge", 225_000_375_228),
    NodeType("cache.r6g.large", 14_037_181_030),
    NodeType("cache.r6g.xlarge", 28_261_849_702),
    NodeType("cache.r6g.2xlarge", 56_711_183_565),
    NodeType("cache.r6g.4xlarge", 113_609_865_216),
    NodeType("cache.r6g.8xlarge", 225_000_375_228),
    NodeType("cache.r6g.12xlarge", 341_206_346_547),
    NodeType("cache.r6g.16xlarge", 450_000_750_456),
    NodeType("cache.r7g.large", 14_037_181_030),
    NodeType("cache.r7g.xlarge", 28_261_849_702),
    NodeType("cache.r7g.2xlarge", 56_711_183_565),
    NodeType("cache.r7g.4xlarge", 113_609_865_216),
    NodeType("cache.r7g.8xlarge", 225_000_375_228),
    NodeType("cache.r7g.12xlarge", 341_206_346_547),
    NodeType("cache.r7g.16xlarge", 450_000_750_456),
];

/// The type with a name.
pub(super) fn named(name: &str) -> Result<NodeType, Fault> {
    if name.starts_with("cache.r6gd.") {
        return Err(Fault::not_implemented("elasticache with data tiering (cache.r6gd nodes)"));
    }
    let found = NODE_TYPES.into_iter().find(|known| known.0 == name);
    found.ok_or_else(|| invalid_value(format!("Invalid Cache Node Type: {name}.")))
}

/// `ListAllowedNodeTypeModifications`.
pub(super) fn list_allowed(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = match (input.opt("ReplicationGroupId"), input.opt("CacheClusterId")) {
        (Some(id), None) => id.to_owned(),
        (None, Some(node)) => super::cache_cluster::group_of(call, node)?,
        _ => {
            let message = "Either CacheClusterId or ReplicationGroupId must be given.";
            return Err(invalid_combination(message));
        }
    };
    let group = REPLICATION_GROUP.row(call, &id)?;
    let NodeType(current, bytes) = named(group.text("CacheNodeType"))?;
    let names = |fits: &dyn Fn(u64) -> bool| -> Vec<&str> {
        NODE_TYPES
            .iter()
            .filter(|known| fits(known.1) && known.0 != current)
            .map(|known| known.0)
            .collect()
    };
    Ok(json!({
        "ScaleUpModifications": names(&|other| other >= bytes), "ScaleDownModifications": names(&|other| other < bytes),
    }))
}
