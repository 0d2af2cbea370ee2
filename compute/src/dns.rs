//! Names of domains, and the changes of Route 53 until all name servers have them.

use aws_sdk_route53::types::{ChangeInfo, ChangeStatus};
use globecart_aws::engine::{CallError, CallResult, Class, Invalid};
use globecart_aws::{Aws, DnsChangeId, Doing, HostedZoneId, absent_is_none};

/// Checks a name of two labels or more.
pub(crate) fn check(field: &str, name: &str) -> Result<(), Invalid> {
    let label = |label: &str| {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(letters)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.contains('.') && name.len() <= 253 && name.split('.').all(label) {
        return Ok(());
    }
    let rule =
        "labels of small letters, digits and hyphens with dots between, as in `shop.example`";
    Err(Invalid::new(field, format!("`{name}` must be {rule}")))
}

/// A name as Route 53 writes it: in small letters, with a dot at its end.
pub(crate) fn dotted(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('*', "\\052");
    if name.ends_with('.') { name } else { format!("{name}.") }
}

/// Whether two texts are the same name.
pub(crate) fn same(one: &str, other: &str) -> bool {
    dotted(one) == dotted(other)
}

/// The id of a change, without what the API puts before it.
pub(crate) fn change_id(info: Option<&ChangeInfo>) -> Option<DnsChangeId> {
    let id = info?.id();
    Some(DnsChangeId::new(id.rsplit('/').next().unwrap_or(id)))
}

/// The id of a zone, without what the API puts before it.
pub(crate) fn zone_id(id: &str) -> HostedZoneId {
    HostedZoneId::new(id.rsplit('/').next().unwrap_or(id))
}

/// Whether a change has not reached all name servers yet. One that is not known any more has.
pub(crate) async fn is_pending(aws: &Aws, change: Option<&DnsChangeId>) -> CallResult<bool> {
    let Some(change) = change else { return Ok(false) };
    let call = aws.route53().get_change().id(change.as_str()).send().await;
    let answer = absent_is_none(call.doing("asking whether the name servers have the change"))?;
    let info = answer.and_then(|answer| answer.change_info);
    Ok(info.is_some_and(|info| *info.status() == ChangeStatus::Pending))
}

/// The public hosted zone of a name; `None` where there is none.
pub(crate) async fn zone_named(aws: &Aws, name: &str) -> CallResult<Option<HostedZoneId>> {
    let doing = "looking for the hosted zone";
    let call = aws.route53().list_hosted_zones_by_name().dns_name(dotted(name)).send().await;
    let zones = call.doing(doing)?.hosted_zones;
    let public = zones.iter().filter(|zone| {
        same(zone.name(), name) && !zone.config().is_some_and(|config| config.private_zone)
    });
    let ids: Vec<HostedZoneId> = public.map(|zone| zone_id(zone.id())).collect();
    match &ids[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => {
            let problem =
                format!("{} public hosted zones are named {name}: give the id of one", ids.len());
            Err(CallError::new(Class::Invalid, doing, problem))
        }
    }
}
