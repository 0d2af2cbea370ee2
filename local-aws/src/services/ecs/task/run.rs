//! `RunTask`: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html>

use super::launch::{Launch, launch};
use super::{TASK, list};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::ecs::service::check;
use crate::services::ecs::{capacity, invalid, network, reference, tags};
use serde_json::{Value, json};

/// Most tasks of one call.
const MOST: i64 = 10;

/// `RunTask`.
pub(in crate::services::ecs) fn run(call: &mut Call) -> Result<Value, Fault> {
    call.idempotent("clientToken", run_once).map_err(conflict)
}

/// ECS has its own code for a token that was used for something else.
fn conflict(fault: Fault) -> Fault {
    if fault.code == "IdempotentParameterMismatch" {
        return Fault::new("ConflictException", fault.message);
    }
    fault
}

fn run_once(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let cluster = reference::cluster(call, &input)?;
    let count = input.int("count").unwrap_or(1);
    if !(1..=MOST).contains(&count) {
        return Err(invalid(format!("count must be between 1 and {MOST}.")));
    }
    if input.has("volumeConfigurations") {
        return Err(Fault::not_implemented("tasks with volumeConfigurations"));
    }
    let definition = reference::startable(call, input.text("taskDefinition"))?;
    let strategy = check::capacity(call, &input, &cluster, &definition)?;
    let network = network::checked(call, &input["networkConfiguration"])?;
    let tags = tags_of(&input, &definition, &cluster)?;
    let (mut made, mut zones, mut providers) = (Vec::new(), Vec::new(), Vec::<String>::new());
    for _ in 0..count {
        let Some(subnet) = network::choose(call, &network, &zones) else {
            let reason = "Capacity is unavailable at this time. Please try again later or in a different availability zone";
            return Ok(json!({"tasks": shown(call, &made), "failures": [{"reason": reason}]}));
        };
        let running: Vec<&str> = providers.iter().map(String::as_str).collect();
        let provider = capacity::choose(&strategy, &running);
        let wanted = Launch {
            cluster: cluster.text("clusterName"),
            definition: &definition,
            network: &network,
            subnet,
            provider: provider.clone(),
            group: input
                .opt("group")
                .map_or_else(|| format!("family:{}", definition.text("family")), str::to_owned),
            started_by: input.opt("startedBy").map(str::to_owned),
            tags: tags.clone(),
            exec: input.flag("enableExecuteCommand"),
            overrides: overrides(&input),
            service: None,
            load_balancers: &[],
        };
        made.push(launch(call, &wanted)?);
        zones.extend(ec2::spot(call, subnet).map(|spot| spot.zone));
        providers.extend(provider);
    }
    Ok(json!({"tasks": shown(call, &made), "failures": []}))
}

fn shown(call: &Call, ids: &[String]) -> Value {
    ids.iter().filter_map(|id| call.get(TASK, id)).map(|row| list::view(row, true)).collect()
}

fn overrides(input: &Value) -> Value {
    let mut overrides = json!({"containerOverrides": [], "inferenceAcceleratorOverrides": []});
    for (name, value) in input["overrides"].as_object().into_iter().flatten() {
        overrides[name] = value.clone();
    }
    overrides
}

fn tags_of(input: &Value, definition: &Value, cluster: &Value) -> Result<Vec<Value>, Fault> {
    let mut all = tags::given(input.items("tags"))?;
    if input.text("propagateTags") == "TASK_DEFINITION" {
        let known: Vec<String> = all.iter().map(|tag| tag.text("Key").to_owned()).collect();
        let more = definition.items("Tags").iter();
        all.extend(more.filter(|tag| !known.iter().any(|key| key == tag.text("Key"))).cloned());
    }
    if input.flag("enableECSManagedTags") {
        all.push(json!({"Key": "aws:ecs:clusterName", "Value": cluster["clusterName"]}));
    }
    Ok(all)
}
