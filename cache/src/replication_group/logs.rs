//! Where the logs of a group go: CloudWatch Logs, as JSON.

use aws_sdk_elasticache::types::{
    CloudWatchLogsDestinationDetails, DestinationDetails, DestinationType,
    LogDeliveryConfiguration, LogDeliveryConfigurationRequest, LogFormat, LogType,
};
use globecart_aws::LogGroupName;
use globecart_aws::engine::Input;

use super::ReplicationGroup;

/// The logs of a group, by type.
fn all(group: &ReplicationGroup) -> [(LogType, &Option<Input<LogGroupName>>); 2] {
    [(LogType::SlowLog, &group.slow_log), (LogType::EngineLog, &group.engine_log)]
}

/// What a create call says.
pub(super) fn of_new(group: &ReplicationGroup) -> Option<Vec<LogDeliveryConfigurationRequest>> {
    let on = all(group).into_iter().filter_map(|(kind, to)| Some(on(kind, to.as_ref()?)));
    some(on.collect())
}

/// What a modification says: the logs that go elsewhere or nowhere.
pub(super) fn changed(
    now: &ReplicationGroup,
    to: &ReplicationGroup,
) -> Option<Vec<LogDeliveryConfigurationRequest>> {
    let pairs = all(now).into_iter().zip(all(to)).filter(|((_, now), (_, to))| now != to);
    let requests = pairs.map(|(_, (kind, to))| match to {
        Some(to) => on(kind, to),
        None => LogDeliveryConfigurationRequest::builder().log_type(kind).enabled(false).build(),
    });
    some(requests.collect())
}

fn some(
    requests: Vec<LogDeliveryConfigurationRequest>,
) -> Option<Vec<LogDeliveryConfigurationRequest>> {
    (!requests.is_empty()).then_some(requests)
}

fn on(kind: LogType, to: &Input<LogGroupName>) -> LogDeliveryConfigurationRequest {
    let group = CloudWatchLogsDestinationDetails::builder().log_group(to.known().as_str()).build();
    LogDeliveryConfigurationRequest::builder()
        .log_type(kind)
        .destination_type(DestinationType::CloudWatchLogs)
        .destination_details(DestinationDetails::builder().cloud_watch_logs_details(group).build())
        .log_format(LogFormat::Json)
        .enabled(true)
        .build()
}

/// The log group of a type of log, as it is described.
pub(super) fn described(
    configurations: &[LogDeliveryConfiguration],
    kind: &LogType,
) -> Option<Input<LogGroupName>> {
    let found = configurations.iter().find(|one| one.log_type() == Some(kind))?;
    let group = found.destination_details()?.cloud_watch_logs_details()?.log_group()?;
    Some(LogGroupName::new(group).into())
}
