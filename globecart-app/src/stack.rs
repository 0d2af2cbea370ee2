//! The composition: what GlobeCart is made of, and what each part uses of the others.

use globecart_aws::network::{NetworkOutputs, Tier};
use globecart_cli::{Invalid, Stack};
use globecart_database::{DatabaseOutputs, event_subscriptions};
use globecart_secrets::events_rules;
use globecart_storage::StorageOutputs;

use crate::Config;
use crate::config::MEDIA;

/// Declares GlobeCart.
pub fn globecart(config: &Config, stack: &mut Stack) -> Result<(), Invalid> {
    for (key, value) in &config.tags {
        stack.tag(key, value)?;
    }
    stack.knows(globecart_aws::kinds());
    stack.knows(globecart_network::kinds());
    stack.knows(globecart_cache::kinds());
    stack.knows(globecart_storage::kinds());
    stack.knows(globecart_database::kinds());
    stack.knows(globecart_secrets::kinds());

    let alerts = stack.component("alerts", config.alerts())?;
    let network = stack.component("network", config.network(&alerts))?;
    let cache = stack.component("cache", config.cache(&network, &alerts))?;
    let storage = stack.component("storage", config.storage(&network, &alerts))?;

    // RDS publishes its own events to the topic of the alarms.
    let events = event_subscriptions(stack.place());
    alerts.admit(stack, globecart_database::EVENTS, events)?;
    let database = stack.component("database", config.database(&network, &alerts))?;

    // So do rotations that fail.
    let rules = events_rules(stack);
    alerts.admit(stack, globecart_secrets::EVENTS, rules)?;
    let secrets = config.secrets(&network, &alerts).attach_to_rds(&database.target());
    let secrets = stack.component("secrets", secrets)?;

    stack.export("alerts_topic_arn", &alerts.topic.arn)?;
    stack.export("redis_configuration_endpoint", &cache.configuration_endpoint)?;
    export_network(stack, &network)?;
    export_storage(stack, &storage)?;
    export_database(stack, &database)?;
    stack.export("database_secret_arn", &secrets.arn)
}

fn export_storage(stack: &mut Stack, storage: &StorageOutputs) -> Result<(), Invalid> {
    stack.export("efs_file_system_id", &storage.file_system.id)?;
    stack.export("efs_access_point_id", &storage.access_point(MEDIA)?.id)
}

fn export_database(stack: &mut Stack, database: &DatabaseOutputs) -> Result<(), Invalid> {
    stack.export("database_writer_endpoint", &database.writer_endpoint)?;
    stack.export("database_reader_endpoint", &database.reader_endpoint)?;
    stack.export("database_cluster_arn", &database.arn)?;
    stack.export("database_master_secret_arn", &database.master_secret)
}

fn export_network(stack: &mut Stack, network: &NetworkOutputs) -> Result<(), Invalid> {
    stack.export("vpc_id", &network.vpc)?;
    for tier in Tier::ALL {
        stack.export(format!("{tier}_subnet_ids"), &network.subnet_ids(tier).into())?;
    }
    stack.export("nat_addresses", &network.nat_addresses.clone().into())
}
