//! One VPC through all layers.

use globecart_aws::Stack;
use globecart_aws::engine::Invalid;
use globecart_network::Vpc;

use crate::world::World;

fn vpc(cidr: &'static str) -> impl Fn(&mut Stack) -> Result<(), Invalid> {
    move |stack| {
        let vpc = stack.add("vpc", Vpc::builder().cidr(cidr.parse().unwrap()).build())?;
        stack.export("vpc_id", &vpc.id)
    }
}

#[tokio::test(start_paused = true)]
async fn a_vpc_comes_up_stays_and_goes() {
    let world = World::new().await;
    let report = world.up_well(&vpc("10.0.0.0/16")).await;
    assert_eq!((report.created, report.unchanged), (1, 0));
    let outputs = world.state(&vpc("10.0.0.0/16")).await.outputs();
    assert!(outputs["vpc_id"].as_str().unwrap().starts_with("vpc-"), "{outputs:?}");

    world.calls();
    let report = world.up_well(&vpc("10.0.0.0/16")).await;
    assert_eq!((report.created, report.unchanged), (0, 1));
    let mutating: Vec<_> =
        world.calls().into_iter().filter(globecart_local_aws::CallRecord::is_mutating).collect();
    assert!(mutating.is_empty(), "{mutating:?}");

    let report = world.up_well(&vpc("10.1.0.0/16")).await;
    assert_eq!(report.replaced, 1);
    let report = world.destroy(&vpc("10.1.0.0/16")).await;
    assert_eq!(report.deleted, 1);
    assert_eq!(world.inventory().get("ec2.vpc"), None);
}
