//! The secret itself: its value, its key, and who may not use it.

use std::collections::BTreeMap;

use globecart_aws::engine::{Input, Invalid};
use globecart_aws::logs::LogGroup;
use globecart_aws::network::{InterfaceEndpoint, Tier};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{KeyUse, Stack, StoreKey};
use globecart_rotation::{CLONE_SUFFIX, LONGEST_USER, OWNER_SUFFIX};
use serde_json::{Value, json};

use crate::{Credentials, Secret, SecretPolicy, SecretPolicyRefs, SecretRefs};

/// For how many days a secret can be restored in production.
const RECOVERY_DAYS: u8 = 30;

impl Credentials<'_> {
    /// What only several fields together tell.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        self.schedule.check("schedule")?;
        let name = &self.username;
        let system = ["pg_", "rds"].iter().any(|start| name.starts_with(start));
        let made = [CLONE_SUFFIX, OWNER_SUFFIX].iter().any(|end| name.ends_with(end));
        if name.is_empty() || name.len() > LONGEST_USER || system || made || name.contains('\0') {
            let rule = format!(
                "1 to {LONGEST_USER} bytes, and neither begin with `pg_` or `rds` nor end with `{CLONE_SUFFIX}` or \
                 `{OWNER_SUFFIX}`"
            );
            return Err(Invalid::new("username", format!("`{name}` must be {rule}")));
        }
        if self.target.is_some() {
            self.check_network()?;
        }
        Ok(())
    }

    /// A function that cannot reach Secrets Manager only ever runs out of time.
    fn check_network(&self) -> Result<(), Invalid> {
        if self.network.tier(Tier::Private).next().is_none() {
            let problem = "has no private subnets, and the rotation function stands in those";
            return Err(Invalid::new("network", problem));
        }
        if self.network.reaches(InterfaceEndpoint::SecretsManager) {
            return Ok(());
        }
        let problem = "gives the rotation function no way to Secrets Manager: it needs NAT, or the interface endpoint \
                       `secrets-manager`";
        Err(Invalid::new("network", problem))
    }

    pub(crate) fn key(&self, stack: &mut Stack) -> Result<StoreKey, Invalid> {
        let log_groups = LogGroup::pattern(stack.place(), stack.name());
        let uses = KeyUse::builder()
            .description(format!("The credentials of {}", stack.scope()))
            .through(vec!["secretsmanager"])
            .statements(vec![Statement::logs_may_use(stack.place(), log_groups)])
            .build();
        self.encryption_key.declare(stack, uses)
    }

    pub(crate) fn secret(&self, stack: &mut Stack, key: &StoreKey) -> Result<SecretRefs, Invalid> {
        let kept = if self.environment.is_production() { RECOVERY_DAYS } else { 0 };
        let secret = Secret::builder()
            .description(format!("The user {} of {}", self.username, stack.scope()))
            .fields(self.fields())
            .recovery_window_days(self.recovery_window_days.unwrap_or(kept))
            .build();
        let secret = Secret { name: self.name.clone(), kms_key: key.arn.clone(), ..secret };
        stack.add("secret", (self.adjust_secret)(secret))
    }

    /// What a client needs to connect, in the words of Secrets Manager.
    ///
    /// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html>
    fn fields(&self) -> BTreeMap<String, Input<Value>> {
        let mut fields = BTreeMap::from([("username", Input::from(json!(self.username)))]);
        if let Some(target) = &self.target {
            fields.extend([
                ("engine", json!("postgres").into()),
                ("host", Input::join(target.endpoint.part())),
                ("port", json!(target.port).into()),
                ("dbname", json!(target.name).into()),
                ("masterarn", Input::join(target.master_secret.part())),
            ]);
        }
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Identities say by their own policies what they may do; here is what nobody may.
pub(crate) fn policy(stack: &mut Stack, secret: &SecretRefs) -> Result<SecretPolicyRefs, Invalid> {
    let account = stack.place().account.clone();
    let strangers = Statement::deny(["secretsmanager:*"])
        .sid("OnlyThisAccount")
        .anybody()
        .on_any()
        .when("StringNotEquals", "aws:PrincipalAccount", account)
        .when("Bool", "aws:PrincipalIsAWSService", "false");
    let tls = Statement::refuse_plain_http(["secretsmanager:*"]).on_any();
    let policy = PolicyDocument::new([tls, strangers]);
    stack.add("policy", SecretPolicy::builder().secret(&secret.arn).policy(policy).build())
}
