//! What listeners and rules do with requests:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html>

use super::load_balancer::LOAD_BALANCER;
use super::{account, invalid_configuration, target_group, validation};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The most weight of a target group.
const WEIGHT: i64 = 999;

/// What a redirect leaves as it is: a member of `RedirectConfig`, and the value that means so.
const KEPT: [(&str, &str); 5] = [
    ("Protocol", "#{protocol}"),
    ("Port", "#{port}"),
    ("Host", "#{host}"),
    ("Path", "/#{path}"),
    ("Query", "#{query}"),
];

/// The target groups that actions forward to.
pub(super) fn target_groups(actions: &[Value]) -> Vec<String> {
    let groups = actions.iter().flat_map(|action| action["ForwardConfig"].items("TargetGroups"));
    groups.map(|group| group.text("TargetGroupArn").to_owned()).collect()
}

/// The actions of a request for a listener of a load balancer, complete with AWS's defaults.
pub(super) fn of_request(
    call: &Call,
    (balancer, protocol): (&str, &str),
    given: &[Value],
) -> Result<Vec<Value>, Fault> {
    let [action] = given else {
        return Err(validation(
            "Exactly one action of the type forward, redirect or fixed-response must be specified",
        ));
    };
    let done = match action.text("Type") {
        "forward" => forward(call, balancer, action)?,
        "redirect" => redirect(action, protocol)?,
        "fixed-response" => fixed_response(action)?,
        kind => return Err(Fault::not_implemented(&format!("actions of the type {kind}"))),
    };
    Ok(vec![done])
}

fn invalid_action(message: impl Into<String>) -> Fault {
    Fault::new("InvalidLoadBalancerAction", message)
}

/// The member of an action that its type needs, and no other type's.
fn own<'a>(action: &'a Value, member: &str) -> Result<&'a Value, Fault> {
    let others = ["ForwardConfig", "RedirectConfig", "FixedResponseConfig"];
    if let Some(other) = others.into_iter().find(|other| *other != member && action.has(other)) {
        return Err(validation(format!(
            "{other} cannot be specified for an action of the type '{}'",
            action.text("Type")
        )));
    }
    Ok(&action[member])
}

fn with_order(action: &Value, mut done: Value) -> Value {
    if action.has("Order") {
        done["Order"] = action["Order"].clone();
    }
    done
}

fn forward(call: &Call, balancer: &str, action: &Value) -> Result<Value, Fault> {
    let config = own(action, "ForwardConfig")?;
    let lone = action.opt("TargetGroupArn").map(|arn| vec![json!({"TargetGroupArn": arn})]);
    let groups = match (lone, config.items("TargetGroups")) {
        (Some(lone), []) => lone,
        (Some(lone), [one]) if lone[0]["TargetGroupArn"] == one["TargetGroupArn"] => {
            vec![one.clone()]
        }
        (None, groups) if !groups.is_empty() => groups.to_vec(),
        _ => {
            return Err(validation(
                "An action of the type 'forward' needs a target group, by its ARN or in ForwardConfig",
            ));
        }
    };
    if groups.len() > account::limit(call, "target-groups-per-action-on-application-load-balancer")
    {
        return Err(Fault::new("TooManyTargetGroups", "An action has too many target groups"));
    }
    let mut weighted = Vec::new();
    for group in &groups {
        let weight = group.int("Weight").unwrap_or(1);
        if !(0..=WEIGHT).contains(&weight) {
            return Err(validation(format!("The weight {weight} must be between 0 and {WEIGHT}")));
        }
        associable(call, balancer, group.text("TargetGroupArn"))?;
        weighted.push(json!({"TargetGroupArn": group["TargetGroupArn"], "Weight": weight}));
    }
    let lone = (weighted.len() == 1).then(|| weighted[0]["TargetGroupArn"].clone());
    let config = json!({"TargetGroups": weighted, "TargetGroupStickinessConfig": sticky(config)?});
    let done = json!({"Type": "forward", "TargetGroupArn": lone, "ForwardConfig": config});
    Ok(with_order(action, done))
}

fn sticky(config: &Value) -> Result<Value, Fault> {
    let asked = &config["TargetGroupStickinessConfig"];
    if !asked.flag("Enabled") {
        return Ok(json!({"Enabled": false}));
    }
    match asked.int("DurationSeconds") {
        Some(seconds @ 1..=604_800) => Ok(json!({"Enabled": true, "DurationSeconds": seconds})),
        _ => Err(validation("Stickiness needs a duration of 1 to 604800 seconds")),
    }
}

/// A load balancer can use a target group of its VPC that no other one uses.
fn associable(call: &Call, balancer: &str, group: &str) -> Result<(), Fault> {
    let row = target_group::named(call, group)?;
    let vpc = call.get(LOAD_BALANCER, balancer).map(|row| row.text("VpcId"));
    if vpc != row.opt("VpcId") {
        return Err(invalid_configuration(format!(
            "The target group '{group}' is not in the load balancer's VPC"
        )));
    }
    if target_group::load_balancers(call, group).iter().any(|other| other != balancer) {
        let message = format!(
            "The following target groups cannot be associated with more than one load balancer: {group}"
        );
        return Err(Fault::new("TargetGroupAssociationLimit", message));
    }
    Ok(())
}

fn redirect(action: &Value, protocol: &str) -> Result<Value, Fault> {
    let asked = own(action, "RedirectConfig")?;
    if !asked.has("StatusCode") {
        return Err(validation("An action of the type 'redirect' needs RedirectConfig"));
    }
    let mut config = json!({"StatusCode": asked["StatusCode"]});
    for (member, kept) in KEPT {
        config[member] = json!(asked.opt(member).unwrap_or(kept));
    }
    if KEPT[..4].iter().all(|(member, kept)| config.text(member) == *kept) {
        return Err(invalid_action(
            "A redirect must change at least one of protocol, port, host and path, or it redirects to itself",
        ));
    }
    if protocol == "HTTPS" && config.text("Protocol") == "HTTP" {
        return Err(invalid_action("HTTPS cannot be redirected to HTTP"));
    }
    let port = config.text("Port");
    if port != "#{port}" && !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err(validation(format!("The redirect port '{port}' is not valid")));
    }
    if !config.text("Path").starts_with('/') {
        return Err(validation("The redirect path must begin with a '/' character"));
    }
    Ok(with_order(action, json!({"Type": "redirect", "RedirectConfig": config})))
}

fn fixed_response(action: &Value) -> Result<Value, Fault> {
    const TYPES: [&str; 5] =
        ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
    let config = own(action, "FixedResponseConfig")?;
    if !config.has("StatusCode") {
        return Err(validation("An action of the type 'fixed-response' needs FixedResponseConfig"));
    }
    if let Some(kind) = config.opt("ContentType").filter(|kind| !TYPES.contains(kind)) {
        return Err(validation(format!("The content type '{kind}' is not valid")));
    }
    Ok(with_order(action, json!({"Type": "fixed-response", "FixedResponseConfig": config})))
}
