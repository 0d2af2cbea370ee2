//! What rotates the secret: the function, its way to the database and to Secrets Manager, and at last the schedule.

use globecart_aws::database::DatabaseTarget;
use globecart_aws::ec2::{
    Direction, Peer, SecurityGroup, SecurityGroupRefs, SecurityGroupRule, SecurityGroupRuleRefs,
    Traffic,
};
use globecart_aws::engine::Invalid;
use globecart_aws::iam::{RolePolicyAttachmentRefs, RoleRefs};
use globecart_aws::lambda::{
    Code, Function, FunctionNetwork, FunctionRefs, Permission, PermissionRefs,
};
use globecart_aws::logs::{LogGroup, LogGroupRefs};
use globecart_aws::network::{Egress, InterfaceEndpoint, Tier};
use globecart_aws::{Client, ClientRules, Stack, StoreKey};
use globecart_rotation::environment as variable;
use ipnet::{IpNet, Ipv4Net};

use crate::package::Wanted;
use crate::{
    Credentials, RotationOutputs, RotationSchedule, RotationScheduleRefs, SecretPolicyRefs,
    SecretRefs, package, permissions,
};

/// What the function's connections come from, in the names of what lets them in.
const CLIENT: &str = "rotation";

/// After how many seconds an invocation is given up; a step takes one or two, and waits for a database that is resuming.
pub(crate) const TIMEOUT_SECS: u16 = 60;

/// The ways out of the function, which must be there before it is invoked.
struct Ways {
    group: SecurityGroupRefs,
    database: ClientRules,
    secrets_manager: SecurityGroupRuleRefs,
}

impl Credentials<'_> {
    pub(crate) fn rotate(
        &self,
        stack: &mut Stack,
        target: &DatabaseTarget,
        secret: &SecretRefs,
        policy: &SecretPolicyRefs,
        key: &StoreKey,
    ) -> Result<RotationOutputs, Invalid> {
        let ways = self.ways(stack, target)?;
        let log_group = self.log_group(stack, key)?;
        let role = permissions::role(stack)?;
        let running = permissions::running(stack, &role, &log_group)?;
        let function = self.function(stack, target, &role, &ways, &log_group)?;
        // Lambda looks whether the role lets it make interfaces, and needs the role to remove them.
        stack.after(&function, &running);
        let rotating = permissions::rotating(stack, &role, &function, secret, key, target)?;
        let invoked = invoked(stack, &function, secret)?;
        let schedule = self.schedule(stack, secret, &function)?;
        stack.after(&schedule, policy);
        order(stack, &schedule, &ways, (&rotating, &invoked));
        target.wait_until_it_answers(stack, &schedule);
        self.network.wait_for_egress(stack, &schedule);
        self.leave_package_open(stack, &function, &schedule);
        let alarms = self.alarms(stack, &function, secret)?;
        let security_group = ways.group;
        Ok(RotationOutputs { function, role, security_group, log_group, schedule, alarms })
    }

    fn ways(&self, stack: &mut Stack, target: &DatabaseTarget) -> Result<Ways, Invalid> {
        let scope = stack.scope().replace('/', "-");
        let group = SecurityGroup::builder()
            .vpc(&self.network.vpc)
            .description(format!("{scope}: the rotation function"))
            .build();
        let group = stack.add("security-group", group)?;
        let database = target.access.allow_from(stack, &Client::new(CLIENT, &group.id))?;
        let rule = SecurityGroupRule::builder()
            .group(&group.id)
            .direction(Direction::Egress)
            .traffic(Traffic::tcp(443))
            .peer(self.secrets_manager())
            .description("Secrets Manager")
            .build();
        let secrets_manager = stack.add(format!("{CLIENT}-to-secrets-manager"), rule)?;
        Ok(Ways { group, database, secrets_manager })
    }

    /// Where Secrets Manager is: its endpoint's private name wins over the way through NAT.
    fn secrets_manager(&self) -> Peer {
        let network = self.network;
        let endpoint = network.interface_endpoints.contains(&InterfaceEndpoint::SecretsManager);
        match (endpoint, &network.endpoint_security_group, network.egress) {
            (true, Some(group), _) => Peer::group(group),
            (true, None, Egress::None) => Peer::Cidr(IpNet::V4(network.cidr)),
            _ => Peer::Cidr(IpNet::V4(Ipv4Net::default())),
        }
    }

    fn log_group(&self, stack: &mut Stack, key: &StoreKey) -> Result<LogGroupRefs, Invalid> {
        let group = LogGroup::builder().retention_days(self.log_retention_days);
        let group = match &key.arn {
            Some(key) => group.kms_key(key).build(),
            None => group.build(),
        };
        let group = stack.add("log", group);
        group.map_err(|error| Invalid::new("log_retention_days", error.problem))
    }

    fn function(
        &self,
        stack: &mut Stack,
        target: &DatabaseTarget,
        role: &RoleRefs,
        ways: &Ways,
        log_group: &LogGroupRefs,
    ) -> Result<FunctionRefs, Invalid> {
        let environment = [
            (variable::DATABASE_HOST, target.endpoint.text()),
            (variable::DATABASE_PORT, target.port.to_string().into()),
            (variable::DATABASE_NAME, target.name.clone().into()),
            (variable::SUPERUSER_SECRET_ARN, target.master_secret.text()),
            (variable::ROTATION_STRATEGY, self.strategy.to_string().into()),
        ];
        let function = Function::builder()
            .code(Code::Refusal(package::UNDECIDED.to_owned()))
            .source(package::NONE)
            .description(format!("Rotates the credentials of {}", stack.scope()))
            .role(&role.arn)
            .architecture(self.architecture)
            .network(FunctionNetwork {
                subnets: self.network.subnet_ids(Tier::Private),
                security_groups: vec![(&ways.group.id).into()],
            })
            .environment(environment.map(|(name, value)| (name.to_owned(), value)).into())
            .timeout_secs(TIMEOUT_SECS)
            .log_group(&log_group.name)
            .build();
        stack.add("function", (self.adjust_function)(function))
    }

    fn schedule(
        &self,
        stack: &mut Stack,
        secret: &SecretRefs,
        function: &FunctionRefs,
    ) -> Result<RotationScheduleRefs, Invalid> {
        let schedule = RotationSchedule::builder()
            .secret(&secret.arn)
            .function(&function.arn)
            .schedule(self.schedule.clone())
            .window_hours_opt(self.window_hours)
            .build();
        let schedule = stack.add("schedule", schedule);
        schedule.map_err(|error| Invalid::new("schedule", error.problem))
    }

    /// Which package it is depends on where the stack is deployed.
    fn leave_package_open(
        &self,
        stack: &mut Stack,
        function: &FunctionRefs,
        schedule: &RotationScheduleRefs,
    ) {
        let wanted = Wanted {
            scope: stack.scope(),
            given: self.package.clone(),
            architecture: self.architecture,
        };
        let (function, schedule) = (function.clone(), schedule.clone());
        stack.leave_open(move |stack, aws| wanted.settle(stack, aws, &function, &schedule));
    }
}

/// Secrets Manager may invoke the function, for this secret alone.
fn invoked(
    stack: &mut Stack,
    function: &FunctionRefs,
    secret: &SecretRefs,
) -> Result<PermissionRefs, Invalid> {
    let permission = Permission::builder()
        .function(&function.name)
        .service("secretsmanager.amazonaws.com")
        .source_account(&stack.place().account)
        .source_arn(secret.arn.text())
        .build();
    stack.add("invoked-by-secrets-manager", permission)
}

/// The schedule rotates at once, so everything that a rotation needs comes before it.
fn order(
    stack: &mut Stack,
    schedule: &RotationScheduleRefs,
    ways: &Ways,
    (rotating, invoked): (&RolePolicyAttachmentRefs, &PermissionRefs),
) {
    stack.after(schedule, &ways.database.ingress);
    stack.after(schedule, &ways.database.egress);
    stack.after(schedule, &ways.secrets_manager);
    stack.after(schedule, rotating);
    stack.after(schedule, invoked);
}
