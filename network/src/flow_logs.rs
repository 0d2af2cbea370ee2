//! The record of all traffic: flow log, encrypted log group, and the role that writes it.

use globecart_aws::Stack;
use globecart_aws::engine::{Invalid, Place};
use globecart_aws::iam::{ManagedPolicy, Role, RolePolicyAttachment};
use globecart_aws::kms::{Alias, Key, KeyRefs};
use globecart_aws::logs::{LogGroup, LogGroupRefs};
use globecart_aws::policy::{PolicyDocument, Statement, suffixed};

use crate::tiers::Plan;
use crate::{FlowLog, FlowLogs};

impl Plan<'_> {
    /// Declares the flow log of the VPC with all it needs, and returns its log group.
    pub(crate) fn flow_logs(&self, stack: &mut Stack) -> Result<Option<LogGroupRefs>, Invalid> {
        match &self.network.flow_logs {
            FlowLogs::Kept { days } => self.flow_log(stack, *days).map(Some),
            FlowLogs::Off(waived) => {
                waived.apply(stack, "flow_logs", "recording the network's traffic")?;
                Ok(None)
            }
        }
    }

    fn flow_log(&self, stack: &mut Stack, retention_days: u16) -> Result<LogGroupRefs, Invalid> {
        let place = stack.place().clone();
        let key = key(stack, &place)?;
        let group = LogGroup::builder().retention_days(retention_days).kms_key(&key.arn).build();
        let group = stack.add("flow-log-group", group)?;
        let role = Role::builder()
            .description("Writes the VPC's flow log")
            .trust(PolicyDocument::trust("vpc-flow-logs.amazonaws.com", &place, flow_logs(&place)))
            .build();
        let role = stack.add("flow-log-role", role)?;
        let policy = ManagedPolicy::builder()
            .description("Writes to the flow log's own log group")
            .document(may_write(&group))
            .build();
        let policy = stack.add("flow-log-policy", policy)?;
        let attachment =
            RolePolicyAttachment::builder().role(&role.name).policy(&policy.arn).build();
        let attachment = stack.add("flow-log-role-policy", attachment)?;
        let log =
            FlowLog::builder().vpc(&self.vpc.id).log_group(&group.name).role(&role.arn).build();
        let log = stack.add("flow-log", (self.network.adjust_flow_log)(log))?;
        // Without the policy its first deliveries fail.
        stack.after(&log, &attachment);
        Ok(group)
    }
}

fn key(stack: &mut Stack, place: &Place) -> Result<KeyRefs, Invalid> {
    let log_groups = LogGroup::pattern(place, stack.name());
    let key = Key::builder()
        .description("Encrypts the VPC's flow log")
        .policy(PolicyDocument::for_key(place, [Statement::logs_may_use(place, log_groups)]))
        .build();
    let key = stack.add("flow-log-key", key)?;
    stack.add("flow-log-key-alias", Alias::builder().key(&key.id).build())?;
    Ok(key)
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html>, for the one log group; it is there
/// already, so the role need not make it.
fn may_write(group: &LogGroupRefs) -> PolicyDocument {
    let write =
        Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]);
    let find = Statement::allow(["logs:DescribeLogGroups"]).on_any();
    PolicyDocument::new([write.on(group.arn.text()).on(suffixed(&group.arn, ":*")), find])
}

fn flow_logs(place: &Place) -> String {
    format!("arn:{}:ec2:{}:{}:vpc-flow-log/*", place.partition, place.region, place.account)
}
