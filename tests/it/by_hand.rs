//! What somebody changes by hand is seen by the next plan, field by field, and put back by the next run; and what
//! somebody puts in the way of a delete.

use std::collections::BTreeMap;
use std::time::Duration;

use globecart_aws::cloudwatch::{Comparison, Metric, MetricAlarm, MissingData, Statistic};
use globecart_aws::ec2::{Direction, Peer, SecurityGroup, SecurityGroupRule, Traffic};
use globecart_aws::engine::plan::{Action, Step};
use globecart_aws::engine::{Address, Invalid, State};
use globecart_aws::iam::{ManagedPolicy, Role, RolePolicyAttachment};
use globecart_aws::kms::Key;
use globecart_aws::logs::LogGroup;
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::s3::Bucket;
use globecart_aws::{Alerts, Aws, Stack};
use globecart_network::Vpc;

use crate::world::World;

fn declare(stack: &mut Stack) -> Result<(), Invalid> {
    let place = stack.place().clone();
    let vpc = stack.add("vpc", Vpc::builder().cidr("10.0.0.0/16".parse().unwrap()).build())?;
    let group = SecurityGroup::builder().vpc(&vpc.id).description("web").build();
    let group = stack.add("group", group)?;
    let rule = SecurityGroupRule::builder()
        .group(&group.id)
        .direction(Direction::Ingress)
        .traffic(Traffic::tcp(443))
        .peer(Peer::Cidr("10.0.0.0/16".parse().unwrap()))
        .description("the VPC");
    stack.add("rule", rule.build())?;
    let logs = Statement::logs_may_use(&place, LogGroup::pattern(&place, stack.name()));
    let policy = PolicyDocument::for_key(&place, [logs]);
    let key = stack.add("key", Key::builder().description("logs").policy(policy).build())?;
    stack.add("log-group", LogGroup::builder().kms_key(&key.arn).build())?;
    role(stack)?;
    let emails = ["oncall@globecart.example"];
    stack.component("alerts", Alerts::builder().emails(emails).build())?;
    stack.add("alarm", alarm(90.0))?;
    stack.add("bucket", Bucket::builder().build())?;
    Ok(())
}

fn alarm(threshold: f64) -> MetricAlarm {
    let cpu = Metric::new("AWS/EC2", "CPUUtilization", Statistic::Average);
    MetricAlarm::builder()
        .description("busy")
        .watch(cpu.dimension("InstanceId", "i-1"))
        .comparison(Comparison::GreaterThan)
        .threshold(threshold)
        .evaluation_periods(5)
        .missing_data(MissingData::Breaching)
        .alarm_actions(Vec::new())
        .build()
}

fn role(stack: &mut Stack) -> Result<(), Invalid> {
    let role = Role::builder().trust(trust(stack.place(), "instance/*")).description("web").build();
    let role = stack.add("role", role)?;
    let policy = ManagedPolicy::builder().document(reads("b")).description("reads").build();
    let policy = stack.add("policy", policy)?;
    let attachment = RolePolicyAttachment::builder().role(&role.name).policy(&policy.arn).build();
    stack.add("attachment", attachment)?;
    Ok(())
}

fn trust(place: &globecart_aws::engine::Place, of: &str) -> PolicyDocument {
    let source = format!("arn:aws:ec2:us-east-1:123456789012:{of}");
    PolicyDocument::trust("ec2.amazonaws.com", place, source)
}

fn reads(bucket: &str) -> PolicyDocument {
    PolicyDocument::new([Statement::allow(["s3:GetObject"]).on(format!("arn:aws:s3:::{bucket}/*"))])
}

/// What is recorded of the stack, for who changes it by hand.
struct Recorded<'a> {
    aws: &'a Aws,
    state: State,
}

impl Recorded<'_> {
    fn output(&self, address: &str, name: &str) -> String {
        let (_, entry) = self.state.current(&Address::new(address)).expect("it is recorded");
        entry.outputs[name].as_str().expect("the output is a text").to_owned()
    }
}

/// Expects that the plan names exactly these fields, or the bare address of what is gone.
async fn check(seen: &[&str], by_hand: impl AsyncFnOnce(&Recorded<'_>)) {
    let world = World::new().await;
    world.up_well(&declare).await;
    by_hand(&Recorded { aws: &world.aws, state: world.state(&declare).await }).await;
    let plan = world.plan(&declare).await.unwrap();
    let changed = |step: &Step| match step.action {
        Action::Keep => Vec::new(),
        Action::Create => vec![step.address.to_string()],
        _ => step.fields.iter().map(|field| format!("{}.{}", step.address, field.name)).collect(),
    };
    let found: Vec<String> = plan.steps.iter().flat_map(changed).collect();
    assert_eq!(found, seen);
    world.up_well(&declare).await;
    assert!(world.plan(&declare).await.unwrap().is_empty(), "{seen:?} is not put back");
}

#[tokio::test(start_paused = true)]
async fn a_log_group_is_put_back() {
    check(&["log-group.retention_days"], async |it| {
        let call = it.aws.logs().put_retention_policy().retention_in_days(1);
        call.log_group_name(it.output("log-group", "name")).send().await.unwrap();
    })
    .await;
    check(&["log-group.retention_days"], async |it| {
        let call = it.aws.logs().delete_retention_policy();
        call.log_group_name(it.output("log-group", "name")).send().await.unwrap();
    })
    .await;
    check(&["log-group.kms_key"], async |it| {
        let call = it.aws.logs().disassociate_kms_key();
        call.log_group_name(it.output("log-group", "name")).send().await.unwrap();
    })
    .await;
    check(&["log-group.deletion_protection"], async |it| {
        let call = it.aws.logs().put_log_group_deletion_protection();
        let call = call.log_group_identifier(it.output("log-group", "name"));
        call.deletion_protection_enabled(true).send().await.unwrap();
    })
    .await;
    check(&["log-group"], async |it| {
        let call = it.aws.logs().delete_log_group();
        call.log_group_name(it.output("log-group", "name")).send().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_key_is_put_back() {
    check(&["key.enabled"], async |it| {
        it.aws.kms().disable_key().key_id(it.output("key", "id")).send().await.unwrap();
    })
    .await;
    check(&["key.rotation"], async |it| {
        it.aws.kms().disable_key_rotation().key_id(it.output("key", "id")).send().await.unwrap();
    })
    .await;
    check(&["key.rotation_days"], async |it| {
        let call = it.aws.kms().enable_key_rotation().key_id(it.output("key", "id"));
        call.rotation_period_in_days(100).send().await.unwrap();
    })
    .await;
    check(&["key.description"], async |it| {
        let call = it.aws.kms().update_key_description().key_id(it.output("key", "id"));
        call.description("mine").send().await.unwrap();
    })
    .await;
    check(&["key.policy"], async |it| {
        let policy = PolicyDocument::for_key(it.aws.place(), []).to_json();
        let call = it.aws.kms().put_key_policy().key_id(it.output("key", "id"));
        call.policy(policy).send().await.unwrap();
    })
    .await;
    check(&["key", "log-group.kms_key"], async |it| {
        it.aws.kms().schedule_key_deletion().key_id(it.output("key", "id")).send().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_role_and_its_policy_are_put_back() {
    check(&["role.description", "role.max_session_secs"], async |it| {
        let call = it.aws.iam().update_role().role_name(it.output("role", "name"));
        call.description("mine").max_session_duration(7200).send().await.unwrap();
    })
    .await;
    check(&["role.trust"], async |it| {
        let call = it.aws.iam().update_assume_role_policy().role_name(it.output("role", "name"));
        call.policy_document(trust(it.aws.place(), "*").to_json()).send().await.unwrap();
    })
    .await;
    check(&["role.permissions_boundary"], async |it| {
        let call = it.aws.iam().put_role_permissions_boundary();
        let call = call.role_name(it.output("role", "name"));
        call.permissions_boundary(it.output("policy", "arn")).send().await.unwrap();
    })
    .await;
    check(&["attachment"], async |it| {
        let call = it.aws.iam().detach_role_policy().role_name(it.output("role", "name"));
        call.policy_arn(it.output("policy", "arn")).send().await.unwrap();
    })
    .await;
    check(&["policy.document"], async |it| {
        let call = it.aws.iam().create_policy_version().policy_arn(it.output("policy", "arn"));
        call.policy_document(reads("other").to_json()).set_as_default(true).send().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_alarm_and_its_topic_are_put_back() {
    let all = [
        "alarm.comparison",
        "alarm.description",
        "alarm.evaluation_periods",
        "alarm.missing_data",
        "alarm.threshold",
        "alarm.watch",
    ];
    check(&all, async |it| {
        let call = it.aws.cloudwatch().put_metric_alarm().alarm_name(it.output("alarm", "name"));
        let call = call.namespace("AWS/EC2").metric_name("NetworkIn").statistic("Sum".into());
        let call = call.period(60).evaluation_periods(1).threshold(1.0);
        call.comparison_operator("LessThanThreshold".into()).send().await.unwrap();
    })
    .await;
    check(&["alarm.actions_enabled"], async |it| {
        let call = it.aws.cloudwatch().disable_alarm_actions();
        call.alarm_names(it.output("alarm", "name")).send().await.unwrap();
    })
    .await;
    check(&["alarm"], async |it| {
        let call = it.aws.cloudwatch().delete_alarms();
        call.alarm_names(it.output("alarm", "name")).send().await.unwrap();
    })
    .await;
    let everybody = |arn: &str| {
        PolicyDocument::new([Statement::allow(["sns:Publish"]).anybody().on(arn)]).to_json()
    };
    for (field, attribute) in
        [("display_name", "DisplayName"), ("kms_key", "KmsMasterKeyId"), ("policy", "Policy")]
    {
        check(&[&format!("alerts/topic.{field}")], async |it| {
            let arn = it.output("alerts/topic", "arn");
            let value = if field == "policy" { everybody(&arn) } else { String::new() };
            let call = it.aws.sns().set_topic_attributes().topic_arn(arn);
            call.attribute_name(attribute).attribute_value(value).send().await.unwrap();
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_is_put_back() {
    check(&["bucket.only_tls"], async |it| {
        it.aws
            .s3()
            .delete_bucket_policy()
            .bucket(it.output("bucket", "name"))
            .send()
            .await
            .unwrap();
    })
    .await;
    check(&["bucket.public_access_blocked"], async |it| {
        let call = it.aws.s3().delete_public_access_block();
        call.bucket(it.output("bucket", "name")).send().await.unwrap();
    })
    .await;
    check(&["bucket.acls_disabled"], async |it| {
        let call = it.aws.s3().delete_bucket_ownership_controls();
        call.bucket(it.output("bucket", "name")).send().await.unwrap();
    })
    .await;
    check(&["bucket.lifecycle"], async |it| {
        let call = it.aws.s3().delete_bucket_lifecycle();
        call.bucket(it.output("bucket", "name")).send().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_rule_is_put_back_and_a_group_is_closed_again() {
    check(&["rule"], async |it| {
        let call = it.aws.ec2().revoke_security_group_ingress().group_id(it.output("group", "id"));
        call.security_group_rule_ids(it.output("rule", "id")).send().await.unwrap();
    })
    .await;
    let world = World::new().await;
    let open = |stack: &mut Stack| {
        let vpc = Vpc::builder().cidr("10.0.0.0/16".parse().unwrap()).build();
        let vpc = stack.add("vpc", vpc)?;
        let group = SecurityGroup::builder().vpc(&vpc.id).description("open");
        stack.add("group", group.allow_all_egress(true).build())?;
        Ok(())
    };
    world.up_well(&open).await;
    assert!(world.plan(&open).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_put_on_a_role_goes_with_it() {
    let world = World::new().await;
    let before = world.inventory();
    world.up_well(&role).await;
    let recorded = Recorded { aws: &world.aws, state: world.state(&role).await };
    let name = recorded.output("role", "name");
    let managed = world.aws.iam().create_policy().policy_name("mine");
    let managed = managed.policy_document(reads("x").to_json()).send().await.unwrap();
    let arn = managed.policy.unwrap().arn.unwrap();
    let attach = world.aws.iam().attach_role_policy().role_name(&name).policy_arn(&arn);
    attach.send().await.unwrap();
    let inline = world.aws.iam().put_role_policy().role_name(&name).policy_name("inline");
    inline.policy_document(reads("x").to_json()).send().await.unwrap();
    world.destroy(&role).await;
    // The policy itself is somebody else's and stays.
    assert_eq!(world.left_since(&before), BTreeMap::from([("iam.policy".to_owned(), 1)]));
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_changed_more_often_than_it_has_versions() {
    let world = World::new().await;
    for nth in 0..7 {
        let define = move |stack: &mut Stack| {
            let document = reads(&format!("b{nth}"));
            let policy = ManagedPolicy::builder().document(document).description("reads").build();
            stack.add("policy", policy)?;
            Ok(())
        };
        world.up_well(&define).await;
        assert!(world.plan(&define).await.unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_goes_with_its_objects_only_where_that_was_asked_for() {
    let bucket = |force: bool| {
        move |stack: &mut Stack| -> Result<(), Invalid> {
            stack.add("bucket", Bucket::builder().force_empty(force).build())?;
            Ok(())
        }
    };
    let world = World::new().await;
    let before = world.inventory();
    world.up_well(&bucket(false)).await;
    let recorded = Recorded { aws: &world.aws, state: world.state(&bucket(false)).await };
    let (s3, name) = (world.aws.s3(), recorded.output("bucket", "name"));
    for key in ["a", "b", "b"] {
        s3.put_object().bucket(&name).key(key).send().await.unwrap();
    }
    s3.delete_object().bucket(&name).key("a").send().await.unwrap();
    s3.create_multipart_upload().bucket(&name).key("c").send().await.unwrap();
    let report = world.try_destroy(&bucket(false)).await;
    assert!(format!("{:?}", report.failed).contains("set `force_empty`"), "{:?}", report.failed);
    world.up_well(&bucket(true)).await;
    world.destroy(&bucket(true)).await;
    assert_eq!(world.left_since(&before), BTreeMap::new());
}

#[tokio::test(start_paused = true)]
async fn a_log_group_of_somebody_else_is_left_alone() {
    let world = World::new().await;
    world.aws.logs().create_log_group().log_group_name("/aws/mine").send().await.unwrap();
    let define = |stack: &mut Stack| {
        stack.add("log-group", LogGroup::builder().name("/aws/mine").build())?;
        Ok(())
    };
    let report = world.up(&define).await;
    let failed = format!("{:?}", report.failed);
    assert!(failed.contains("log group /aws/mine exists and is not this stack's"), "{failed}");
    world.destroy(&define).await;
    assert_eq!(world.inventory()["logs.log_group"], 1);
}

/// The tagging API answers what was true a while ago; only the service's own answer is a difference.
#[tokio::test(start_paused = true)]
async fn tags_that_lag_are_no_difference() {
    let lag = [("tagging.resource.visible".to_owned(), 60.0)].into();
    let options = globecart_local_aws::Options { latencies: lag, ..Default::default() };
    let world = World::with(options).await;
    let tagged = |team: &'static str| {
        move |stack: &mut Stack| {
            stack.tag("team", team)?;
            for name in ["/shop/a", "/shop/b"] {
                let group = LogGroup::builder().name(name).build();
                stack.add(name.trim_start_matches("/shop/"), group)?;
            }
            Ok(())
        }
    };
    world.up_well(&tagged("one")).await;
    world.aws.clock().sleep(Duration::from_secs(90)).await;
    world.up_well(&tagged("two")).await;
    assert!(world.plan(&tagged("two")).await.unwrap().is_empty());
    world.aws.clock().sleep(Duration::from_secs(90)).await;
    world.destroy(&tagged("two")).await;
    // The names are the same, the lives are not.
    world.up_well(&tagged("two")).await;
    assert!(world.plan(&tagged("two")).await.unwrap().is_empty());
}

/// AWS makes an alarm that is changed and is not there.
#[tokio::test(start_paused = true)]
async fn an_alarm_that_went_after_the_plan_comes_back_as_the_stacks_own() {
    let [busy, busier] = [90.0, 80.0]
        .map(|limit| move |stack: &mut Stack| stack.add("alarm", alarm(limit)).map(drop));
    let world = World::new().await;
    world.up_well(&busy).await;
    let it = Recorded { aws: &world.aws, state: world.state(&busy).await };
    let delete = async || {
        let call = it.aws.cloudwatch().delete_alarms();
        call.alarm_names(it.output("alarm", "name")).send().await.unwrap();
    };
    let report = world.up_after(&busier, delete).await;
    assert!(report.failed.is_empty(), "{:#?}", report.failed);
    assert!(world.plan(&busier).await.unwrap().is_empty());
}
