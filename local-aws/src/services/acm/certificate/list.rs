//! Lists of certificates: <https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html>

use super::{CERTIFICATE, view};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The algorithms of those that are listed where the request says nothing of keys.
const USUAL: [&str; 2] = ["RSA_1024", "RSA_2048"];

/// `ListCertificates`.
pub(in super::super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let includes = &input["Includes"];
    let statuses = input.texts("CertificateStatuses");
    let types = includes.texts("keyTypes");
    let types = if types.is_empty() { USUAL.to_vec() } else { types };
    let wanted = |row: &Value| {
        (statuses.is_empty() || statuses.contains(&row.text("Status")))
            && types.contains(&row.text("KeyAlgorithm"))
            && includes.opt("exportOption").is_none_or(|export| export == "DISABLED")
            && !includes.has("managedBy")
    };
    let mut rows: Vec<&Value> =
        call.rows(CERTIFICATE).map(|(_, row)| row).filter(|row| wanted(row)).collect();
    if input.has("SortBy") {
        let created = |row: &&Value| row.number("CreatedAt").unwrap_or_default();
        rows.sort_by(|a, b| created(a).total_cmp(&created(b)));
        if input.opt("SortOrder") == Some("DESCENDING") {
            rows.reverse();
        }
    }
    let summaries: Vec<Value> = rows.into_iter().map(|row| summary(call, row)).collect();
    Ok(json!({"CertificateSummaryList": summaries}))
}

fn summary(call: &Call, row: &Value) -> Value {
    let seen = view(call, row);
    let names = |member: &str| -> Vec<Value> {
        row.items(member).iter().map(|usage| usage["Name"].clone()).collect()
    };
    let mut summary = json!({
        "SubjectAlternativeNameSummaries": row["SubjectAlternativeNames"],
        "HasAdditionalSubjectAlternativeNames": false, "KeyUsages": names("KeyUsages"),
        "ExtendedKeyUsages": names("ExtendedKeyUsages"), "ExportOption": row["Options"]["Export"],
        "InUse": !seen.items("InUseBy").is_empty(), "Exported": false,
    });
    let same = [
        "CertificateArn",
        "DomainName",
        "Status",
        "Type",
        "KeyAlgorithm",
        "RenewalEligibility",
        "NotBefore",
        "NotAfter",
        "CreatedAt",
        "IssuedAt",
        "CertificateKeyPairOrigin",
        "_key",
    ];
    for member in same.into_iter().filter(|member| seen.has(member)) {
        summary[member] = seen[member].clone();
    }
    summary
}
