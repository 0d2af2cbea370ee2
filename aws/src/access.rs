//! Who can connect to a store: nobody, until clients are let in, group by group.

use globecart_engine::{Input, Invalid};

use crate::ec2::{
    Direction, Peer, SecurityGroup, SecurityGroupRefs, SecurityGroupRule, SecurityGroupRuleRefs,
    Traffic,
};
use crate::{Client, SecurityGroupId, Stack, VpcId, Waived};

/// The security group of a store, which lets nobody in by itself, and what its clients connect to.
#[derive(Debug, Clone)]
pub struct StoreAccess {
    /// The group, for the store's network interfaces.
    pub security_group: SecurityGroupRefs,
    traffic: Traffic,
    /// What the store is called in the names of rules.
    store: String,
}

/// The two rules by which a client reaches a store.
#[derive(Debug, Clone)]
pub struct ClientRules {
    /// Into the store.
    pub ingress: SecurityGroupRuleRefs,
    /// Out of the client.
    pub egress: SecurityGroupRuleRefs,
}

impl StoreAccess {
    /// Declares the closed group `security-group` of the component that is being declared, whose clients connect
    /// to one TCP port.
    ///
    /// # Errors
    /// When the component's name does not fit a description.
    pub fn closed(
        stack: &mut Stack,
        vpc: impl Into<Input<VpcId>>,
        port: u16,
    ) -> Result<Self, Invalid> {
        let store = stack.scope().replace('/', "-");
        let group = SecurityGroup::builder()
            .vpc(vpc)
            .description(format!("{store}: open to its clients alone"))
            .build();
        let security_group = stack.add("security-group", group)?;
        Ok(Self { security_group, traffic: Traffic::tcp(port), store })
    }

    /// Lets a client in: a rule into the store and one out of the client, from group to group. They are named after
    /// both, in the component that is being declared.
    ///
    /// # Errors
    /// When the client is let in twice, or its name is no name.
    pub fn allow_from(&self, stack: &mut Stack, client: &Client) -> Result<ClientRules, Invalid> {
        let (store, name) = (&self.store, &client.name);
        let into = self.rule(&self.security_group.id, Direction::Ingress);
        let into = into(Peer::group(&client.security_group), format!("{name} connects to {store}"));
        let ingress = stack.add(format!("{store}-from-{name}"), into)?;
        let out = self.rule(&client.security_group, Direction::Egress);
        let out = out(Peer::group(&self.security_group.id), format!("{name} connects to {store}"));
        let egress = stack.add(format!("{name}-to-{store}"), out)?;
        Ok(ClientRules { ingress, egress })
    }

    /// Lets something in that is no declared client, such as a range of addresses, and why: the rule is called
    /// `name`. Its own way out is not this stack's to open.
    ///
    /// # Errors
    /// When there is no reason, or the range is one that EC2 refuses.
    pub fn allow_peer(
        &self,
        stack: &mut Stack,
        name: &str,
        peer: Peer,
        because: &Waived,
    ) -> Result<SecurityGroupRuleRefs, Invalid> {
        let (store, reason) = (&self.store, because.reason());
        let control = format!("letting only declared clients into {store} ({name})");
        because.apply(stack, "allow_peer", &control)?;
        let rule = self.rule(&self.security_group.id, Direction::Ingress);
        stack.add(format!("{store}-from-{name}"), rule(peer, reason.to_owned()))
    }

    fn rule(
        &self,
        group: impl Into<Input<SecurityGroupId>>,
        direction: Direction,
    ) -> impl FnOnce(Peer, String) -> SecurityGroupRule {
        let (group, traffic) = (group.into(), self.traffic);
        move |peer, description| {
            SecurityGroupRule::builder()
                .group(group)
                .direction(direction)
                .traffic(traffic)
                .peer(peer)
                .description(description)
                .build()
        }
    }
}
