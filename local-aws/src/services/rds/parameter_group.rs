//! Parameter groups of clusters and of instances:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html>

use super::parameter::{self, Apply};
use super::query::{Query, combination, invalid, page_size, passes};
use super::reference::{CLUSTER, INSTANCE};
use super::{engine, event, name, resource_tags};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

const QUOTA: usize = 50;

/// Parameters that one request may change.
const BATCH: usize = 20;

/// What differs between the groups of clusters and those of instances.
pub(super) struct Groups {
    /// Rows are a `DBClusterParameterGroup` or `DBParameterGroup` with `_values`: value and method by name.
    pub(super) table: Table,
    cluster: bool,
    /// The kind in ARNs.
    pub(super) kind: &'static str,
    /// What members of requests and answers start with.
    prefix: &'static str,
    query: Query,
}

/// The groups of clusters.
pub(super) const OF_CLUSTERS: Groups = Groups {
    table: Table::regional("rds.db_cluster_parameter_group"),
    cluster: true,
    kind: "cluster-pg",
    prefix: "DBClusterParameterGroup",
    query: Query {
        table: Table::regional("rds.db_cluster_parameter_group"),
        id: "DBClusterParameterGroupName",
        kind: "cluster-pg",
        missing: no_cluster_group,
        filters: &[],
    },
};

/// The groups of instances.
pub(super) const OF_INSTANCES: Groups = Groups {
    table: Table::regional("rds.db_parameter_group"),
    cluster: false,
    kind: "pg",
    prefix: "DBParameterGroup",
    query: Query {
        table: Table::regional("rds.db_parameter_group"),
        id: "DBParameterGroupName",
        kind: "pg",
        missing: no_group,
        filters: &[],
    },
};

fn no_cluster_group(name: &str) -> Fault {
    Fault::new("DBParameterGroupNotFound", format!("DBClusterParameterGroup not found: {name}"))
}

fn no_group(name: &str) -> Fault {
    Fault::new("DBParameterGroupNotFound", format!("DBParameterGroup not found: {name}"))
}

impl Groups {
    fn member(&self, rest: &str) -> String {
        format!("{}{rest}", self.prefix)
    }

    fn name(&self, call: &Call, member: &str) -> String {
        name::of(call, self.kind, call.input().text(member))
    }

    fn create(&self, call: &mut Call) -> Result<Value, Fault> {
        let input = call.input();
        let member = self.member("Name");
        let name = name::identifier(&member, input.text(&member), 255)?;
        let family = input.text("DBParameterGroupFamily");
        if !engine::is_family(family) {
            return Err(invalid(format!(
                "ParameterGroupFamily {family} is not a valid parameter group family"
            )));
        }
        if name.starts_with("default.") {
            return Err(invalid(format!(
                "The parameter {member} must not start with \"default.\"."
            )));
        }
        let row = self.new_row(call, &name, family, input.text("Description"));
        self.add(call, &name, row)
    }

    fn new_row(&self, call: &Call, name: &str, family: &str, description: &str) -> Value {
        let arn = call.arn("rds", &format!("{}:{name}", self.kind));
        let mut row = json!({"DBParameterGroupFamily": family, "Description": description, "Tags": [], "_values": {}, "_arn": arn});
        row[self.member("Name")] = json!(name);
        row[self.member("Arn")] = json!(arn);
        row
    }

    fn add(&self, call: &mut Call, name: &str, mut row: Value) -> Result<Value, Fault> {
        row["Tags"] = Value::Array(resource_tags::checked(call.input().items("Tags"))?);
        if call.get(self.table, name).is_some() {
            let message = format!("Parameter group {name} already exists");
            return Err(Fault::new("DBParameterGroupAlreadyExists", message));
        }
        let own = |name: &str| !name.starts_with("default.");
        if call.rows(self.table).filter(|(name, _)| own(name)).count()
            >= call.quota(self.table.name, QUOTA)
        {
            let message = "The quota of DB parameter groups has been reached.";
            return Err(Fault::new("DBParameterGroupQuotaExceeded", message));
        }
        call.put(self.table, name, row.clone());
        Ok(json!({self.prefix: row}))
    }

    fn copy(&self, call: &mut Call) -> Result<Value, Fault> {
        let input = call.input();
        let source =
            name::of(call, self.kind, input.text(&format!("Source{}Identifier", self.prefix)));
        let member = format!("Target{}Identifier", self.prefix);
        let target = name::identifier(&member, input.text(&member), 255)?;
        let from = self.group(call, &source)?;
        let about = input.text(&format!("Target{}Description", self.prefix));
        let mut row = self.new_row(call, &target, from.text("DBParameterGroupFamily"), about);
        row["_values"] = from["_values"].clone();
        self.add(call, &target, row)
    }

    /// A group by its name; default groups come into being when they are first used.
    pub(super) fn group(&self, call: &Call, name: &str) -> Result<Value, Fault> {
        call.get(self.table, name).cloned().ok_or_else(|| (self.query.missing)(name))
    }

    /// The group that a request names, or the default one, for a version.
    pub(super) fn chosen(
        &self,
        call: &mut Call,
        named: Option<&str>,
        version: engine::Version,
    ) -> Result<String, Fault> {
        let family = version.family();
        let default = format!("default.{family}");
        let name = named.map_or(default.clone(), |name| name::of(call, self.kind, name));
        if name == default && call.get(self.table, &name).is_none() {
            let about = format!(
                "Default {} parameter group for {family}",
                if self.cluster { "cluster" } else { "instance" }
            );
            let row = self.new_row(call, &name, &family, &about);
            call.put(self.table, &name, row);
        }
        let row = self.group(call, &name)?;
        if row.text("DBParameterGroupFamily") == family {
            return Ok(name);
        }
        Err(combination(format!(
            "The Parameter Group {name} with DBParameterGroupFamily {} can't be used for this instance. Use a Parameter Group with DBParameterGroupFamily {family}.",
            row.text("DBParameterGroupFamily")
        )))
    }

    /// The clusters or instances that use a group.
    fn users(&self, call: &Call, name: &str) -> Vec<String> {
        let (table, member) = if self.cluster {
            (CLUSTER, "DBClusterParameterGroup")
        } else {
            (INSTANCE, "_parameter_group")
        };
        let using = call.rows(table).filter(|(_, row)| row.text(member) == name);
        using.map(|(id, _)| id.to_owned()).collect()
    }

    fn delete(&self, call: &mut Call) -> Result<Value, Fault> {
        let name = self.name(call, &self.member("Name"));
        self.group(call, &name)?;
        let refused = |message: String| Err(Fault::new("InvalidDBParameterGroupState", message));
        if name.starts_with("default.") {
            return refused(format!("Default DBParameterGroup cannot be deleted: {name}"));
        }
        if !self.users(call, &name).is_empty() {
            return refused(format!(
                "One or more database instances are still members of this parameter group {name}, so the group cannot be deleted"
            ));
        }
        call.remove(self.table, &name);
        Ok(json!({}))
    }

    fn described_parameters(&self, call: &mut Call) -> Result<Value, Fault> {
        let input = call.input();
        page_size(&input)?;
        let row = self.group(call, &self.name(call, &self.member("Name")))?;
        let major = engine::major_of(row.text("DBParameterGroupFamily"));
        let all =
            parameter::of(self.cluster).map(|one| one.described(major, row["_values"].get(one.0)));
        let mut shown = Vec::new();
        for one in all {
            let wanted = input.opt("Source").is_none_or(|source| source == one.text("Source"));
            if wanted
                && passes(&one, input.items("Filters"), &[("parameter-name", "ParameterName")])?
            {
                shown.push(one);
            }
        }
        Ok(json!({"Parameters": shown}))
    }

    fn defaults(&self, call: &mut Call) -> Result<Value, Fault> {
        let input = call.input();
        page_size(&input)?;
        let family = input.text("DBParameterGroupFamily");
        if !engine::is_family(family) {
            return Err(invalid(format!(
                "ParameterGroupFamily {family} is not a valid parameter group family"
            )));
        }
        let major = engine::major_of(family);
        let all: Vec<Value> =
            parameter::of(self.cluster).map(|one| one.described(major, None)).collect();
        Ok(json!({"EngineDefaults": {"DBParameterGroupFamily": family, "Parameters": all}}))
    }

    fn modify(&self, call: &mut Call) -> Result<Value, Fault> {
        let input = call.input();
        let name = self.changeable(call)?;
        let mut values = self.group(call, &name)?["_values"].clone();
        let mut needs_reboot = false;
        for change in batch(&input)? {
            let parameter = parameter::named(change.text("ParameterName"), self.cluster)?;
            let method = change.opt("ApplyMethod").unwrap_or_default();
            let value = change.opt("ParameterValue").unwrap_or_default();
            if parameter.2 == Apply::Static && method == "immediate" {
                return Err(combination("cannot use immediate apply method for static parameter"));
            }
            parameter.check(value)?;
            needs_reboot |= method == "pending-reboot";
            values[parameter.0] = json!({"value": value, "method": method});
        }
        self.changed(call, &name, values, needs_reboot)
    }

    fn reset(&self, call: &mut Call) -> Result<Value, Fault> {
        let input = call.input();
        let name = self.changeable(call)?;
        let mut values = self.group(call, &name)?["_values"].clone();
        if input.flag("ResetAllParameters") {
            values = json!({});
        } else {
            for change in batch(&input)? {
                let parameter = parameter::named(change.text("ParameterName"), self.cluster)?;
                if let Some(values) = values.as_object_mut() {
                    values.remove(parameter.0);
                }
            }
        }
        self.changed(call, &name, values, true)
    }

    fn changeable(&self, call: &Call) -> Result<String, Fault> {
        let name = self.name(call, &self.member("Name"));
        self.group(call, &name)?;
        if name.starts_with("default.") {
            return Err(invalid(format!(
                "Modifying the default parameter group is not allowed: {name}"
            )));
        }
        Ok(name)
    }

    fn changed(
        &self,
        call: &mut Call,
        name: &str,
        values: Value,
        needs_reboot: bool,
    ) -> Result<Value, Fault> {
        call.merge(self.table, name, json!({"_values": values}));
        if needs_reboot {
            for user in self.users(call, name) {
                self.wait_for_reboot(call, &user);
            }
        }
        event::emit(
            call,
            "db-parameter-group",
            name,
            &["configuration change"],
            "Updated parameters of the group",
        );
        Ok(json!({self.member("Name"): name}))
    }

    /// Notes that instances see a change only after their next reboot.
    pub(super) fn wait_for_reboot(&self, call: &mut Call, user: &str) {
        if !self.cluster {
            call.merge(INSTANCE, user, json!({"_parameters_pending": true}));
            return;
        }
        let members: Vec<String> =
            super::reference::members(call, user).map(|(id, _)| id.to_owned()).collect();
        for id in members {
            call.merge(INSTANCE, &id, json!({"_cluster_parameters_pending": true}));
        }
    }
}

fn batch(input: &Value) -> Result<&[Value], Fault> {
    let changes = input.items("Parameters");
    if changes.is_empty() || changes.len() > BATCH {
        return Err(invalid(format!("The request must have 1 to {BATCH} parameters.")));
    }
    Ok(changes)
}

/// `CreateDBClusterParameterGroup`.
pub(super) fn create_cluster_group(call: &mut Call) -> Result<Value, Fault> {
    OF_CLUSTERS.create(call)
}

/// `CreateDBParameterGroup`.
pub(super) fn create_group(call: &mut Call) -> Result<Value, Fault> {
    OF_INSTANCES.create(call)
}

/// `CopyDBClusterParameterGroup`.
pub(super) fn copy_cluster_group(call: &mut Call) -> Result<Value, Fault> {
    OF_CLUSTERS.copy(call)
}

/// `CopyDBParameterGroup`.
pub(super) fn copy_group(call: &mut Call) -> Result<Value, Fault> {
    OF_INSTANCES.copy(call)
}

/// `DeleteDBClusterParameterGroup`.
pub(super) fn delete_cluster_group(call: &mut Call) -> Result<Value, Fault> {
    OF_CLUSTERS.delete(call)
}

/// `DeleteDBParameterGroup`.
pub(super) fn delete_group(call: &mut Call) -> Result<Value, Fault> {
    OF_INSTANCES.delete(call)
}

/// `DescribeDBClusterParameterGroups`.
pub(super) fn describe_cluster_groups(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"DBClusterParameterGroups": OF_CLUSTERS.query.run(call, |_, row| row.clone())?}))
}

/// `DescribeDBParameterGroups`.
pub(super) fn describe_groups(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"DBParameterGroups": OF_INSTANCES.query.run(call, |_, row| row.clone())?}))
}

/// `DescribeDBClusterParameters`.
pub(super) fn cluster_parameters(call: &mut Call) -> Result<Value, Fault> {
    OF_CLUSTERS.described_parameters(call)
}

/// `DescribeDBParameters`.
pub(super) fn parameters(call: &mut Call) -> Result<Value, Fault> {
    OF_INSTANCES.described_parameters(call)
}

/// `DescribeEngineDefaultClusterParameters`.
pub(super) fn default_cluster_parameters(call: &mut Call) -> Result<Value, Fault> {
    OF_CLUSTERS.defaults(call)
}

/// `DescribeEngineDefaultParameters`.
pub(super) fn default_parameters(call: &mut Call) -> Result<Value, Fault> {
    OF_INSTANCES.defaults(call)
}

/// `ModifyDBClusterParameterGroup`.
pub(super) fn modify_cluster_group(call: &mut Call) -> Result<Value, Fault> {
    OF_CLUSTERS.modify(call)
}

/// `ModifyDBParameterGroup`.
pub(super) fn modify_group(call: &mut Call) -> Result<Value, Fault> {
    OF_INSTANCES.modify(call)
}

/// `ResetDBClusterParameterGroup`.
pub(super) fn reset_cluster_group(call: &mut Call) -> Result<Value, Fault> {
    OF_CLUSTERS.reset(call)
}

/// `ResetDBParameterGroup`.
pub(super) fn reset_group(call: &mut Call) -> Result<Value, Fault> {
    OF_INSTANCES.reset(call)
}
