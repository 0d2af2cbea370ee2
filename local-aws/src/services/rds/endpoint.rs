//! The endpoints of clusters:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterEndpoints.html>

use super::query::{page_size, passes};
use super::reference::{self, CLUSTER};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `DescribeDBClusterEndpoints`: the writer's and the readers' of each cluster.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    page_size(&input)?;
    let only =
        input.opt("DBClusterIdentifier").map(|id| reference::cluster(call, id)).transpose()?;
    let clusters: Vec<(String, Value)> = match only {
        Some(cluster) => vec![cluster],
        None => call.rows(CLUSTER).map(|(id, row)| (id.to_owned(), row.clone())).collect(),
    };
    let fields = [
        ("db-cluster-endpoint-type", "EndpointType"),
        ("db-cluster-endpoint-status", "Status"),
        ("db-cluster-endpoint-custom-type", "CustomEndpointType"),
        ("db-cluster-endpoint-id", "DBClusterEndpointIdentifier"),
    ];
    let mut shown = Vec::new();
    for (id, row) in clusters {
        for (member, kind) in [("Endpoint", "WRITER"), ("ReaderEndpoint", "READER")] {
            let endpoint = json!({
                "DBClusterIdentifier": id, "Endpoint": row[member], "Status": "available", "EndpointType": kind,
            });
            let named = !input.has("DBClusterEndpointIdentifier");
            if named && passes(&endpoint, input.items("Filters"), &fields)? {
                shown.push(endpoint);
            }
        }
    }
    Ok(json!({"DBClusterEndpoints": shown}))
}
