//! Types of resources as the tagging API writes them: `service`, or `service:type` as in ARNs.

/// Whether an ARN is of a type such as `ec2`, `ec2:vpc`, `logs:log-group` or `s3:bucket`.
pub(super) fn is(arn: &str, kind: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, rest) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    let Some((wanted, kind)) = kind.split_once(':') else { return kind == service };
    if wanted != service {
        return false;
    }
    match untyped(service) {
        Some(only) => kind == only,
        None => rest.strip_prefix(kind).is_some_and(|after| after.starts_with(['/', ':'])),
    }
}

/// The one type of resource of a service whose ARNs name none.
fn untyped(service: &str) -> Option<&'static str> {
    match service {
        "s3" => Some("bucket"),
        "sns" => Some("topic"),
        "sqs" => Some("queue"),
        _ => None,
    }
}
