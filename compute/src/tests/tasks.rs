//! What a change of each argument of tasks and services means, and what AWS would refuse.

use globecart_aws::engine::{Argument, CallError, Class, Effect, Operation, Order, Resource};
use globecart_aws::{
    Aws, EcsClusterName, EcsServiceName, RoleArn, ScalableResourceId, SecretArn, SecurityGroupId,
    SubnetId, TaskDefinitionArn,
};
use serde_json::Value;

use crate::{
    CapacityProvider, CapacityShare, Cluster, Container, ContainerHealthCheck, EcsService, Image,
    MountPoint, ScalableTarget, ScalingPolicy, SecretReference, TaskDefinition, TrackedMetric,
};

const IN_PLACE: Argument = Argument::InPlace(Effect::AtOnce);
const ROLLING: Argument = Argument::InPlace(Effect::Rolling);
const CREATE_FIRST: Argument = Argument::Replace(Order::CreateFirst);

const DIGEST: &str = "web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[track_caller]
fn change<R: Resource<Aws>>(expected: &[(&str, Argument)]) {
    for (name, argument) in expected {
        assert_eq!(R::argument(name, &Value::Null, &Value::Null), *argument, "{} {name}", R::TYPE);
    }
}

#[track_caller]
fn refused(resource: &impl Resource<Aws>, expected: &str) {
    assert_eq!(resource.check().unwrap_err().to_string(), expected);
}

fn container() -> Container {
    Container::builder().name("web").image(Image::digest(DIGEST)).build()
}

fn definition(container: Container) -> TaskDefinition {
    TaskDefinition::builder()
        .family("shop-web")
        .cpu(256)
        .memory_mib(512)
        .execution_role(RoleArn::new("arn:aws:iam::123456789012:role/execution"))
        .task_role(RoleArn::new("arn:aws:iam::123456789012:role/task"))
        .containers(vec![container])
        .build()
}

fn service() -> EcsService {
    EcsService::builder()
        .cluster(EcsClusterName::new("shop"))
        .task_definition(TaskDefinitionArn::new("arn"))
        .desired_count(2)
        .capacity(vec![CapacityShare::all_of(CapacityProvider::Fargate)])
        .subnets(vec![SubnetId::new("subnet-1").into()])
        .security_groups(vec![SecurityGroupId::new("sg-1").into()])
        .build()
}

#[test]
fn tasks_roll_and_their_number_belongs_to_whoever_scales_them() {
    change::<Cluster>(&[("insights", IN_PLACE), ("default_strategy", IN_PLACE)]);
    change::<TaskDefinition>(&[("containers", CREATE_FIRST), ("cpu", CREATE_FIRST)]);
    change::<EcsService>(&[
        ("cluster", CREATE_FIRST),
        ("task_definition", ROLLING),
        ("capacity", ROLLING),
        ("desired_count", Argument::Owned(Effect::Rolling)),
        ("rollback_alarms", IN_PLACE),
    ]);
    change::<ScalableTarget>(&[("service", CREATE_FIRST), ("max", IN_PLACE)]);
    change::<ScalingPolicy>(&[("resource", CREATE_FIRST), ("target", IN_PLACE)]);
}

#[test]
fn an_image_is_named_by_its_digest() {
    let with = |image| definition(Container { image, ..container() });
    assert!(with(Image::digest(DIGEST)).check().is_ok());
    let why = "`web:1` must end in `@sha256:` and 64 hexadecimal digits; for a tag outside of ECR say `Floating`, and why";
    refused(&with(Image::digest("web:1")), &format!("image: {why}"));
    refused(&with(Image::Floating(String::new())), "image: must not be empty");
}

#[test]
fn what_fargate_does_not_have_is_refused() {
    let size = |cpu, memory_mib| TaskDefinition { cpu, memory_mib, ..definition(container()) };
    assert!(size(1024, 2048).check().is_ok());
    refused(
        &size(256, 4096),
        "memory_mib: with 256 CPU units must be 512, 1,024 or 2,048, not 4096",
    );
    refused(
        &size(1000, 2048),
        "cpu: must be 256, 512, 1,024, 2,048, 4,096, 8,192, 16,384 or 32,768, not 1000",
    );
    refused(
        &size(8192, 17_000),
        "memory_mib: with 8192 CPU units must be 16384 to 61440 in steps of 4096, not 17000",
    );
    let storage = TaskDefinition { ephemeral_storage_gib: Some(20), ..definition(container()) };
    refused(&storage, "ephemeral_storage_gib: must be 21 to 200 GiB, not 20");
}

#[test]
fn a_container_that_ecs_would_refuse_is_refused() {
    let why = |container: Container| definition(container).check().unwrap_err().to_string();
    assert_eq!(
        why(Container { name: "a b".into(), ..container() }),
        "name: `a b` must be 1 to 255 letters, digits, - and _"
    );
    assert_eq!(
        why(Container { stop_timeout_secs: 121, ..container() }),
        "stop_timeout_secs: must be at most 120 on Fargate, not 121"
    );
    assert_eq!(
        why(Container { user: String::new(), ..container() }),
        "user: must not be empty: that would be the image's, often root"
    );
    let secret = SecretReference::whole(SecretArn::new("arn"));
    let twice = Container {
        environment: [("A".to_owned(), "b".into())].into(),
        secrets: [("A".to_owned(), secret)].into(),
        ..container()
    };
    assert_eq!(why(twice), "secrets: `A` is a setting already");
    let mount = MountPoint { volume: "v".into(), path: "/v".into(), read_only: true };
    assert_eq!(
        why(Container { mounts: vec![mount], ..container() }),
        "mounts: there is no volume `v`"
    );
    let check = ContainerHealthCheck { retries: 11, ..ContainerHealthCheck::program(["true"]) };
    assert_eq!(
        why(Container { health_check: Some(check), ..container() }),
        "health_check: retries must be 1 to 10, not 11"
    );
    assert_eq!(
        why(Container { essential: false, ..container() }),
        "containers: needs one that is essential"
    );
}

#[test]
fn a_service_that_could_never_roll_is_refused() {
    assert!(service().check().is_ok());
    let stuck = EcsService { maximum_percent: 100, ..service() };
    refused(&stuck, "maximum_percent: must be above 100, or no task could ever be replaced");
    let capacity = vec![CapacityShare { provider: CapacityProvider::Fargate, base: 1, weight: 0 }];
    refused(&EcsService { capacity, ..service() }, "capacity: needs a share with a weight above 0");
    refused(&EcsService { subnets: Vec::new(), ..service() }, "subnets: must be 1 to 16");
    let target = ScalableTarget::builder()
        .cluster(EcsClusterName::new("shop"))
        .service(EcsServiceName::new("web"))
        .min(3)
        .max(2);
    refused(&target.build(), "max: 2 must not be below the fewest, 3");
    let policy = ScalingPolicy::builder()
        .resource(ScalableResourceId::new("service/shop/web"))
        .metric(TrackedMetric::Cpu)
        .target(100.0);
    refused(&policy.build(), "target: must be below 100 percent, not 100");
}

#[test]
fn what_will_be_is_told_from_what_will_never_be() {
    let class = |message: &str, operation| {
        let error = CallError::new(Class::Invalid, "creating the service", message);
        EcsService::class_of(&error, operation)
    };
    let listener =
        "The target group with targetGroupArn arn does not have an associated load balancer.";
    assert_eq!(class(listener, Operation::Create), Class::Dependency);
    let role = "Unable to assume the service linked role. Please verify that it exists.";
    assert_eq!(class(role, Operation::Create), Class::Propagation);
    assert_eq!(
        class("Creation of service was not idempotent.", Operation::Create),
        Class::AlreadyExists
    );
    assert_eq!(class("desiredCount must be given", Operation::Create), Class::Invalid);
}
