//! Listeners: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html>

pub(super) mod attribute;
pub(super) mod certificate;
mod change;

pub(super) use self::change::{create, modify};

use super::{load_balancer, rule, target_group, validation};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Rows are a `Listener` by ARN, with `_load_balancer`, `_attributes`, and `_certificates` beyond the default one.
pub(super) const LISTENER: Table = Table::regional("elbv2.listener");

/// The listener with an ARN.
pub(super) fn named(call: &Call, arn: &str) -> Result<Value, Fault> {
    call.get(LISTENER, arn).cloned().ok_or_else(|| {
        Fault::new("ListenerNotFound", format!("One or more listeners not found: '{arn}'"))
    })
}

/// The listeners of a load balancer.
pub(super) fn of<'c>(call: &'c Call, balancer: &str) -> impl Iterator<Item = (&'c str, &'c Value)> {
    call.rows(LISTENER).filter(move |(_, row)| row.text("_load_balancer") == balancer)
}

/// `DescribeListeners`: by ARN, or of a load balancer.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arns = input.texts("ListenerArns");
    let found: Vec<Value> = match (input.opt("LoadBalancerArn"), &arns[..]) {
        (Some(balancer), []) => {
            load_balancer::named(call, balancer)?;
            of(call, balancer).map(|(_, row)| row.clone()).collect()
        }
        (None, [_, ..]) => arns.iter().map(|arn| named(call, arn)).collect::<Result<_, Fault>>()?,
        _ => {
            return Err(validation(
                "Either a load balancer ARN or one or more listener ARNs must be specified",
            ));
        }
    };
    Ok(json!({"Listeners": found}))
}

/// `DeleteListener`, with its rules.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("ListenerArn"))?;
    remove(call, row.text("ListenerArn"));
    target_group::refresh(call);
    Ok(json!({}))
}

fn remove(call: &mut Call, arn: &str) {
    rule::delete_of(call, arn);
    call.remove(LISTENER, arn);
}

/// Removes the listeners of a load balancer that is deleted.
pub(super) fn delete_of(call: &mut Call, balancer: &str) {
    let arns: Vec<String> = of(call, balancer).map(|(arn, _)| arn.to_owned()).collect();
    for arn in arns {
        remove(call, &arn);
    }
    target_group::refresh(call);
}

/// The ARNs of the load balancers whose listeners use a certificate.
pub(crate) fn using_certificate(call: &Call, certificate: &str) -> BTreeSet<String> {
    let uses = |row: &Value| {
        let default = row.items("Certificates").iter();
        default.map(|one| one.text("CertificateArn")).any(|arn| arn == certificate)
            || row.texts("_certificates").contains(&certificate)
    };
    let rows = call.rows(LISTENER).map(|(_, row)| row).filter(|row| uses(row));
    rows.map(|row| row.text("_load_balancer").to_owned()).collect()
}
