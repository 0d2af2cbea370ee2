//! What can go wrong in a cache without anybody noticing, node by node:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html>

use globecart_aws::cloudwatch::{Alarm, Alarms, Metric, Statistic};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::{AlarmName, AlertRoute, ReplicationGroupId, Stack, policy};

use crate::{Purpose, ReplicationGroupRefs};

/// The share of a processor, in percent, beyond which the engine's one thread is the bottleneck.
const BUSY_PERCENT: f64 = 90.0;

/// The share of the memory, in percent, beyond which evictions or refused writes are near.
const FULL_PERCENT: f64 = 80.0;

/// Four fifths of the 65,000 connections that a node takes.
const CONNECTIONS: f64 = 52_000.0;

/// Evictions a minute beyond which a cache is too small to be of use.
const EVICTIONS: f64 = 1000.0;

/// What the alarms of a cache depend on.
pub(crate) struct Watched<'a> {
    pub(crate) group: &'a ReplicationGroupRefs,
    pub(crate) shards: u16,
    pub(crate) replicas: u8,
    pub(crate) purpose: Purpose,
    pub(crate) alerts: Option<&'a AlertRoute>,
}

impl Watched<'_> {
    /// Declares the alarms of every node of the declared shards, and returns their names.
    pub(crate) fn declare(&self, stack: &mut Stack) -> Result<Vec<Input<AlarmName>>, Invalid> {
        let mut alarms = Alarms::of(stack, "the cache", self.alerts)?;
        for shard in 1..=self.shards {
            for node in 1..=u16::from(self.replicas) + 1 {
                let name = format!("{shard:04}-{node:03}");
                for (kind, alarm, meaning) in self.of_node(&name) {
                    let meaning = format!("Node {name} of the cache: {meaning}");
                    alarms.add(stack, format!("node-{name}-{kind}"), alarm, meaning)?;
                }
            }
        }
        Ok(alarms.into_names())
    }

    fn of_node(&self, node: &str) -> Vec<(&'static str, Alarm, &'static str)> {
        let metric = |name, statistic| metric(&self.group.id.accepted(), node, name, statistic);
        let mean = |name| metric(name, Statistic::Average);
        let mut alarms = vec![
            (
                "engine-cpu",
                Alarm::above(BUSY_PERCENT, mean("EngineCPUUtilization")),
                "the engine's thread is busy almost all the time. Look in the slow log for costly commands; add \
                 shards, or replicas for reads.",
            ),
            (
                "cpu",
                Alarm::above(BUSY_PERCENT, mean("CPUUtilization")),
                "its processors are busy almost all the time. Take a larger node type, or add shards.",
            ),
            (
                "memory",
                Alarm::above(FULL_PERCENT, mean("DatabaseMemoryUsagePercentage")),
                "its memory is almost full. Add shards, take a larger node type, or let keys expire sooner.",
            ),
            (
                "connections",
                Alarm::above(CONNECTIONS, mean("CurrConnections")).for_periods(10),
                "it has almost as many connections as it takes. Let clients keep a pool of connections.",
            ),
            (
                "evictions",
                Alarm::above(self.evictions(), metric("Evictions", Statistic::Sum)),
                self.purpose.meaning_of_evictions(),
            ),
        ];
        if self.replicas > 0 {
            alarms.push((
                "lag",
                Alarm::above(1.0, mean("ReplicationLag")).for_periods(15),
                "its replica is more than a second behind. A failover now would lose the last writes; write less, \
                 or take a larger node type.",
            ));
        }
        alarms
    }

    fn evictions(&self) -> f64 {
        match self.purpose {
            Purpose::Cache => EVICTIONS,
            Purpose::Sessions => 0.0,
        }
    }
}

/// Alarms need only the group's id, so they are there before the group is.
fn metric(
    group: &Input<ReplicationGroupId>,
    node: &str,
    name: &str,
    statistic: Statistic,
) -> Metric {
    let cluster = policy::suffixed(group, &format!("-{node}"));
    Metric::new("AWS/ElastiCache", name, statistic)
        .dimension("CacheClusterId", cluster)
        .dimension("CacheNodeId", "0001")
}
