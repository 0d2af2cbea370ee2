//! What can go wrong with a database without anybody noticing:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html>

use globecart_aws::cloudwatch::{Alarm, Alarms, Comparison, Metric, MissingData, Statistic};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::{AlarmName, Stack};

use crate::instance::SERVERLESS;
use crate::parts::Plan;
use crate::{Acu, Capacity, DbClusterRefs, DbInstanceRefs};

/// A tenth of the 128 TiB that a volume can grow to, in bytes.
const LITTLE_VOLUME_BYTES: f64 = 12.8 * 1024.0 * 1024.0 * 1024.0 * 1024.0;

impl Plan<'_> {
    /// Declares the alarms of the cluster and of each of its instances, and returns their names.
    pub(crate) fn alarms(
        &self,
        stack: &mut Stack,
        cluster: &DbClusterRefs,
        instances: &[DbInstanceRefs],
    ) -> Result<Vec<Input<AlarmName>>, Invalid> {
        let mut alarms = Alarms::of(stack, "the database", self.database.alerts.as_ref())?;
        for (number, instance) in (1..).zip(instances) {
            for (name, alarm, meaning) in self.of_instance(instance) {
                alarms.add(stack, format!("instance-{number}-{name}"), alarm, meaning)?;
            }
        }
        for (name, alarm, meaning) in self.of_cluster(cluster, instances.len()) {
            alarms.add(stack, format!("cluster-{name}"), alarm, meaning)?;
        }
        Ok(alarms.into_names())
    }

    fn serverless(&self) -> bool {
        self.database.instance_class == SERVERLESS
    }

    /// A minute without values is a bad sign, unless the cluster may be paused.
    fn missing(&self) -> MissingData {
        if self.capacity.pauses() { MissingData::NotBreaching } else { MissingData::Breaching }
    }

    fn of_instance(&self, instance: &DbInstanceRefs) -> Vec<(&'static str, Alarm, String)> {
        let metric = |name: &str, statistic| {
            let id = instance.id.accepted();
            Metric::new("AWS/RDS", name, statistic).dimension("DBInstanceIdentifier", id.text())
        };
        let average = |name: &str| metric(name, Statistic::Average);
        let slow = |name: &str| Alarm::above(0.02, metric(name, Statistic::Percentile(90.0)));
        let mut alarms = vec![
            (
                "cpu",
                Alarm::above(90.0, average("CPUUtilization")).without_values(self.missing()),
                "The instance's processors are busy, or it tells nothing any more. Look at Database Insights for what \
                 runs; raise the capacity."
                    .to_owned(),
            ),
            (
                "load",
                Alarm::above(1.0, average("DBLoadRelativeToNumVCPUs")).for_periods(15),
                "More sessions are active than there are processors for. Look at Database Insights for what they wait \
                 for."
                .to_owned(),
            ),
            (
                "read-latency",
                slow("ReadLatency"),
                "One read in ten takes more than 20 ms. Look for statements that scan whole tables.".to_owned(),
            ),
            (
                "write-latency",
                slow("WriteLatency"),
                "One write in ten takes more than 20 ms. Look for bursts of writes and for many indexes.".to_owned(),
            ),
            (
                "transaction-ids",
                Alarm::above(1e9, metric("MaximumUsedTransactionIDs", Statistic::Average)).for_periods(1),
                "Transaction numbers run out: at two thousand million the database stops. Look for long transactions \
                 and for tables that autovacuum does not get to."
                    .to_owned(),
            ),
        ];
        if self.serverless() {
            alarms.extend(self.of_serverless_instance(&average));
        }
        alarms
    }

    /// What follows from the capacity.
    fn of_serverless_instance(
        &self,
        average: &dyn Fn(&str) -> Metric,
    ) -> [(&'static str, Alarm, String); 3] {
        let most = self.capacity.max;
        [
            (
                "memory",
                Alarm::below(0.05 * most.memory_bytes(), average("FreeableMemory")).for_periods(15),
                format!("Less than 5 % of the memory of {most} capacity units is free. Raise the capacity, or look for \
                         what holds so much."),
            ),
            (
                "connections",
                Alarm::above(0.9 * max_connections(self.capacity), average("DatabaseConnections")),
                "More than 90 % of the connections that the database takes are open; more are refused soon. Look at the \
                 pools of its clients."
                    .to_owned(),
            ),
            (
                "capacity",
                Alarm::above(90.0, average("ACUUtilization")).for_periods(15),
                format!("The instance is near its most, {most} capacity units. Raise the capacity, or it gets slow."),
            ),
        ]
    }

    fn of_cluster(
        &self,
        cluster: &DbClusterRefs,
        instances: usize,
    ) -> Vec<(&'static str, Alarm, String)> {
        let metric = |name: &str, statistic| {
            let id = cluster.id.accepted();
            Metric::new("AWS/RDS", name, statistic).dimension("DBClusterIdentifier", id.text())
        };
        let writer = |name: &str, statistic| metric(name, statistic).dimension("Role", "WRITER");
        let uptime = writer("EngineUptime", Statistic::Average);
        let mut alarms = vec![
            (
                "down",
                Alarm::when(Comparison::AtMost, 0.0, uptime)
                    .for_periods(2)
                    .without_values(self.missing()),
                "The writer does not answer. If a reader does not take over within a minute, look at the events of the \
                 cluster."
                    .to_owned(),
            ),
            (
                "volume",
                Alarm::below(
                    LITTLE_VOLUME_BYTES,
                    metric("AuroraVolumeBytesLeftTotal", Statistic::Average),
                ),
                "The volume has less than a tenth of its greatest size left. Remove or archive data.".to_owned(),
            ),
            (
                "deadlocks",
                Alarm::above(0.0, writer("Deadlocks", Statistic::Sum)),
                "Transactions have been waiting for each other for five minutes, and some are being aborted. Look in \
                 the log for which."
                    .to_owned(),
            ),
            (
                "cache",
                Alarm::below(80.0, writer("BufferCacheHitRatio", Statistic::Average)).for_periods(10),
                "More than a fifth of what is read comes from storage. Raise the least capacity, or look for statements \
                 that read much."
                    .to_owned(),
            ),
        ];
        if instances > 1 {
            alarms.push((
                "lag",
                Alarm::above(1000.0, metric("AuroraReplicaLagMaximum", Statistic::Average))
                    .for_periods(10),
                "A reader is more than a second behind the writer. Look for bursts of writes, and at the readers' load."
                    .to_owned(),
            ));
        }
        alarms
    }
}

/// How many connections a cluster takes, after its greatest capacity; at most 2,000 where the least is so small that they
/// would not fit.
///
/// A line through the table in <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html#aurora-serverless-v2.max-connections>.
fn max_connections(capacity: Capacity) -> f64 {
    let most = (211.4 * capacity.max.units() - 22.6).clamp(90.0, 5000.0);
    if capacity.min <= Acu::HALF { most.min(2000.0) } else { most }
}
