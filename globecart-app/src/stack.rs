//! The composition: what GlobeCart is made of, and what each part uses of the others.

use globecart_aws::network::{NetworkOutputs, Tier};
use globecart_cli::{Invalid, Stack};

use crate::Config;

/// Declares GlobeCart.
pub fn globecart(config: &Config, stack: &mut Stack) -> Result<(), Invalid> {
    for (key, value) in &config.tags {
        stack.tag(key, value)?;
    }
    stack.knows(globecart_aws::kinds());
    stack.knows(globecart_network::kinds());

    let alerts = stack.component("alerts", config.alerts())?;
    let network = stack.component("network", config.network(&alerts))?;

    stack.export("alerts_topic_arn", &alerts.topic.arn)?;
    export_network(stack, &network)
}

fn export_network(stack: &mut Stack, network: &NetworkOutputs) -> Result<(), Invalid> {
    stack.export("vpc_id", &network.vpc)?;
    for tier in Tier::ALL {
        stack.export(format!("{tier}_subnet_ids"), &network.subnet_ids(tier).into())?;
    }
    stack.export("nat_addresses", &network.nat_addresses.clone().into())
}
