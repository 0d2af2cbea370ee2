//! Targets, by IP address:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html>

mod state;
pub(super) mod task;

use super::{account, target_group};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use crate::store::Table;
use serde_json::{Value, json};
use std::net::Ipv4Addr;

/// Rows are a `TargetDescription` by target group, address and port, with `_group`, `_zone`, `_registered_at`, whether
/// something answers there (`_up`), since when it does or does not (`_since`), and `_draining` once it is deregistered.
const TARGET: Table = Table::regional("elbv2.target");

fn id(group: &str, ip: &str, port: i64) -> String {
    format!("{group}/{ip}:{port}")
}

/// The targets of a group.
fn of<'c>(call: &'c Call, group: &str) -> impl Iterator<Item = (&'c str, &'c Value)> {
    call.rows(TARGET).filter(move |(_, row)| row.text("_group") == group)
}

/// The port that a request means: its own, or the group's.
fn port(group: &Value, target: &Value) -> i64 {
    target.int("Port").or(group.int("Port")).unwrap_or_default()
}

/// `RegisterTargets`.
pub(super) fn register_targets(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = target_group::named(call, input.text("TargetGroupArn"))?;
    let mut places = Vec::new();
    for target in input.items("Targets") {
        places.push(place(call, &group, target)?);
    }
    for (target, zone) in input.items("Targets").iter().zip(places) {
        let answers = ec2::groups_at(call, group.text("VpcId"), target.text("Id")).is_some();
        register(call, &group, target, (zone.as_deref(), answers))?;
    }
    Ok(json!({}))
}

/// The zone of a target; `None` for one outside the VPC, which is of all zones.
fn place(call: &Call, group: &Value, target: &Value) -> Result<Option<String>, Fault> {
    let invalid = |message: String| Fault::new("InvalidTarget", message);
    let text = target.text("Id");
    if group.text("TargetType") == "instance" {
        return Err(invalid(format!(
            "The following targets are not in a running state and cannot be registered: '{text}'"
        )));
    }
    let no_address = || invalid(format!("The IP address '{text}' is not a valid IPv4 address"));
    let ip: Ipv4Addr = text.parse().map_err(|_| no_address())?;
    if let Some(spot) = ec2::subnet_of(call, group.text("VpcId"), ip) {
        return Ok(Some(spot.zone));
    }
    let [first, second, ..] = ip.octets();
    let shared = first == 100 && (64..128).contains(&second);
    if !ip.is_private() && !shared {
        return Err(invalid(format!(
            "The IP address '{text}' is not within one of the valid ranges"
        )));
    }
    if target.opt("AvailabilityZone") != Some("all") {
        return Err(invalid(format!(
            "You must specify 'all' for the Availability Zone of the IP address '{text}', which is outside the VPC"
        )));
    }
    Ok(None)
}

/// Registers a target; one that is there stays as it is, one that drains comes back.
fn register(
    call: &mut Call,
    group: &Value,
    target: &Value,
    (zone, answers): (Option<&str>, bool),
) -> Result<(), Fault> {
    let arn = group.text("_arn");
    let id = id(arn, target.text("Id"), port(group, target));
    let known = call.get(TARGET, &id);
    if known.is_some_and(|row| !row.has("_draining")) {
        return Ok(());
    }
    if known.is_none() && of(call, arn).count() >= account::limit(call, "targets-per-target-group")
    {
        let message = format!("Target group '{arn}' has too many targets");
        return Err(Fault::new("TooManyTargets", message));
    }
    call.unschedule(TARGET, &id);
    let row = json!({
        "Id": target["Id"], "Port": port(group, target), "AvailabilityZone": zone.unwrap_or("all"),
        "_group": arn, "_zone": zone, "_registered_at": call.now(), "_up": answers, "_since": call.now(),
    });
    call.put(TARGET, &id, row);
    Ok(())
}

/// `DeregisterTargets`: what is not registered is no error.
pub(super) fn deregister_targets(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = target_group::named(call, input.text("TargetGroupArn"))?;
    for target in input.items("Targets") {
        let of_address: Vec<String> = of(call, group.text("_arn"))
            .filter(|(_, row)| row.text("Id") == target.text("Id"))
            .filter(|(_, row)| target.int("Port").is_none_or(|port| row.int("Port") == Some(port)))
            .map(|(id, _)| id.to_owned())
            .collect();
        for id in of_address {
            drain(call, &group, &id);
        }
    }
    Ok(json!({}))
}

/// Lets a target drain, if a load balancer uses it; else it is gone at once.
fn drain(call: &mut Call, group: &Value, id: &str) {
    if call.get(TARGET, id).is_none_or(|row| row.has("_draining")) {
        return;
    }
    let delay = group["_attributes"].text("deregistration_delay.timeout_seconds");
    let delay: f64 = delay.parse().unwrap_or(300.0);
    if !group.has("_used_since") || delay <= 0.0 {
        call.remove(TARGET, id);
        return;
    }
    call.merge(TARGET, id, json!({"_draining": true}));
    call.schedule(delay, TARGET, id, Step::Remove);
}

/// `DescribeTargetHealth`: of those named, or of all.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = target_group::named(call, input.text("TargetGroupArn"))?;
    let seen = |row: &Value| {
        let health = state::of(call, &group, Some(row));
        json!({
            "Target": {"Id": row["Id"], "Port": row["Port"], "AvailabilityZone": row["AvailabilityZone"]},
            "HealthCheckPort": state::check_port(&group, row).to_string(), "TargetHealth": health.described(),
        })
    };
    let all: Vec<Value> = if input.has("Targets") {
        let row = |target: &Value| {
            let id = id(group.text("_arn"), target.text("Id"), port(&group, target));
            call.get(TARGET, &id).map_or_else(|| absent(call, &group, target), seen)
        };
        input.items("Targets").iter().map(row).collect()
    } else {
        of(call, group.text("_arn")).map(|(_, row)| seen(row)).collect()
    };
    Ok(json!({"TargetHealthDescriptions": all}))
}

/// What is said of a target that is not registered.
fn absent(call: &Call, group: &Value, target: &Value) -> Value {
    let health = state::of(call, group, None);
    let described = json!({"Id": target["Id"], "Port": port(group, target)});
    json!({"Target": described, "TargetHealth": health.described()})
}

/// Forgets the targets of a group that is deleted.
pub(super) fn forget_of(call: &mut Call, group: &str) {
    let ids: Vec<String> = of(call, group).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(TARGET, &id);
    }
}

/// Notes when the targets of a zone stop answering, or can answer again.
pub(super) fn zone_changed(call: &mut Call, _zone: &Value) {
    let changed: Vec<(String, bool)> = call
        .rows(TARGET)
        .filter_map(|(id, row)| {
            let fails = row.opt("_zone").is_some_and(|zone| call.zone_failed(zone));
            (row.flag("_zone_failed") != fails).then(|| (id.to_owned(), fails))
        })
        .collect();
    for (id, fails) in changed {
        let members = json!({"_zone_failed": fails, "_since": call.now()});
        call.merge(TARGET, &id, members);
    }
}
