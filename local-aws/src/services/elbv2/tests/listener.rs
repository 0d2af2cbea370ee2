use super::{balancer, http, network, target_group};
use crate::fields::Fields;
use crate::services::acm::tests::issued;
use crate::testing::Probe;
use serde_json::{Value, json};

const POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09";

fn redirect() -> Value {
    json!([{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}])
}

#[test]
fn https_needs_a_certificate_that_was_issued() {
    let cloud = Probe::new();
    let (vpc, subnets) = network(&cloud, &["us-east-1a", "us-east-1b"]);
    let arn = balancer(&cloud, "shop", &subnets, &[]);
    let group = target_group(&cloud, "web", &vpc);
    let base = json!({
        "LoadBalancerArn": arn, "Protocol": "HTTPS", "Port": 443,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
    });
    let with = |more: Value| {
        let mut input = base.clone();
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let refused = |more: Value| cloud.err("elbv2", "CreateListener", with(more));
    assert_eq!(refused(json!({})), "ValidationError");
    let unknown = "arn:aws:acm:us-east-1:123456789012:certificate/none";
    let none = json!({"Certificates": [{"CertificateArn": unknown}]});
    assert_eq!(refused(none), "CertificateNotFound");
    let request = json!({"DomainName": "shop.example", "ValidationMethod": "DNS"});
    let pending = cloud.ok("acm", "RequestCertificate", request)["CertificateArn"].clone();
    let pending = json!({"Certificates": [{"CertificateArn": pending}]});
    assert_eq!(refused(pending), "UnsupportedCertificate");
    let certificate = issued(&cloud, "globecart.example");
    let certificates = json!([{"CertificateArn": certificate}]);
    assert_eq!(
        refused(json!({"Certificates": certificates, "SslPolicy": "None"})),
        "SSLPolicyNotFound"
    );
    let plain = json!({"Protocol": "HTTP", "Certificates": certificates});
    assert_eq!(refused(plain), "InvalidConfigurationRequest");
    let input = with(json!({"Certificates": certificates, "SslPolicy": POLICY}));
    let made = cloud.ok("elbv2", "CreateListener", input.clone());
    let made = made["Listeners"][0].clone();
    assert_eq!(made["SslPolicy"], POLICY);
    let again = cloud.ok("elbv2", "CreateListener", input);
    assert_eq!(again["Listeners"][0]["ListenerArn"], made["ListenerArn"]);
    assert_eq!(refused(json!({"Certificates": certificates})), "DuplicateListener");
    let one = json!({"CertificateArn": certificate});
    assert_eq!(cloud.err("acm", "DeleteCertificate", one.clone()), "ResourceInUseException");
    let seen = cloud.ok("acm", "DescribeCertificate", one.clone());
    assert_eq!(seen["Certificate"]["InUseBy"], json!([arn]));
    cloud.ok("elbv2", "DeleteListener", json!({"ListenerArn": made["ListenerArn"]}));
    cloud.ok("acm", "DeleteCertificate", one);
}

#[test]
fn further_certificates_come_and_go() {
    let cloud = Probe::new();
    let (_, subnets) = network(&cloud, &["us-east-1a", "us-east-1b"]);
    let arn = balancer(&cloud, "shop", &subnets, &[]);
    let (first, second) = (issued(&cloud, "one.example"), issued(&cloud, "two.example"));
    let made = cloud.ok(
        "elbv2",
        "CreateListener",
        json!({
            "LoadBalancerArn": arn, "Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": first}],
            "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        }),
    );
    let listener = made["Listeners"][0].text("ListenerArn").to_owned();
    assert_eq!(made["Listeners"][0]["SslPolicy"], "ELBSecurityPolicy-2016-08");
    let with = |certificate: &str| json!({"ListenerArn": listener, "Certificates": [{"CertificateArn": certificate}]});
    cloud.ok("elbv2", "AddListenerCertificates", with(&second));
    let all = cloud.ok("elbv2", "DescribeListenerCertificates", json!({"ListenerArn": listener}));
    assert_eq!(
        all["Certificates"],
        json!([
            {"CertificateArn": first, "IsDefault": true}, {"CertificateArn": second, "IsDefault": false},
        ])
    );
    let default = with(&first);
    assert_eq!(cloud.err("elbv2", "RemoveListenerCertificates", default), "OperationNotPermitted");
    cloud.ok("elbv2", "RemoveListenerCertificates", with(&second));
    cloud.ok("acm", "DeleteCertificate", json!({"CertificateArn": second}));
}

#[test]
fn redirects_are_completed_and_do_not_lead_back() {
    let cloud = Probe::new();
    let (_, subnets) = network(&cloud, &["us-east-1a", "us-east-1b"]);
    let arn = balancer(&cloud, "shop", &subnets, &[]);
    let create = |actions: &Value| {
        let input = json!({
            "LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80, "DefaultActions": actions,
        });
        cloud.call("elbv2", "CreateListener", &input).map_err(|(code, _)| code)
    };
    let loops = json!([{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}]);
    assert_eq!(create(&loops).unwrap_err(), "InvalidLoadBalancerAction");
    let oidc = json!([{"Type": "jwt-validation"}]);
    assert_eq!(create(&oidc).unwrap_err(), "NotImplemented");
    assert_eq!(create(&json!([])).unwrap_err(), "ValidationError");
    let made = create(&redirect()).unwrap();
    assert_eq!(
        made["Listeners"][0]["DefaultActions"],
        json!([{"Type": "redirect", "RedirectConfig": {
            "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
            "StatusCode": "HTTP_301",
        }}])
    );
    assert_eq!(cloud.err("elbv2", "DescribeListeners", json!({})), "ValidationError");
    let listener = made["Listeners"][0].text("ListenerArn").to_owned();
    let hsts = "routing.http.response.strict_transport_security.header_value";
    let set = |key: &str, value: &str| {
        let attributes = json!([{"Key": key, "Value": value}]);
        let input = json!({"ListenerArn": listener, "Attributes": attributes});
        cloud.call("elbv2", "ModifyListenerAttributes", &input).map_err(|(code, _)| code)
    };
    set(hsts, "max-age=31536000").unwrap();
    let tls = "routing.http.request.x_amzn_tls_version.header_name";
    assert_eq!(set(tls, "x").unwrap_err(), "InvalidConfigurationRequest");
}

#[test]
fn a_listener_is_changed_in_place() {
    let cloud = Probe::new();
    let (vpc, subnets) = network(&cloud, &["us-east-1a", "us-east-1b"]);
    let arn = balancer(&cloud, "shop", &subnets, &[]);
    let (old, new) = (target_group(&cloud, "old", &vpc), target_group(&cloud, "new", &vpc));
    let listener = http(&cloud, &arn, 80, &old);
    let other = http(&cloud, &arn, 81, &old);
    let actions = json!([{"Type": "forward", "TargetGroupArn": new}]);
    for listener in [&listener, &other] {
        let input = json!({"ListenerArn": listener, "DefaultActions": actions});
        cloud.ok("elbv2", "ModifyListener", input);
    }
    cloud.ok("elbv2", "DeleteTargetGroup", json!({"TargetGroupArn": old}));
    let rules = cloud.ok("elbv2", "DescribeRules", json!({"ListenerArn": listener}));
    assert_eq!(rules["Rules"][0]["Actions"][0]["TargetGroupArn"], new.as_str());
    let taken = json!({"ListenerArn": listener, "Port": 81});
    assert_eq!(cloud.err("elbv2", "ModifyListener", taken), "DuplicateListener");
    let port = json!({"ListenerArn": listener, "Port": 8080});
    cloud.ok("elbv2", "ModifyListener", port);
    let secure = json!({"ListenerArn": listener, "Protocol": "HTTPS"});
    assert_eq!(cloud.err("elbv2", "ModifyListener", secure), "ValidationError");
    cloud.ok("elbv2", "DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    let gone = json!({"ListenerArns": [listener]});
    assert_eq!(cloud.err("elbv2", "DescribeListeners", gone), "ListenerNotFound");
    cloud.ok("elbv2", "DeleteTargetGroup", json!({"TargetGroupArn": new}));
}

#[test]
fn security_policies_say_what_they_allow() {
    let cloud = Probe::new();
    let all = cloud.ok("elbv2", "DescribeSSLPolicies", json!({}));
    assert!(all.items("SslPolicies").len() > 30);
    let one = cloud.ok("elbv2", "DescribeSSLPolicies", json!({"Names": [POLICY]}));
    let one = &one["SslPolicies"][0];
    assert_eq!(one["SslProtocols"], json!(["TLSv1.2", "TLSv1.3"]));
    let weak = |cipher: &Value| {
        cipher.text("Name").ends_with("-SHA") || cipher.text("Name").contains("CHACHA")
    };
    assert!(!one.items("Ciphers").iter().any(weak));
    let none = json!({"Names": ["ELBSecurityPolicy-Mine"]});
    assert_eq!(cloud.err("elbv2", "DescribeSSLPolicies", none), "SSLPolicyNotFound");
}
