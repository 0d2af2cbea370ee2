use crate::testing::Probe;
use serde_json::json;

#[test]
fn a_dashboard_is_put_got_listed_and_deleted() {
    let cloud = Probe::new();
    let body = "{\"widgets\":[]}";
    let tags = json!([{"Key": "a", "Value": "1"}]);
    cloud.ok(
        "cloudwatch",
        "PutDashboard",
        json!({"DashboardName": "main", "DashboardBody": body, "Tags": tags}),
    );
    let got = cloud.ok("cloudwatch", "GetDashboard", json!({"DashboardName": "main"}));
    assert_eq!(
        (&got["DashboardBody"], &got["DashboardArn"]),
        (&json!(body), &json!("arn:aws:cloudwatch::123456789012:dashboard/main"))
    );
    assert_eq!(
        cloud.ok("cloudwatch", "ListTagsForResource", json!({"ResourceARN": got["DashboardArn"]}))
            ["Tags"],
        tags
    );
    let listed = cloud.ok("cloudwatch", "ListDashboards", json!({"DashboardNamePrefix": "ma"}));
    assert_eq!(listed["DashboardEntries"][0]["Size"], body.len());
    assert_eq!(
        cloud.err("cloudwatch", "DeleteDashboards", json!({"DashboardNames": ["main", "none"]})),
        "DashboardNotFoundError"
    );
    cloud.ok("cloudwatch", "DeleteDashboards", json!({"DashboardNames": ["main"]}));
    assert_eq!(
        cloud.err("cloudwatch", "GetDashboard", json!({"DashboardName": "main"})),
        "DashboardNotFoundError"
    );
    for (name, body) in [
        ("a b", "{\"widgets\":[]}"),
        ("a", "{"),
        ("a", "{\"widgets\":1}"),
        ("a", "{\"widgets\":[{\"type\":\"pie\",\"properties\":{}}]}"),
        ("a", "{\"widgets\":[{\"type\":\"text\"}]}"),
        ("a", "{\"widgets\":[{\"type\":\"text\",\"properties\":{},\"width\":\"6\"}]}"),
    ] {
        let code = cloud.err(
            "cloudwatch",
            "PutDashboard",
            json!({"DashboardName": name, "DashboardBody": body}),
        );
        assert!(
            ["InvalidParameterValueException", "DashboardInvalidInputError"]
                .contains(&code.as_str()),
            "{code}"
        );
    }
}
