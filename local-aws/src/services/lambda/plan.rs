//! What is needed to run a function.

use super::invoke::Invocation;
use super::outcome::Ran;
use super::reference::Named;
use super::{code, concurrency};
use crate::call::Call;
use crate::fields::Fields;
use serde_json::Value;

/// Everything about a version of a function that running it needs.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// What environments that can be used again have in common.
    pub(crate) key: String,
    /// The ARN of the function without a version: what concurrency is counted by.
    pub(crate) function_arn: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) handler: String,
    pub(crate) memory_mb: i64,
    /// Real seconds that one invocation may take.
    pub(crate) timeout_secs: u32,
    pub(crate) log_group: String,
    /// The function's own variables.
    pub(crate) variables: Vec<(String, String)>,
    /// The package.
    pub(crate) zip: Vec<u8>,
    /// Invocations at once that are allowed.
    pub(crate) most_at_once: usize,
    /// Its security groups; none outside of a VPC.
    #[cfg_attr(
        not(all(unix, feature = "postgres")),
        expect(dead_code, reason = "only databases ask who may reach them")
    )]
    pub(crate) security_groups: Vec<String>,
}

/// Looks up what to run; or how the run ends before it begins.
pub(crate) fn plan(call: &Call, invocation: &Invocation) -> Result<Plan, Ran> {
    let mut named = Named::parse(&invocation.function);
    named.qualifier = Some(invocation.version.clone());
    let gone = || {
        let message = format!("Function not found: {}", named.arn(call));
        Ran::unhandled("ResourceNotFoundException", &message)
    };
    let (function, row) = (named.function(call), named.version(call));
    let (Ok(function), Ok(row)) = (function, row) else { return Err(gone()) };
    super::invoke::invocable(&row).map_err(|fault| Ran::unhandled(&fault.code, &fault.message))?;
    let zip = code::package(call, &row).ok_or_else(gone)?;
    let variables = row["Environment"]["Variables"].as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let most = function.int("_reserved").unwrap_or_else(|| concurrency::unreserved(call));
    Ok(Plan {
        key: format!(
            "{}/{}/{}/{}",
            row.text("FunctionArn"),
            row.text("Version"),
            row.text("CodeSha256"),
            row.text("LastModified")
        ),
        function_arn: function.text("FunctionArn").to_owned(),
        name: named.name.clone(),
        version: row.text("Version").to_owned(),
        handler: row.text("Handler").to_owned(),
        memory_mb: row.int("MemorySize").unwrap_or(128),
        timeout_secs: row
            .int("Timeout")
            .and_then(|seconds| u32::try_from(seconds).ok())
            .unwrap_or(3),
        log_group: row["LoggingConfig"].text("LogGroup").to_owned(),
        variables: variables.map(|(name, value)| (name.clone(), text(value))).collect(),
        zip,
        most_at_once: usize::try_from(most).unwrap_or_default(),
        security_groups: row["VpcConfig"]
            .texts("SecurityGroupIds")
            .into_iter()
            .map(str::to_owned)
            .collect(),
    })
}
