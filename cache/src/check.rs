//! What goes together, and what the environment decides where nothing is said.

use globecart_aws::engine::Invalid;
use globecart_aws::network::Tier;

use crate::{Cache, EngineName, MultiAz, NodeType, Transit};

impl Cache<'_> {
    pub(crate) fn shards(&self) -> u16 {
        self.shards.unwrap_or(if self.environment.is_production() { 3 } else { 1 })
    }

    pub(crate) fn replicas(&self) -> u8 {
        self.replicas.unwrap_or(u8::from(self.environment.is_production()))
    }

    pub(crate) fn node_type(&self) -> NodeType {
        let usual =
            if self.environment.is_production() { "cache.t4g.small" } else { "cache.t4g.micro" };
        self.node_type.clone().unwrap_or_else(|| usual.parse().expect("it is a node type"))
    }

    pub(crate) fn snapshot_retention_days(&self) -> u8 {
        self.snapshot_retention_days.unwrap_or(if self.environment.is_production() { 5 } else { 1 })
    }

    pub(crate) fn final_snapshot(&self) -> bool {
        self.final_snapshot.unwrap_or(self.environment.is_production())
    }

    /// Refuses what does not go together, naming both.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        self.check_zones()?;
        self.check_size()?;
        self.check_snapshots()?;
        if let Transit::Off(_) = self.transit
            && self.engine.name() == EngineName::Valkey
        {
            let problem = "`engine` is Valkey, whose users need encrypted connections; use `Transit::Preferred`";
            return Err(Invalid::new("transit", problem));
        }
        Ok(())
    }

    fn check_zones(&self) -> Result<(), Invalid> {
        let zones = self.network.tier(Tier::Data).count();
        if zones == 0 {
            return Err(Invalid::new(
                "network",
                "it has no data subnets for the cache to stand in",
            ));
        }
        let waived = matches!(self.multi_az, Some(MultiAz::Off(_)));
        if self.multi_az == Some(MultiAz::On) && self.replicas() == 0 {
            let problem =
                "`MultiAz::On` needs `replicas` of at least 1: a shard of one node is in one zone";
            return Err(Invalid::new("multi_az", problem));
        }
        if self.replicas() == 0 && self.environment.is_production() && !waived {
            let problem = "0 in production needs `multi_az(MultiAz::Off(…))`: a zone that is lost takes shards with it";
            return Err(Invalid::new("replicas", problem));
        }
        if self.replicas() > 0 && zones < 2 && !waived {
            let problem = format!(
                "the network has data subnets in {zones} zone, and `replicas` of {} with Multi-AZ need two",
                self.replicas()
            );
            return Err(Invalid::new("network", problem));
        }
        Ok(())
    }

    /// Whether the shards' primaries hold together what is asked for.
    fn check_size(&self) -> Result<(), Invalid> {
        let node_type = self.node_type();
        let Some(usable) = node_type.usable_mib() else {
            let problem = format!("`{node_type}` is not a current node type without data tiering");
            return Err(Invalid::new("node_type", problem));
        };
        let Some(wanted) = self.holds_gib else { return Ok(()) };
        let all = usable * u64::from(self.shards());
        if u64::from(wanted) * 1024 <= all {
            return Ok(());
        }
        let problem = format!(
            "{} shards of `{node_type}` hold {} GiB beside what is reserved, and `holds_gib` is {wanted}",
            self.shards(),
            all / 1024
        );
        Err(Invalid::new("node_type", problem))
    }

    fn check_snapshots(&self) -> Result<(), Invalid> {
        if self.snapshot_retention_days() == 0 && self.environment.is_production() {
            let problem =
                "0 days in production would leave nothing to restore; AWS keeps 1 to 35 days";
            return Err(Invalid::new("snapshot_retention_days", problem));
        }
        if self.parameters.get("cluster-enabled").is_some_and(|value| value != "yes") {
            let problem = "`cluster-enabled` must be `yes`: the cache has `shards`";
            return Err(Invalid::new("parameters", problem));
        }
        Ok(())
    }
}
