//! Dashboards, which belong to no region.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html>

use super::alarm_tags;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Dashboards by name: a `DashboardEntry` with the text in `_body`.
pub(super) const DASHBOARD: Table = Table::global("cloudwatch.dashboard");

/// What a widget can be.
const WIDGETS: [&str; 6] = ["alarm", "custom", "explorer", "log", "metric", "text"];

/// `PutDashboard`: makes one, or replaces its content. Tags count at creation only.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, body) = (input.text("DashboardName"), input.text("DashboardBody"));
    let tags = alarm_tags::checked(input.items("Tags"))?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > 255 || !name.bytes().all(allowed) {
        let message = format!(
            "The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_)."
        );
        return Err(Fault::new("InvalidParameterValue", message));
    }
    check(body)?;
    let arn = call.global_arn("cloudwatch", &format!("dashboard/{name}"));
    let tags = call.get(DASHBOARD, name).map_or(tags, |old| old.items("Tags").to_vec());
    let row = json!({
        "DashboardName": name, "DashboardArn": arn, "LastModified": call.now(), "Size": body.len(), "Tags": tags,
        "_arn": arn, "_key": name, "_body": body,
    });
    call.put(DASHBOARD, name, row);
    Ok(json!({"DashboardValidationMessages": []}))
}

fn check(body: &str) -> Result<(), Fault> {
    match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(members)) => match members.get("widgets") {
            Some(Value::Array(widgets)) => {
                widgets.iter().enumerate().try_for_each(|(at, widget)| check_widget(at, widget))
            }
            Some(_) => Err(problem("/widgets", "Should be an array")),
            None => Err(problem("/", "Should have required property 'widgets'")),
        },
        _ => Err(problem("", "The field DashboardBody must be a valid JSON object")),
    }
}

fn check_widget(at: usize, widget: &Value) -> Result<(), Fault> {
    let path = format!("/widgets/{at}");
    if !WIDGETS.contains(&widget.text("type")) {
        return Err(problem(
            &format!("{path}/type"),
            "Should be equal to one of the allowed values",
        ));
    }
    if !widget["properties"].is_object() {
        return Err(problem(&path, "Should have required property 'properties'"));
    }
    let places = ["x", "y", "width", "height"];
    match places.into_iter().find(|place| widget.has(place) && widget.int(place).is_none()) {
        Some(place) => Err(problem(&format!("{path}/{place}"), "Should be integer")),
        None => Ok(()),
    }
}

fn problem(path: &str, message: &str) -> Fault {
    let messages = json!([{"DataPath": path, "Message": message}]);
    let text = "The dashboard body is invalid, there are 1 validation errors";
    Fault::new("InvalidParameterInput", text).with("dashboardValidationMessages", messages)
}

/// `GetDashboard`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("DashboardName");
    let row = call.get(DASHBOARD, name).ok_or_else(|| not_found(name))?;
    Ok(
        json!({"DashboardName": name, "DashboardArn": row["DashboardArn"], "DashboardBody": row["_body"]}),
    )
}

fn not_found(name: &str) -> Fault {
    Fault::new("DashboardNotFoundError", format!("Dashboard {name} does not exist"))
}

/// `DeleteDashboards`: all of them or none.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    for name in input.texts("DashboardNames") {
        call.remove(DASHBOARD, name).ok_or_else(|| not_found(name))?;
    }
    Ok(json!({}))
}

/// `ListDashboards`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(1000);
    let input = call.input();
    let wanted = call
        .rows(DASHBOARD)
        .filter(|(name, _)| name.starts_with(input.text("DashboardNamePrefix")));
    Ok(json!({"DashboardEntries": wanted.map(|(_, row)| row).collect::<Vec<&Value>>()}))
}
