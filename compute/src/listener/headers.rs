//! Headers that a listener sets and removes:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html>

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::ListenerAttribute;
use globecart_aws::engine::CallResult;
use globecart_aws::{Aws, Doing, ListenerArn, absent_is_none};

use super::Listener;

const HSTS: &str = "routing.http.response.strict_transport_security.header_value";
const SERVER: &str = "routing.http.response.server.enabled";

fn declared(of: &Listener) -> [(&'static str, String); 2] {
    let hsts = of.strict_transport_security.clone().unwrap_or_default();
    [(HSTS, hsts), (SERVER, of.server_header.to_string())]
}

/// Sets what differs from `old`, or from what AWS gives a new listener, in one call.
pub(super) async fn write(
    aws: &Aws,
    arn: &ListenerArn,
    of: &Listener,
    old: Option<&Listener>,
) -> CallResult<()> {
    let usual = [(HSTS, String::new()), (SERVER, "true".to_owned())];
    let before = old.map_or(usual, declared);
    let fresh = declared(of).into_iter().filter(|attribute| !before.contains(attribute));
    let attribute = |(key, value)| ListenerAttribute::builder().key(key).value(value).build();
    let fresh: Vec<ListenerAttribute> = fresh.map(attribute).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let call = aws.elb().modify_listener_attributes().listener_arn(arn.as_str());
    let call = call.set_attributes(Some(fresh));
    call.send().await.map(|_| ()).doing("setting the listener's headers")
}

/// The arguments with the live headers; `None` where there is no such listener.
pub(super) async fn read(
    aws: &Aws,
    arn: &ListenerArn,
    args: Listener,
) -> CallResult<Option<Listener>> {
    let call = aws.elb().describe_listener_attributes().listener_arn(arn.as_str());
    let answer = absent_is_none(call.send().await.doing("reading the listener's headers"))?;
    let Some(answer) = answer else { return Ok(None) };
    let pairs = answer.attributes.unwrap_or_default().into_iter();
    let all: BTreeMap<String, String> =
        pairs.filter_map(|attribute| Some((attribute.key?, attribute.value?))).collect();
    let hsts = all.get(HSTS).filter(|value| !value.is_empty()).cloned();
    let server = all.get(SERVER).is_none_or(|value| value == "true");
    Ok(Some(Listener { strict_transport_security: hsts, server_header: server, ..args }))
}
