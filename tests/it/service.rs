//! A service on Fargate as GlobeCart has it, on paused time: what it uses, how it rolls, scales and goes.

use std::collections::BTreeMap;
use std::time::Duration;

use globecart_aws::engine::Invalid;
use globecart_aws::engine::plan::{Action, Plan};
use globecart_aws::{Environment, Stack, Waived};
use globecart_cache::Cache;
use globecart_compute::{
    Architecture, Behind, ContainerHealthCheck, Entrance, Front, HealthCheck, Image, Scale, Service,
};
use globecart_local_aws::{ContainerFailure, Row};
use globecart_network::{Nat, Network};
use globecart_storage::{Directory, Storage};

use crate::world::World;

const GOOD: &str = "public.ecr.aws/shop/web@sha256:\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const BAD: &str = "public.ecr.aws/shop/web@sha256:\
    bad0123456789abcdef0123456789abcdef0123456789abcdef0123456789abc";

/// A storefront that uses a cache and mounts a directory.
fn shop(image: &'static str) -> impl Fn(&mut Stack) -> Result<(), Invalid> {
    move |stack| {
        let network = Network::builder().zones(2).nat(Nat::Single).build();
        let network = stack.component("network", network)?;
        let development = Environment::Development;
        let cache = Cache::builder().network(&network).environment(development).build();
        let cache = stack.component("cache", cache)?;
        let directories = [Directory::builder().name("media").build()];
        let storage = Storage::builder().network(&network).directories(directories).build();
        let storage = stack.component("storage", storage)?;
        let media = storage.at("media", "/srv/media");
        let plain = Entrance::PlainHttp(Waived::because("nobody outside comes in a test"));
        let front = Front::builder().network(&network).environment(development).listener(plain);
        let front = stack.component("front", front.build())?;
        let ready = HealthCheck::builder().path("/healthz").interval_secs(10).build();
        let behind = Behind::builder().front(&front).health_check(ready).priority(1);
        let behind = behind.requests_per_task(1000.0).build();
        let health = ContainerHealthCheck::program(["/bin/web", "health"]);
        let service = Service::builder()
            .network(&network)
            .image(Image::digest(image))
            .architecture(Architecture::Arm64)
            .scale(Scale::between(2, 6).memory(None))
            .health_check(ContainerHealthCheck { interval_secs: 5, ..health })
            .build();
        let service = service.uses(&cache).mount(&media).behind(behind);
        stack.component("storefront", service)?;
        Ok(())
    }
}

fn changes(plan: &Plan) -> Vec<String> {
    let changes = plan.steps.iter().filter(|step| step.action != Action::Keep);
    changes.map(|step| format!("{:?} {}", step.action, step.address)).collect()
}

/// The tasks that run, with the image of each.
fn running(world: &World) -> Vec<String> {
    let tasks = world
        .cloud
        .rows()
        .into_iter()
        .filter(|row: &Row| row.table == "ecs.task" && row.value["lastStatus"] == "RUNNING");
    tasks.map(|row| row.value["containers"][0]["image"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn it_runs_what_it_should_with_what_it_uses_and_goes() {
    let world = World::new().await;
    let before = world.inventory();
    let good = shop(GOOD);
    world.up_well(&good).await;
    assert_eq!(running(&world), [GOOD; 2]);
    assert_eq!(changes(&world.plan(&good).await.unwrap()), [""; 0]);
    world.up_well(&good).await;
    world.destroy(&good).await;
    let mut left = world.left_since(&before);
    // The recovery points of the file system and its key are kept on purpose.
    left.retain(|table, _| !table.starts_with("backup.") && !table.starts_with("kms."));
    assert_eq!(left, BTreeMap::new());
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_fails_is_taken_back_and_says_why_tasks_stopped() {
    let world = World::new().await;
    let good = shop(GOOD);
    world.up_well(&good).await;
    world.cloud.fail_image(BAD, Some(ContainerFailure::Exits(1))).unwrap();
    let report = world.up(&shop(BAD)).await;
    let (address, error) = (&report.failed[0].address, &report.failed[0].error);
    assert_eq!(address.as_str(), "storefront/service");
    let message = error.to_string();
    assert!(message.contains("circuit breaker"), "{message}");
    assert!(message.contains("Essential container in task exited"), "{message}");
    world.let_pass(Duration::from_mins(5)).await;
    world.aws.sts().get_caller_identity().send().await.unwrap();
    assert_eq!(running(&world), [GOOD; 2], "what ran before runs again");
    world.cloud.fail_image(BAD, None).unwrap();
    world.up_well(&shop(BAD)).await;
    assert_eq!(running(&world), [BAD; 2], "mended, the same image is rolled out");
    assert_eq!(changes(&world.plan(&shop(BAD)).await.unwrap()), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn load_scales_it_and_nobody_takes_that_for_drift() {
    let world = World::new().await;
    let good = shop(GOOD);
    world.up_well(&good).await;
    let service = world.cloud.rows().into_iter().find(|row| row.table == "ecs.service").unwrap();
    let name = |member: &str| service.value[member].as_str().unwrap().to_owned();
    let dimension = |name: &str, value: String| {
        aws_sdk_cloudwatch::types::Dimension::builder().name(name).value(value).build()
    };
    let cluster = name("clusterArn").rsplit('/').next().unwrap().to_owned();
    for _ in 0..5 {
        let datum = aws_sdk_cloudwatch::types::MetricDatum::builder()
            .metric_name("CPUUtilization")
            .value(90.0)
            .dimensions(dimension("ClusterName", cluster.clone()))
            .dimensions(dimension("ServiceName", name("serviceName")))
            .build();
        let call = world.aws.cloudwatch().put_metric_data().namespace("AWS/ECS");
        call.metric_data(datum).send().await.unwrap();
        world.let_pass(Duration::from_mins(1)).await;
    }
    world.let_pass(Duration::from_mins(2)).await;
    world.aws.sts().get_caller_identity().send().await.unwrap();
    assert!(running(&world).len() > 2, "{} tasks run", running(&world).len());
    assert_eq!(changes(&world.plan(&good).await.unwrap()), [""; 0]);
}
