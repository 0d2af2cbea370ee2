use crate::fields::Fields;
use crate::testing::{Probe, START};
use serde_json::{Value, json};

fn request(cloud: &Probe, more: Value) -> String {
    let mut input = json!({"ValidationMethod": "DNS"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    cloud.ok("acm", "RequestCertificate", input).text("CertificateArn").to_owned()
}

fn described(cloud: &Probe, arn: &str) -> Value {
    cloud.ok("acm", "DescribeCertificate", json!({"CertificateArn": arn}))["Certificate"].clone()
}

/// Makes a zone, and the records that validate a certificate.
fn validate(cloud: &Probe, zone: &str, arn: &str) -> String {
    let made =
        cloud.ok("route53", "CreateHostedZone", json!({"Name": zone, "CallerReference": zone}));
    let zone = made["HostedZone"].text("Id").trim_start_matches("/hostedzone/").to_owned();
    let options = described(cloud, arn)["DomainValidationOptions"].clone();
    let mut changes: Vec<Value> = Vec::new();
    for option in options.as_array().unwrap() {
        let record = &option["ResourceRecord"];
        let set = json!({
            "Name": record["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": record["Value"]}],
        });
        let change = json!({"Action": "UPSERT", "ResourceRecordSet": set});
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    let input = json!({"HostedZoneId": zone, "ChangeBatch": {"Changes": changes}});
    cloud.ok("route53", "ChangeResourceRecordSets", input);
    zone
}

/// A certificate that was issued, for the tests of others.
pub(in crate::services) fn issued(cloud: &Probe, domain: &str) -> String {
    let arn = request(cloud, json!({"DomainName": domain}));
    cloud.pass(2.0);
    validate(cloud, domain, &arn);
    cloud.pass(300.0);
    assert_eq!(described(cloud, &arn)["Status"], "ISSUED");
    arn
}

#[test]
fn a_certificate_is_issued_when_its_records_are_answered() {
    let cloud = Probe::new();
    let names =
        json!({"DomainName": "shop.example", "SubjectAlternativeNames": ["*.shop.example"]});
    let arn = request(&cloud, names);
    let seen = described(&cloud, &arn);
    assert_eq!(seen["Status"], "PENDING_VALIDATION");
    assert_eq!(seen["CreatedAt"], START);
    assert!(!seen["DomainValidationOptions"][0].has("ResourceRecord"));
    cloud.pass(2.0);
    let seen = described(&cloud, &arn);
    let options = seen.items("DomainValidationOptions");
    assert_eq!(options.len(), 2);
    let record = &options[0]["ResourceRecord"];
    assert_eq!(record["Type"], "CNAME");
    assert!(record.text("Name").ends_with(".shop.example."));
    assert!(record.text("Value").ends_with(".acm-validations.aws."));
    assert_eq!(options[1]["ResourceRecord"], *record);
    assert_eq!(options[1]["DomainName"], "*.shop.example");
    cloud.pass(400.0);
    assert_eq!(described(&cloud, &arn)["Status"], "PENDING_VALIDATION");
    validate(&cloud, "shop.example", &arn);
    // The record is answered after 35 seconds, the certificate is there 150 seconds later.
    cloud.pass(184.0);
    assert_eq!(described(&cloud, &arn)["Status"], "PENDING_VALIDATION");
    cloud.pass(1.0);
    let seen = described(&cloud, &arn);
    assert_eq!(seen["Status"], "ISSUED");
    assert_eq!(seen["DomainValidationOptions"][1]["ValidationStatus"], "SUCCESS");
    assert_eq!(seen["RenewalEligibility"], "INELIGIBLE");
    let seconds = |member: &str| seen[member].as_f64().unwrap().round();
    let days = (seconds("NotAfter") - seconds("NotBefore")) / 86400.0;
    assert!((197.9..198.1).contains(&days), "{days}");
    let listed = cloud.ok("acm", "ListCertificates", json!({"CertificateStatuses": ["ISSUED"]}));
    assert_eq!(listed["CertificateSummaryList"][0]["CertificateArn"], arn.as_str());
    cloud.ok("acm", "DeleteCertificate", json!({"CertificateArn": arn}));
    let gone = json!({"CertificateArn": arn});
    assert_eq!(cloud.err("acm", "DescribeCertificate", gone), "ResourceNotFoundException");
}

#[test]
fn another_zone_or_another_value_validates_nothing_and_it_times_out() {
    let cloud = Probe::new();
    let arn = request(&cloud, json!({"DomainName": "shop.example"}));
    cloud.pass(2.0);
    let zone = validate(&cloud, "shop.example", &arn);
    let record = &described(&cloud, &arn)["DomainValidationOptions"][0]["ResourceRecord"];
    let wrong = json!({
        "Name": record["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": "elsewhere.example"}],
    });
    let changes = json!({"Changes": [{"Action": "UPSERT", "ResourceRecordSet": wrong}]});
    let input = json!({"HostedZoneId": zone, "ChangeBatch": changes});
    cloud.ok("route53", "ChangeResourceRecordSets", input);
    cloud.pass(72.0 * 3600.0 - 60.0);
    assert_eq!(described(&cloud, &arn)["Status"], "PENDING_VALIDATION");
    cloud.pass(120.0);
    assert_eq!(described(&cloud, &arn)["Status"], "VALIDATION_TIMED_OUT");
}

#[test]
fn a_token_is_known_for_an_hour() {
    let cloud = Probe::new();
    let once = json!({"DomainName": "shop.example", "IdempotencyToken": "once"});
    let first = request(&cloud, once.clone());
    assert_eq!(request(&cloud, once.clone()), first);
    assert_ne!(request(&cloud, json!({"DomainName": "shop.example"})), first);
    cloud.pass(3601.0);
    assert_ne!(request(&cloud, once), first);
}

#[test]
fn it_is_renewed_while_it_is_used_and_expires_otherwise() {
    let cloud = Probe::new();
    let arn = issued(&cloud, "shop.example");
    let end = described(&cloud, &arn)["NotAfter"].clone();
    cloud.pass(139.0 * 86400.0);
    assert_eq!(described(&cloud, &arn)["NotAfter"], end);
    assert!(!described(&cloud, &arn).has("RenewalSummary"));
    cloud.pass(60.0 * 86400.0);
    assert_eq!(described(&cloud, &arn)["Status"], "EXPIRED");
}

#[test]
fn what_is_not_there_is_refused() {
    let cloud = Probe::new();
    let refused = |input: Value| cloud.err("acm", "RequestCertificate", input);
    assert_eq!(refused(json!({"DomainName": "shop.example"})), "NotImplemented");
    let email = json!({"DomainName": "shop.example", "ValidationMethod": "EMAIL"});
    assert_eq!(refused(email), "NotImplemented");
    let dns = |name: &str| json!({"DomainName": name, "ValidationMethod": "DNS"});
    assert_eq!(refused(dns("not a name")), "ValidationException");
    let mut weak = dns("shop.example");
    weak["KeyAlgorithm"] = json!("RSA_1024");
    assert_eq!(refused(weak), "InvalidParameterException");
    let arn = request(
        &cloud,
        json!({"DomainName": "shop.example", "Tags": [{"Key": "a", "Value": "b"}]}),
    );
    let tags = |operation: &str, tags: Value| {
        cloud.ok("acm", operation, json!({"CertificateArn": arn, "Tags": tags}));
    };
    tags("AddTagsToCertificate", json!([{"Key": "c", "Value": "d"}]));
    tags("RemoveTagsFromCertificate", json!([{"Key": "a", "Value": "other"}, {"Key": "c"}]));
    let all = cloud.ok("acm", "ListTagsForCertificate", json!({"CertificateArn": arn}));
    assert_eq!(all["Tags"], json!([{"Key": "a", "Value": "b"}]));
    let reserved = json!({"CertificateArn": arn, "Tags": [{"Key": "aws:x", "Value": "y"}]});
    assert_eq!(cloud.err("acm", "AddTagsToCertificate", reserved), "InvalidTagException");
}
