//! What a policy must not say, found before any call.

use globecart_engine::{Input, Invalid};

use super::statement::{Principal, Statement};
use super::unrestricted::UNRESTRICTED;
use super::{Effect, PolicyDocument};

impl PolicyDocument {
    /// Checks an identity policy: no principals, no whole service, no `*` where AWS can limit the action to a
    /// resource, and at most `max` characters.
    pub(crate) fn check_identity(&self, field: &str, max: usize) -> Result<(), Invalid> {
        self.check_any(field, max)?;
        for statement in &self.statement {
            statement.check_identity().map_err(|problem| Invalid::new(field, problem))?;
        }
        Ok(())
    }

    /// Checks a trust policy: a service may assume the role only for a named account or resource, so that it
    /// cannot be talked into it by another account (IAM.deputy).
    pub(crate) fn check_trust(&self, field: &str) -> Result<(), Invalid> {
        self.check_resource(field, 2048)?;
        for statement in self.allowing() {
            let for_service = statement.principal.contains_key("Service");
            if for_service && !statement.is_limited_to(&["aws:sourceaccount", "aws:sourcearn"]) {
                let problem = "a service may assume the role for any account; use `PolicyDocument::trust`, or add a \
                               condition on aws:SourceAccount or aws:SourceArn";
                return Err(Invalid::new(field, problem));
            }
        }
        Ok(())
    }

    /// Checks the policy of a key, a topic, a bucket, a file system or a role: nothing is allowed to everybody without a
    /// condition (KMS.5, SNS.4).
    ///
    /// # Errors
    /// When it does, is longer than `max`, or has no statement; in terms of `field`.
    pub fn check_resource(&self, field: &str, max: usize) -> Result<(), Invalid> {
        self.check_any(field, max)?;
        for statement in self.allowing() {
            if everybody(&statement.principal) && statement.condition.is_empty() {
                return Err(Invalid::new(field, "allows everybody something without a condition"));
            }
            if statement.principal.is_empty() && statement.not_principal.is_empty() {
                return Err(Invalid::new(
                    field,
                    "has a statement that says to whom it allows something nowhere",
                ));
            }
        }
        Ok(())
    }

    fn check_any(&self, field: &str, max: usize) -> Result<(), Invalid> {
        if self.statement.is_empty() {
            return Err(Invalid::new(field, "has no statement"));
        }
        for sid in self.statement.iter().filter_map(|statement| statement.sid.as_ref()) {
            if sid.is_empty() || !sid.chars().all(|c| c.is_ascii_alphanumeric()) {
                let problem = format!("the statement's name `{sid}` must be letters and digits");
                return Err(Invalid::new(field, problem));
            }
        }
        let length = self.to_json().len();
        // A reference is longer than most of what it stands for.
        if length > max && self.is_known() {
            let problem = format!("has {length} characters, where AWS takes {max}");
            return Err(Invalid::new(field, problem));
        }
        Ok(())
    }

    fn allowing(&self) -> impl Iterator<Item = &Statement> {
        self.statement.iter().filter(|statement| statement.effect == Effect::Allow)
    }

    fn is_known(&self) -> bool {
        self.statement.iter().all(|statement| statement.inputs().all(|input| input.get().is_some()))
    }
}

impl Statement {
    fn check_identity(&self) -> Result<(), String> {
        if !self.principal.is_empty() || !self.not_principal.is_empty() {
            return Err("an identity policy names no principal: it is about who has it".to_owned());
        }
        if self.resource.is_empty() && self.not_resource.is_empty() {
            return Err(format!("says nowhere on what it allows {}", self.action.join(", ")));
        }
        if self.effect == Effect::Deny {
            return Ok(());
        }
        if let Some(action) =
            self.action.iter().find(|action| *action == "*" || action.ends_with(":*"))
        {
            return Err(format!("allows the whole service `{action}`; name the actions"));
        }
        let any =
            self.resource.iter().any(|resource| resource.get().is_some_and(|text| text == "*"));
        let limited = self.action.iter().find(|action| !UNRESTRICTED.contains(&action.as_str()));
        match limited {
            Some(action) if any => {
                Err(format!("allows {action} on `*`, though AWS can limit it: name the resources"))
            }
            _ => Ok(()),
        }
    }

    fn is_limited_to(&self, keys: &[&str]) -> bool {
        self.condition
            .values()
            .flat_map(|of| of.keys())
            .any(|key| keys.contains(&key.to_lowercase().as_str()))
    }

    fn inputs(&self) -> impl Iterator<Item = &Input<String>> {
        let principals = self.principal.values().chain(self.not_principal.values()).flatten();
        let conditions = self.condition.values().flat_map(|keys| keys.values().flatten());
        self.resource.iter().chain(&self.not_resource).chain(principals).chain(conditions)
    }
}

fn everybody(principal: &Principal) -> bool {
    principal.values().flatten().any(|who| who.get().is_some_and(|who| who == "*"))
}
