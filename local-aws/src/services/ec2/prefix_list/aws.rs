//! The prefix lists that AWS keeps for its services that have gateway endpoints. They are not stored: every region has them.

use crate::call::{Call, digest};
use crate::fields::Fields;
use serde_json::{Value, json};

/// The services, and blocks that stand for their addresses (benchmark networks, so that they are nobody's).
const SERVICES: [(&str, [&str; 2]); 2] = [
    ("dynamodb", ["198.19.0.0/22", "198.19.4.0/22"]),
    ("s3", ["198.19.128.0/20", "198.19.144.0/20"]),
];

/// AWS's own lists of the region.
pub(super) fn lists(call: &Call) -> Vec<Value> {
    let region = call.region();
    SERVICES.map(|(service, blocks)| {
        let name = format!("com.amazonaws.{region}.{service}");
        let id = format!("pl-{}", &digest(&name)[..8]);
        json!({
            "PrefixListId": id, "PrefixListName": name, "AddressFamily": "IPv4", "State": "create-complete", "OwnerId": "AWS",
            "PrefixListArn": format!("arn:{}:ec2:{region}:aws:prefix-list/{id}", crate::region::partition(region)),
            "Tags": [], "_entries": blocks.map(|block| json!({"Cidr": block})),
        })
    })
    .into()
}

/// The list of a service's addresses, by the service's full name.
pub(in crate::services::ec2) fn of_service(call: &Call, service: &str) -> Option<String> {
    lists(call)
        .iter()
        .find(|list| list.text("PrefixListName") == service)
        .map(|list| list.text("PrefixListId").to_owned())
}
