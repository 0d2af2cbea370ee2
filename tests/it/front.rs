//! A front as GlobeCart has it, on paused time: certificate, names, firewall and logs, and what is left of it.

use std::collections::BTreeMap;

use globecart_aws::ec2::SecurityGroup;
use globecart_aws::engine::Invalid;
use globecart_aws::engine::plan::{Action, Plan};
use globecart_aws::{Environment, Stack};
use globecart_compute::{Backend, Condition, DomainZone, Entrance, Front, HealthCheck, TLS_POLICY};
use globecart_network::{Nat, Network};
use serde_json::Value;

use crate::world::World;

/// A shop in a network of two zones, at `domain`, whose health is checked at `path`, on `port`.
fn shop(domain: &'static str, port: u16) -> impl Fn(&mut Stack) -> Result<(), Invalid> {
    move |stack| {
        let network = Network::builder()
            .zones(2)
            .nat(Nat::None)
            .environment(Environment::Development)
            .build();
        let network = stack.component("network", network)?;
        let listener = Entrance::Https {
            domain: domain.to_owned(),
            zone: DomainZone::Made("globecart.example".to_owned()),
        };
        let front = Front::builder().network(&network).listener(listener).build();
        let front = stack.component("front", front)?;
        let group = SecurityGroup::builder().vpc(&network.vpc).description("The shop").build();
        let group = stack.add("shop-group", group)?;
        let backend = Backend::builder()
            .name("shop")
            .security_group(&group.id)
            .port(port)
            .health_check(HealthCheck::builder().path("/healthz").build())
            .priority(100)
            .conditions(vec![Condition::Path(vec!["/*".to_owned()])])
            .build();
        let shop = front.route(stack, &backend)?;
        stack.export("site_url", &front.url)?;
        stack.export("load_balancer_dns_name", &front.load_balancer.dns_name)?;
        stack.export("target_group", &shop.target_group.arn)
    }
}

fn changes(plan: &Plan) -> Vec<String> {
    let changes = plan.steps.iter().filter(|step| step.action != Action::Keep);
    let mut changes: Vec<String> =
        changes.map(|step| format!("{:?} {}", step.action, step.address)).collect();
    changes.sort();
    changes
}

fn rows(world: &World, table: &str) -> Vec<Value> {
    let rows = world.cloud.rows().into_iter().filter(|row| row.table == table);
    rows.map(|row| row.value).collect()
}

#[tokio::test(start_paused = true)]
async fn it_comes_up_stays_changes_and_goes() {
    let world = World::new().await;
    let before = world.inventory();
    let first = shop("shop.globecart.example", 8443);
    world.up_well(&first).await;
    assert_eq!(changes(&world.plan(&first).await.unwrap()), [""; 0]);
    // The target group is switched before the old one goes; the domain comes with another certificate.
    let second = shop("www.globecart.example", 9443);
    let plan = world.plan(&second).await.unwrap();
    let replaced: Vec<String> =
        changes(&plan).into_iter().filter(|change| change.starts_with("Replace")).collect();
    assert_eq!(
        replaced,
        [
            "Replace(CreateFirst) front/certificate",
            "Replace(CreateFirst) front/record",
            "Replace(CreateFirst) shop-target-group",
            "Replace(DeleteFirst) front/certificate-issued",
            "Replace(DeleteFirst) front/certificate-record",
        ]
    );
    world.up_well(&second).await;
    assert_eq!(changes(&world.plan(&second).await.unwrap()), [""; 0]);
    world.destroy(&second).await;
    assert_eq!(world.left_since(&before), BTreeMap::new());
}

/// What the controls ask of a load balancer, as it is described back.
#[tokio::test(start_paused = true)]
async fn the_controls_hold_for_what_is_there() {
    let world = World::new().await;
    world.up_well(&shop("shop.globecart.example", 8443)).await;
    let balancer = &rows(&world, "elbv2.load_balancer")[0];
    let attribute = |key: &str| balancer["_attributes"][key].as_str().unwrap().to_owned();
    // ELB.4, ELB.5, ELB.6, ELB.12, ELB.13.
    assert_eq!(attribute("routing.http.drop_invalid_header_fields.enabled"), "true");
    assert_eq!(attribute("access_logs.s3.enabled"), "true");
    assert_eq!(attribute("connection_logs.s3.enabled"), "true");
    assert_eq!(attribute("deletion_protection.enabled"), "true");
    assert_eq!(attribute("routing.http.desync_mitigation_mode"), "defensive");
    assert_eq!(balancer["AvailabilityZones"].as_array().unwrap().len(), 2);
    // ELB.1, ELB.17, ELB.18.
    for listener in rows(&world, "elbv2.listener") {
        if listener["Protocol"] == "HTTPS" {
            assert_eq!(listener["SslPolicy"], TLS_POLICY);
        } else {
            let redirect = &listener["DefaultActions"][0]["RedirectConfig"];
            assert_eq!(redirect["Protocol"], "HTTPS");
        }
    }
    // ELB.22.
    let group = &rows(&world, "elbv2.target_group")[0];
    assert_eq!(group["Protocol"], "HTTPS");
    assert_eq!(group["HealthCheckProtocol"], "HTTPS");
    // ELB.16, WAF.10, WAF.11, WAF.12.
    assert_eq!(rows(&world, "wafv2.association").len(), 1);
    let acl = &rows(&world, "wafv2.web_acl")[0];
    let rules = acl["Rules"].as_array().unwrap();
    assert_eq!(rules.len(), 5);
    assert!(rules.iter().all(|rule| rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] == true));
    let logging = &rows(&world, "wafv2.logging")[0];
    let destination = logging["LogDestinationConfigs"][0].as_str().unwrap();
    assert!(destination.contains(":log-group:aws-waf-logs-"), "{destination}");
    // No policy but the stack's own lets the logs in.
    let policies = rows(&world, "logs.resource_policy");
    let names: Vec<&str> =
        policies.iter().map(|policy| policy["policyName"].as_str().unwrap()).collect();
    assert!(names.iter().all(|name| !name.starts_with("AWSLogDelivery")), "{names:?}");
}
