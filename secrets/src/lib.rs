//! A database user's credentials in Secrets Manager, and the Lambda function that rotates them.
//!
//! ```
//! use globecart_aws::Stack;
//! use globecart_aws::database::DatabaseTarget;
//! use globecart_aws::engine::Invalid;
//! use globecart_aws::network::NetworkOutputs;
//! use globecart_secrets::{Credentials, Strategy};
//!
//! fn declare(
//!     stack: &mut Stack,
//!     network: &NetworkOutputs,
//!     database: &DatabaseTarget,
//! ) -> Result<(), Invalid> {
//!     // Rotated every 30 days and once at the beginning, and nobody's login fails meanwhile.
//!     let shop = Credentials::builder().network(network).build().attach_to_rds(database);
//!     let shop = stack.component("shop-login", shop)?;
//!     stack.export("shop_login", &shop.arn)?;
//!
//!     let reports = Credentials::builder()
//!         .network(network)
//!         .username("reports")
//!         .strategy(Strategy::SingleUser)
//!         .build();
//!     stack.component("reports-login", reports.attach_to_rds(database))?;
//!     Ok(())
//! }
//! ```

use std::path::PathBuf;

use globecart_aws::database::DatabaseTarget;
use globecart_aws::ec2::SecurityGroupRefs;
use globecart_aws::engine::{Component, Input, Invalid, Kind};
use globecart_aws::iam::RoleRefs;
use globecart_aws::lambda::{Function, FunctionRefs};
use globecart_aws::logs::LogGroupRefs;
use globecart_aws::network::NetworkOutputs;
use globecart_aws::{
    AlarmName, AlertRoute, Aws, Client, EncryptionKey, Environment, Grant, GrantedSecret,
    SecretArn, SecretName, Stack, StoreKey, Usable,
};
use typed_builder::TypedBuilder;

/// The processors that the function runs on.
pub use globecart_aws::lambda::Architecture;
/// Whose password a rotation changes.
pub use globecart_rotation::Strategy;

pub use rotation_schedule::{RotationSchedule, RotationScheduleOutputs, RotationScheduleRefs};
pub use schedule::Schedule;
pub use secret::{Password, Secret, SecretOutputs, SecretRefs};
pub use secret_policy::{SecretPolicy, SecretPolicyOutputs, SecretPolicyRefs};

mod alarms;
mod answer;
mod package;
mod parts;
mod permissions;
mod rotation;
mod rotation_schedule;
mod schedule;
mod secret;
mod secret_policy;
#[cfg(test)]
mod tests;

/// The name and the password of a database's application user, rotated once they are attached to a database.
///
/// The first rotation makes the user in the database, its clone where two users alternate, and the role that owns what
/// both of them make.
///
/// A database's name is no database:
///
/// ```compile_fail,E0308
/// use globecart_aws::DbClusterId;
/// use globecart_secrets::Credentials;
/// fn attach(credentials: Credentials<'_>, database: &DbClusterId) {
///     credentials.attach_to_rds(database);
/// }
/// ```
///
/// And a function needs a network to reach one:
///
/// ```compile_fail,E0061
/// use globecart_secrets::Credentials;
/// let credentials = Credentials::builder().build();
/// ```
#[derive(Debug, Clone, TypedBuilder)]
pub struct Credentials<'a> {
    /// Its private subnets take the function, and reach Secrets Manager through NAT or an endpoint.
    network: &'a NetworkOutputs,
    /// What they are for. Default: production.
    #[builder(default)]
    environment: Environment,
    /// The user, up to 57 bytes. Default: app.
    #[builder(default = "app".to_owned(), setter(into))]
    username: String,
    /// A fixed name for the secret. Default: a generated one.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt"), into))]
    name: Option<String>,
    /// The key that encrypts the secret and the function's log. Default: one of its own.
    #[builder(default)]
    encryption_key: EncryptionKey,
    /// For how many days the secret can be restored after a destroy, 7 to 30; 0: not at all. Default: 30; in
    /// development 0.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    recovery_window_days: Option<u8>,
    /// When it is rotated, besides once at the beginning. Default: every 30 days.
    #[builder(default)]
    schedule: Schedule,
    /// Within how many hours of its time a rotation begins, 1 to 24. Default: within the day.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    window_hours: Option<u8>,
    /// Whose password is changed. Default: that of two users in turn, so that a login that was read before a rotation
    /// works until the next one.
    #[builder(default = Strategy::AlternatingUsers)]
    strategy: Strategy,
    /// The processors that the function runs on. Default: x86.
    #[builder(default)]
    architecture: Architecture,
    /// The function's package. Default: the one of its name beside the program, else in `lambda` in the target folder,
    /// where `cargo xtask lambda` writes it.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt"), into))]
    package: Option<PathBuf>,
    /// For how many days the function's log is kept. Default: 365, as PCI DSS 10.5.1 asks.
    #[builder(default = 365)]
    log_retention_days: u16,
    /// Where alarms go, and notices of rotations that failed: the topic's policy and key must let
    /// `events.amazonaws.com` publish for [`events_rules`] (`AlertsOutputs::admit`). Default: nowhere, which every plan
    /// says.
    #[builder(default, setter(strip_option, into))]
    alerts: Option<AlertRoute>,
    /// Changes the secret just before it is declared. Default: as is.
    #[builder(default = |secret| secret)]
    adjust_secret: fn(Secret) -> Secret,
    /// Changes the function just before it is declared. Default: as is.
    #[builder(default = |function| function)]
    adjust_function: fn(Function) -> Function,
    #[builder(default, setter(skip))]
    target: Option<DatabaseTarget>,
}

/// What was made of [`Credentials`].
#[derive(Debug)]
pub struct CredentialsOutputs {
    /// The secret's ARN, once the user can log in; for a secret that nothing rotates, once it is there.
    pub arn: Input<SecretArn>,
    /// The secret's name.
    pub name: Input<SecretName>,
    /// The secret.
    pub secret: SecretRefs,
    /// Its policy.
    pub policy: SecretPolicyRefs,
    /// The key.
    pub key: StoreKey,
    /// What rotates it, where it is attached to a database.
    pub rotation: Option<RotationOutputs>,
}

/// What rotates credentials.
#[derive(Debug)]
pub struct RotationOutputs {
    /// The function.
    pub function: FunctionRefs,
    /// The role that it acts as.
    pub role: RoleRefs,
    /// The security group of its network interfaces.
    pub security_group: SecurityGroupRefs,
    /// Its log group.
    pub log_group: LogGroupRefs,
    /// The schedule, ready when the first rotation is done.
    pub schedule: RotationScheduleRefs,
    /// The alarms.
    pub alarms: Vec<Input<AlarmName>>,
}

impl Credentials<'_> {
    /// Makes them those of a user of this database, with a function that reaches it and rotates them.
    #[must_use]
    pub fn attach_to_rds(self, database: &DatabaseTarget) -> Self {
        Self { target: Some(database.clone()), ..self }
    }
}

impl Component<Aws> for Credentials<'_> {
    type Outputs = CredentialsOutputs;

    fn declare(self, stack: &mut Stack) -> Result<CredentialsOutputs, Invalid> {
        self.check()?;
        stack.knows(kinds().into_iter().chain(globecart_aws::kinds()));
        let key = self.key(stack)?;
        let secret = self.secret(stack, &key)?;
        let policy = parts::policy(stack, &secret)?;
        let target = self.target.as_ref();
        if target.is_none() {
            stack.notice(format!("nothing rotates {}: attach it to a database", stack.scope()));
        }
        let rotation = target.map(|target| self.rotate(stack, target, &secret, &policy, &key));
        let rotation = rotation.transpose()?;
        let rotated = rotation.as_ref().map(|rotation| (&rotation.schedule.secret).into());
        Ok(CredentialsOutputs {
            arn: rotated.unwrap_or_else(|| (&secret.arn).into()),
            name: (&secret.name).into(),
            secret,
            policy,
            key,
            rotation,
        })
    }
}

impl Usable for CredentialsOutputs {
    /// `DATABASE_USERNAME` and `DATABASE_PASSWORD`, fetched when a task starts. Where the secret is rotated, whoever uses
    /// it waits for the first rotation.
    fn grant(&self, _stack: &mut Stack, _client: &Client) -> Result<Grant, Invalid> {
        let mut grant = Grant::default();
        for (name, key) in [("DATABASE_USERNAME", "username"), ("DATABASE_PASSWORD", "password")] {
            let (secret, kms_key) = (self.arn.clone(), self.key.arn.clone());
            let secret = GrantedSecret { secret, key: Some(key.to_owned()), kms_key };
            grant.secrets.insert(name.to_owned(), secret);
        }
        Ok(grant)
    }
}

/// For which rules a topic must admit [`EVENTS`]: those of this stack.
pub fn events_rules(stack: &Stack) -> String {
    globecart_aws::eventbridge::Rule::arn_pattern(stack.place(), stack.name())
}

/// The service that tells of rotations that failed.
pub const EVENTS: &str = "events.amazonaws.com";

/// Every resource type of this crate, for a stack that no longer has credentials to delete what it had.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![Kind::of::<RotationSchedule>(), Kind::of::<Secret>(), Kind::of::<SecretPolicy>()]
}
