//! What a service on Fargate declares, and what is refused.

use globecart_aws::engine::{Invalid, Place, Zone};
use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
use globecart_aws::policy::Statement;
use globecart_aws::{
    AccessPointId, Client, Environment, FileSystemId, Grant, GrantedSecret, KeyArn, Mountable,
    Mounted, SecretArn, Stack, SubnetId, Usable, VpcId, Waived,
};
use serde_json::{Value, json};

use super::{argument, planned};
use crate::{Image, Scale, SecretReference, Service};

const DIGEST: &str = "web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn zone(number: u8) -> Zone {
    let letter = ["a", "b", "c"][usize::from(number) - 1];
    Zone { name: format!("us-east-1{letter}"), id: format!("use1-az{number}") }
}

fn stack() -> Stack {
    let place = Place {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        zones: (1..=3).map(zone).collect(),
    };
    Stack::new("shop", place).unwrap()
}

fn network(egress: Egress) -> NetworkOutputs {
    let subnet = |number: u8| {
        let cidr = format!("10.0.{number}.0/24").parse().unwrap();
        let id = SubnetId::new(format!("subnet-{number}"));
        NetworkSubnet::new(Tier::Private, zone(number), cidr, id)
    };
    NetworkOutputs::existing()
        .vpc(VpcId::new("vpc-1"))
        .cidr("10.0.0.0/16".parse().unwrap())
        .subnets((1..=3).map(subnet).collect())
        .egress(egress)
        .build()
}

/// A store that gives a host, a password and a permission.
struct Store;

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf";

impl Usable for Store {
    fn grant(&self, _stack: &mut Stack, client: &Client) -> Result<Grant, Invalid> {
        assert_eq!(client.name, "storefront");
        let mut grant = Grant::default().with("DATABASE_HOST", "orders.internal".to_owned());
        let secret = GrantedSecret {
            secret: SecretArn::new(SECRET).into(),
            key: Some("password".to_owned()),
            kms_key: Some(KeyArn::new("arn:aws:kms:us-east-1:123456789012:key/1").into()),
        };
        grant.secrets.insert("DATABASE_PASSWORD".to_owned(), secret);
        let user = "arn:aws:rds-db:us-east-1:123456789012:dbuser:cluster-1/app".to_owned();
        grant.may.push(Statement::allow(["rds-db:connect"]).on(user));
        Ok(grant)
    }
}

/// A directory at `/srv/media`.
struct Media;

impl Mountable for Media {
    fn grant_mounts(&self, _stack: &mut Stack, client: &Client) -> Result<Vec<Mounted>, Invalid> {
        assert!(client.role_arn.is_some(), "nobody mounts anonymously");
        Ok(vec![Mounted {
            name: "media".to_owned(),
            path: "/srv/media".to_owned(),
            file_system: FileSystemId::new("fs-1").into(),
            access_point: AccessPointId::new("fsap-1").into(),
            read_only: true,
            after: Vec::new(),
        }])
    }
}

#[tokio::test]
async fn a_service_gets_what_it_uses_and_no_more() {
    let mut stack = stack();
    let network = network(Egress::Internet);
    let service = Service::builder().network(&network).image(Image::digest(DIGEST)).build();
    let key = SecretReference::whole(SecretArn::new(SECRET));
    let service = service.uses(&Store).mount(&Media).secret("SIGNING_KEY", key);
    stack.component("storefront", service).unwrap();
    let plan = planned(&stack).await;
    let lines: Vec<String> =
        plan.steps.iter().map(|step| format!("{} {}", step.kind, step.address)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    ecs:Cluster storefront/cluster
    kms:Key storefront/key
    ec2:SecurityGroup storefront/security-group
    iam:Role storefront/task-role
    iam:Role storefront/execution-role
    iam:ManagedPolicy storefront/task-policy
    kms:Alias storefront/key-alias
    logs:LogGroup storefront/logs
    ec2:SecurityGroupRule storefront/out-by-https
    iam:RolePolicyAttachment storefront/task-policy-attachment
    iam:ManagedPolicy storefront/execution-policy
    ecs:TaskDefinition storefront/task-definition
    iam:RolePolicyAttachment storefront/execution-policy-attachment
    ecs:Service storefront/service
    application-autoscaling:ScalableTarget storefront/scalable-target
    cloudwatch:MetricAlarm storefront/cpu
    cloudwatch:MetricAlarm storefront/memory
    cloudwatch:MetricAlarm storefront/running-tasks
    cloudwatch:MetricAlarm storefront/ephemeral-storage
    application-autoscaling:ScalingPolicy storefront/scale-by-cpu
    application-autoscaling:ScalingPolicy storefront/scale-by-memory
    ");
    let container = &argument(&plan, "storefront/task-definition", "containers")[0];
    assert_eq!(container["read_only"], true);
    assert_eq!(container["user"], "1000:1000");
    assert_eq!(container["environment"], json!({"DATABASE_HOST": "orders.internal"}));
    assert_eq!(
        container["secrets"],
        json!({
            "DATABASE_PASSWORD": {"secret": SECRET, "key": "password"},
            "SIGNING_KEY": {"secret": SECRET, "key": null},
        })
    );
    let mounts = json!([
        {"volume": "scratch", "path": "/tmp", "read_only": false},
        {"volume": "media", "path": "/srv/media", "read_only": true},
    ]);
    assert_eq!(container["mounts"], mounts);
    let actions = |address: &str| -> Vec<Value> {
        let document = argument(&plan, address, "document");
        let statements = document["Statement"].as_array().unwrap();
        statements.iter().flat_map(|one| one["Action"].as_array().unwrap().clone()).collect()
    };
    assert_eq!(actions("storefront/task-policy"), ["rds-db:connect"]);
    assert_eq!(
        actions("storefront/execution-policy"),
        [
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "secretsmanager:GetSecretValue",
            "kms:Decrypt"
        ]
    );
}

#[tokio::test]
async fn spare_capacity_comes_above_the_fewest_tasks() {
    let mut stack = stack();
    let network = network(Egress::Internet);
    let service = Service::builder()
        .network(&network)
        .image(Image::digest(DIGEST))
        .environment(Environment::Development)
        .scale(Scale::between(3, 9).cpu(None).requests(500.0, "app/a/1/targetgroup/b/2".to_owned()))
        .spot_of_four(3);
    stack.component("storefront", service.build()).unwrap();
    let plan = planned(&stack).await;
    let capacity = json!([
        {"provider": "FARGATE", "base": 3, "weight": 1},
        {"provider": "FARGATE_SPOT", "base": 0, "weight": 3},
    ]);
    assert_eq!(argument(&plan, "storefront/service", "capacity"), capacity);
    let by: Vec<&str> = (plan.steps.iter().map(|step| step.address.as_str()))
        .filter(|address| address.contains("scale-by"))
        .collect();
    assert_eq!(by, ["storefront/scale-by-memory", "storefront/scale-by-requests"]);
}

#[test]
fn what_would_not_start_or_not_be_safe_is_refused() {
    let (open, shut) = (network(Egress::Internet), network(Egress::None));
    let builder = || Service::builder().network(&open).image(Image::digest(DIGEST));
    let floating = || Service::builder().network(&open).image(Image::Floating("web:1".into()));
    let why = |service: Service| stack().component("web", service).unwrap_err().to_string();
    assert_eq!(
        why(builder().user("root").build()),
        "web/user: is root; give the program a user of its own"
    );
    assert_eq!(
        why(floating().build()),
        "web/image: `web:1` may be another image tomorrow: name its digest, or say by `floating` why it may"
    );
    assert!(
        stack().component("web", floating().floating(Waived::because("a trial")).build()).is_ok()
    );
    assert_eq!(
        why(Service::builder().network(&shut).image(Image::digest(DIGEST)).build()),
        "web/network: the private subnets do not reach logs: give the network NAT, or an endpoint for logs"
    );
    assert_eq!(why(builder().spot_of_four(5).build()), "web/spot_of_four: can be 0 to 4");
    let settings = [("DATABASE_HOST".to_owned(), "elsewhere".to_owned().into())].into();
    let twice = builder().settings(settings).build().uses(&Named);
    assert_eq!(why(twice), "web/settings: `DATABASE_HOST` is given twice");
}

/// A store that gives a host alone, to whomever.
struct Named;

impl Usable for Named {
    fn grant(&self, _stack: &mut Stack, _client: &Client) -> Result<Grant, Invalid> {
        Ok(Grant::default().with("DATABASE_HOST", "orders.internal".to_owned()))
    }
}
