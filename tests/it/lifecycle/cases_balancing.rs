//! The resource types of load balancing, each with one change.

use globecart_aws::DnsName;
use globecart_aws::Stack;
use globecart_aws::ec2::{SecurityGroup, SecurityGroupRefs};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::logs::LogGroup;
use globecart_aws::policy::{PolicyDocument, Statement, suffixed};
use globecart_aws::s3::Bucket;
use globecart_compute::{
    Action, Balancing, Certificate, CertificateValidation, Condition, DesyncMitigation,
    HealthCheck, HostedZone, KeyAlgorithm, Listener, ListenerRule, LoadBalancer, LoadBalancerRefs,
    LogDestination, LogResourcePolicy, ManagedRules, RecordSet, RecordTarget, TargetGroup,
    TargetProtocol, Tls, WebAcl, WebAclAssociation, WebAclLogging, WebAclRefs, WebAclRule, Zone,
};
use globecart_network::{InternetGatewayAttachmentRefs, SubnetRefs, VpcRefs};

use super::Case;
use super::Change::{InPlace, Replacement};
use super::cases::{case, gateway, subnet, vpc};

/// Every case.
pub(super) const ALL: &[Case] = &[
    case("a load balancer's attributes", InPlace, |stack, changed| {
        let place = place(stack)?;
        let logs = logs(stack)?;
        let mut balancer = balancer(&place);
        balancer.access_logs =
            Some(LogDestination { prefix: "requests".to_owned(), ..logs.clone() });
        balancer.connection_logs = (!changed).then_some(logs);
        balancer.desync_mitigation =
            if changed { DesyncMitigation::Strictest } else { DesyncMitigation::Monitor };
        balancer.idle_timeout_secs = if changed { 61 } else { 120 };
        balancer.tls_headers = changed;
        balancer.zonal_shift = true;
        let balancer = stack.add("balancer", balancer)?;
        stack.after(&balancer, &place.attachment);
        Ok(())
    }),
    case("a load balancer's subnets and groups", InPlace, |stack, changed| {
        let place = place(stack)?;
        let other = stack.add("other", subnet(&place.vpc, "10.0.2.0/24", "c"))?;
        let mut balancer = balancer(&place);
        if changed {
            balancer.subnets[1] = (&other.id).into();
            balancer.security_groups.remove(0);
        }
        let balancer = stack.add("balancer", balancer)?;
        stack.after(&balancer, &place.attachment);
        Ok(())
    }),
    case("a load balancer's scheme", Replacement, |stack, changed| {
        let place = place(stack)?;
        let internal = LoadBalancer { internal: !changed, ..balancer(&place) };
        let balancer = stack.add("balancer", internal)?;
        stack.after(&balancer, &place.attachment);
        Ok(())
    }),
    case("a target group's port", Replacement, |stack, changed| {
        let place = place(stack)?;
        let balancer = inside(stack, &place)?;
        let port = if changed { 8444 } else { 8443 };
        let group = TargetGroup { port, ..target_group(&place) };
        let group = stack.add("group", group)?;
        let listener = listener(&balancer, Action::forward(&group.arn));
        stack.add("listener", listener)?;
        Ok(())
    }),
    case("a target group's health check and attributes", InPlace, |stack, changed| {
        let place = place(stack)?;
        let mut group = target_group(&place);
        group.protocol = TargetProtocol::Http2OverTls;
        if changed {
            "/ready".clone_into(&mut group.health_check.path);
            group.deregistration_delay_secs = 60;
            group.balancing = Balancing::RoundRobin;
            group.slow_start_secs = 30;
            group.sticky_secs = Some(3600);
        } else {
            group.sticky_secs = Some(60);
        }
        stack.add("group", group)?;
        Ok(())
    }),
    case("a listener's action", InPlace, |stack, changed| {
        let place = place(stack)?;
        let balancer = inside(stack, &place)?;
        let action = if changed {
            Action::RedirectToHttps { port: 443 }
        } else {
            Action::respond(404, "nothing here")
        };
        let mut listener = listener(&balancer, action);
        listener.server_header = changed;
        stack.add("listener", listener)?;
        Ok(())
    }),
    case("a listener's rules", InPlace, |stack, changed| {
        let place = place(stack)?;
        let balancer = inside(stack, &place)?;
        let listener = stack.add("listener", listener(&balancer, Action::respond(404, "")))?;
        let hosts =
            |names: &[&str]| Condition::Host(names.iter().map(|&name| name.into()).collect());
        let paths = Condition::Path(vec!["/api/*".to_owned()]);
        let method = Condition::Method(vec!["GET".to_owned()]);
        let first = if changed {
            vec![hosts(&["a.example", "b.example"]), paths, method]
        } else {
            let source = Condition::Source(vec!["10.0.0.0/8".to_owned()]);
            let header =
                Condition::Header { name: "x-shop".to_owned(), values: vec!["1".to_owned()] };
            vec![paths, source, header]
        };
        let rule = |priority, conditions, status| {
            ListenerRule::builder()
                .listener(&listener.arn)
                .priority(priority)
                .conditions(conditions)
                .action(Action::respond(status, "later"))
                .build()
        };
        let (priority, status) = if changed { (7, 503) } else { (5, 500) };
        stack.add("rule", rule(priority, first, status))?;
        if !changed {
            stack.add("gone", rule(9, vec![hosts(&["c.example"])], 503))?;
        }
        Ok(())
    }),
    case("a certificate", Replacement, |stack, changed| {
        let place = place(stack)?;
        let balancer = inside(stack, &place)?;
        let zone = HostedZone::builder().name("shop.example").comment("the shop").build();
        let zone = stack.add("zone", zone)?;
        let certificate = Certificate::builder()
            .domain("www.shop.example")
            .wildcard(changed)
            .key(KeyAlgorithm::EcP256)
            .build();
        let certificate = stack.add("certificate", certificate)?;
        let value = certificate.record_value.clone();
        let record = RecordSet::builder()
            .zone(&zone.id)
            .name(certificate.record_name.clone())
            .target(RecordTarget::Cname { value, ttl_secs: 300 })
            .build();
        let record = stack.add("record", record)?;
        let issued =
            CertificateValidation::builder().certificate(certificate.arn.accepted()).build();
        let issued = stack.add("issued", issued)?;
        stack.after(&issued, &record);
        let tls = Tls::builder().certificate(issued.certificate.clone()).build();
        let listener = Listener::builder()
            .load_balancer(balancer.arn.accepted())
            .port(443)
            .tls(tls)
            .action(Action::respond(404, "nothing here"))
            .strict_transport_security("max-age=31536000")
            .build();
        stack.add("listener", listener)?;
        Ok(())
    }),
    case("a hosted zone's comment", InPlace, |stack, changed| {
        let comment = if changed { "for sale" } else { "the shop" };
        stack.add("zone", HostedZone::builder().name("shop.example").comment(comment).build())?;
        Ok(())
    }),
    case("records of a zone that is looked up", InPlace, |stack, changed| {
        let zone = stack.add("zone", HostedZone::builder().name("shop.example").build())?;
        let text = |values: &[&str]| RecordTarget::Text {
            values: values.iter().map(|&text| text.into()).collect(),
            ttl_secs: 60,
        };
        let other =
            RecordTarget::Cname { value: DnsName::new("other.example").into(), ttl_secs: 60 };
        let record = |name: &str, target| {
            let name = DnsName::new(format!("{name}.shop.example"));
            RecordSet::builder().zone(Zone::named("shop.example")).name(name).target(target).build()
        };
        let changing = if changed { text(&["here"]) } else { other.clone() };
        let changing = stack.add("changing", record("www", changing))?;
        let growing = if changed { text(&["one", "two"]) } else { text(&["one"]) };
        let growing = stack.add("growing", record("text", growing))?;
        stack.after(&changing, &zone);
        stack.after(&growing, &zone);
        if !changed {
            let gone = stack.add("gone", record("gone", other))?;
            stack.after(&gone, &zone);
        }
        Ok(())
    }),
    case("what stands before a load balancer", InPlace, |stack, changed| {
        let place = place(stack)?;
        let balancer = inside(stack, &place)?;
        let zone = stack.add("zone", HostedZone::builder().name("shop.example").build())?;
        let alias = RecordTarget::LoadBalancer {
            dns_name: balancer.dns_name.accepted(),
            zone: balancer.zone_id.accepted(),
            evaluate_health: changed,
        };
        let name = DnsName::new("shop.example");
        let alias = RecordSet::builder().zone(&zone.id).name(name).target(alias).build();
        stack.add("alias", alias)?;
        let mut acl = |name: &str| {
            stack.add(name, WebAcl::builder().description(name).rules(rules(changed)).build())
        };
        let acls = [acl("one-acl")?, acl("other-acl")?];
        let association = WebAclAssociation::builder()
            .web_acl(&acls[usize::from(changed)].arn)
            .load_balancer(&balancer.arn);
        stack.add("association", association.build())?;
        log(stack, &acls[0], changed)?;
        Ok(())
    }),
    // They go while what they were about stays.
    case("what a load balancer does without", InPlace, |stack, changed| {
        let place = place(stack)?;
        let balancer = inside(stack, &place)?;
        let acl = WebAcl::builder().description("the shop").rules(rules(changed)).build();
        let acl = stack.add("acl", acl)?;
        if changed {
            stack.knows(globecart_compute::kinds());
            stack.knows(globecart_aws::kinds());
            return Ok(());
        }
        let association =
            WebAclAssociation::builder().web_acl(&acl.arn).load_balancer(&balancer.arn);
        stack.add("association", association.build())?;
        log(stack, &acl, false)
    }),
];

fn rules(changed: bool) -> Vec<WebAclRule> {
    let common = WebAclRule::Managed {
        rules: ManagedRules::Common,
        only_count: ["SizeRestrictions_BODY".to_owned()].into(),
    };
    let login = WebAclRule::RateLimit {
        name: "login".to_owned(),
        requests: 100,
        within_secs: 60,
        path: Some("/login".to_owned()),
    };
    if changed {
        vec![WebAclRule::managed(ManagedRules::IpReputation), common, login]
    } else {
        vec![common, WebAclRule::rate_limit(2000)]
    }
}

/// Writes down what a web ACL looked at.
fn log(stack: &mut Stack, acl: &WebAclRefs, changed: bool) -> Result<(), Invalid> {
    let group = LogGroup::builder().name("aws-waf-logs-shop").build();
    let group = stack.add("waf-logs", group)?;
    let deliver = Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"])
        .service("delivery.logs.amazonaws.com")
        .from_account(stack.place())
        .on(suffixed(&group.arn, ":log-stream:*"));
    let more = Statement::allow(["logs:PutLogEvents"]).service("es.amazonaws.com");
    let more = more.from_account(stack.place()).on(suffixed(&group.arn, ":log-stream:*"));
    let statements = if changed { vec![deliver, more] } else { vec![deliver] };
    let policy = LogResourcePolicy::builder().policy(PolicyDocument::new(statements)).build();
    let policy = stack.add("waf-policy", policy)?;
    let headers = if changed { ["cookie"].as_slice() } else { &["authorization", "cookie"] };
    let logging = WebAclLogging::builder()
        .web_acl(&acl.arn)
        .log_group(&group.arn)
        .redacted_headers(headers.iter().map(|&name| name.into()).collect())
        .build();
    let logging = stack.add("logging", logging)?;
    stack.after(&logging, &policy);
    Ok(())
}

/// Where load balancers stand.
struct Place {
    vpc: VpcRefs,
    subnets: [SubnetRefs; 2],
    groups: [SecurityGroupRefs; 2],
    attachment: InternetGatewayAttachmentRefs,
}

fn place(stack: &mut Stack) -> Result<Place, Invalid> {
    let vpc = vpc(stack)?;
    let (_, attachment) = gateway(stack, &vpc)?;
    let first = stack.add("first", subnet(&vpc, "10.0.0.0/24", "a"))?;
    let second = stack.add("second", subnet(&vpc, "10.0.1.0/24", "b"))?;
    let mut group = |name: &str| {
        stack.add(name, SecurityGroup::builder().vpc(&vpc.id).description(name).build())
    };
    let groups = [group("one")?, group("two")?];
    Ok(Place { vpc, subnets: [first, second], groups, attachment })
}

fn balancer(place: &Place) -> LoadBalancer {
    LoadBalancer::builder()
        .subnets(place.subnets.iter().map(|subnet| Input::from(&subnet.id)).collect())
        .security_groups(place.groups.iter().map(|group| Input::from(&group.id)).collect())
        .build()
}

/// A load balancer that is reached from inside alone.
fn inside(stack: &mut Stack, place: &Place) -> Result<LoadBalancerRefs, Invalid> {
    stack.add("balancer", LoadBalancer { internal: true, ..balancer(place) })
}

fn target_group(place: &Place) -> TargetGroup {
    let health_check = HealthCheck::builder().path("/healthz").codes("200-299").port(8080).build();
    TargetGroup::builder().vpc(&place.vpc.id).port(8443).health_check(health_check).build()
}

fn listener(balancer: &LoadBalancerRefs, action: Action) -> Listener {
    Listener::builder().load_balancer(balancer.arn.accepted()).port(80).action(action).build()
}

/// A bucket that takes the logs of load balancers.
fn logs(stack: &mut Stack) -> Result<LogDestination, Invalid> {
    let deliver = Statement::allow(["s3:PutObject"])
        .service("logdelivery.elasticloadbalancing.amazonaws.com")
        .from_account(stack.place())
        .on("/*");
    let bucket = Bucket::builder()
        .access(PolicyDocument::new([deliver]))
        .versioning(false)
        .force_empty(true)
        .build();
    let bucket = stack.add("logs", bucket)?;
    Ok(LogDestination::new(&bucket.name, ""))
}
