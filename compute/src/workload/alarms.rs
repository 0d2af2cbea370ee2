//! What can go wrong with a service without anybody noticing:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#ECS>

use globecart_aws::cloudwatch::{Alarm, Alarms, Metric, MissingData, Statistic};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::{AlarmName, Stack};

use super::Service;
use crate::{ClusterRefs, EcsServiceRefs};

/// The percentage of CPU, memory and storage that is too much.
const BUSY: f64 = 80.0;

impl Service<'_> {
    /// Declares the alarms, and returns their names.
    pub(super) fn alarms(
        &self,
        stack: &mut Stack,
        cluster: &ClusterRefs,
        service: &EcsServiceRefs,
    ) -> Result<Vec<Input<AlarmName>>, Invalid> {
        let whose = stack.scope();
        let mut alarms = Alarms::of(stack, &whose, self.alerts.as_ref())?;
        let metric = |namespace: &str, name: &str, statistic: Statistic| {
            Metric::new(namespace, name, statistic)
                .dimension("ClusterName", cluster.name.accepted().text())
                .dimension("ServiceName", service.name.accepted().text())
        };
        let busy = |name: &str| {
            Alarm::above(BUSY, metric("AWS/ECS", name, Statistic::Average))
                .without_values(MissingData::Breaching)
        };
        let meaning = "The tasks use most of their CPU, and scaling does not keep up; or none of them runs. See whether the \
                       most tasks are reached, and raise that or their size.";
        alarms.add(stack, "cpu", busy("CPUUtilization"), meaning)?;
        let meaning = "The tasks use most of their memory and will be ended when it runs out; or none of them runs. See \
                       whether memory grows with time, and raise the size of a task.";
        alarms.add(stack, "memory", busy("MemoryUtilization"), meaning)?;
        if self.environment.is_production() {
            let insights = "ECS/ContainerInsights";
            let least = f64::from(self.scale().min());
            let running = metric(insights, "RunningTaskCount", Statistic::Average);
            let few = Alarm::below(least, running).without_values(MissingData::Breaching);
            let meaning = "Fewer tasks run than are wanted at least. See in the events of the service why tasks stop or do \
                           not start.";
            alarms.add(stack, "running-tasks", few, meaning)?;
            let storage = metric(insights, "TaskEphemeralStorageUtilization", Statistic::Average);
            let meaning = "The tasks have little room left on their own storage. See what they write, or give them more.";
            alarms.add(stack, "ephemeral-storage", Alarm::above(BUSY, storage), meaning)?;
        }
        Ok(alarms.into_names())
    }
}
