//! What can go wrong with a file system without anybody noticing:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#EFS>

use globecart_aws::cloudwatch::{Alarm, Alarms, Comparison, Metric, Statistic};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::{AlarmName, Stack};

use crate::{FileSystemRefs, Storage, Throughput};

/// For how many minutes a value must count.
const MINUTES: u32 = 15;

impl Storage<'_> {
    /// Declares the alarms, and returns their names. Only bursting has credits that can run out.
    pub(crate) fn alarms(
        &self,
        stack: &mut Stack,
        file_system: &FileSystemRefs,
    ) -> Result<Vec<Input<AlarmName>>, Invalid> {
        let whose = stack.scope();
        let mut alarms = Alarms::of(stack, &whose, self.alerts.as_ref())?;
        let metric = |name: &str, statistic: Statistic| {
            Metric::new("AWS/EFS", name, statistic)
                .dimension("FileSystemId", file_system.id.accepted().text())
        };
        let busy = metric("PercentIOLimit", Statistic::Average);
        let busy = Alarm::when(Comparison::AtLeast, 100.0, busy).for_periods(MINUTES);
        let meaning = "The file system does as many operations a second as it can, and clients wait. Look for clients \
                       that open or list many small files, and spread them over file systems.";
        alarms.add(stack, "io-limit", busy, meaning)?;
        if self.throughput == Throughput::Bursting {
            let left = metric("BurstCreditBalance", Statistic::Minimum);
            let left = Alarm::when(Comparison::AtMost, 0.0, left).for_periods(MINUTES);
            let meaning = "The file system has no burst credits left, and gives only what its size earns. Change its \
                           throughput to elastic.";
            alarms.add(stack, "burst-credits", left, meaning)?;
        }
        Ok(alarms.into_names())
    }
}
