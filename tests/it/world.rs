//! A stack's world on paused time: an embedded cloud, a session with it, and a state kept in memory.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use globecart_aws::engine::apply::{ApplyError, Done, Report, Run, apply};
use globecart_aws::engine::plan::{Plan, PlanError, Scope, plan, plan_destroy};
use globecart_aws::engine::store::{Kept, Store, StoreError};
use globecart_aws::engine::testing::{Boundaries, Disk};
use globecart_aws::engine::{Clock, Event, Events, Invalid, Place, State, Zone};
use globecart_aws::{Aws, Options, Stack, recover};
use globecart_local_aws::{
    Action, CallInfo, CallRecord, Cloud, Hook, Point, Rule, SdkClient, Then,
};

/// What a test declares.
pub(crate) type Define = dyn Fn(&mut Stack) -> Result<(), Invalid> + Send + Sync;

/// An embedded cloud and what is recorded of one stack in it.
pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) aws: Aws,
    pub(crate) disk: Disk,
    events: Arc<Mutex<Vec<Event>>>,
}

/// What a run brings the cloud to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    Declared,
    Nothing,
}

/// Why a run ended without a report.
#[derive(Debug)]
pub(crate) enum Ended {
    Store(StoreError),
    Plan(PlanError),
    Apply(ApplyError),
    /// It was stopped at a boundary.
    Stopped,
}

/// A cloud and a disk as they were.
pub(crate) struct Checkpoint {
    cloud: globecart_local_aws::Checkpoint,
    kept: Kept,
}

impl World {
    /// An empty cloud in `us-east-1`. Needs tokio's paused clock.
    pub(crate) async fn new() -> Self {
        Self::with(globecart_local_aws::Options::default()).await
    }

    /// An empty cloud that behaves as told.
    pub(crate) async fn with(options: globecart_local_aws::Options) -> Self {
        let start = Some(1_767_225_600.0);
        let cloud = Cloud::in_memory(globecart_local_aws::Options { start, ..options });
        let aws = session(&cloud).await;
        Self { cloud, aws, disk: Disk::new(), events: Arc::default() }
    }

    /// The stack as declared.
    pub(crate) fn stack(&self, define: &Define) -> Result<Stack, Invalid> {
        let mut stack = Stack::new("test", self.aws.place().clone())?;
        define(&mut stack)?;
        stack.settle(&self.aws)?;
        Ok(stack)
    }

    /// Plans without changing anything.
    pub(crate) async fn plan(&self, define: &Define) -> Result<Plan, PlanError> {
        let stack = self.stack(define)?;
        let store = self.store(&stack).await;
        plan(&self.aws, &stack, store.state(), self.aws.clock(), &Scope::default()).await
    }

    /// Recovers and plans, as the command line's `plan` does.
    pub(crate) async fn plan_recovered(&self, define: &Define) -> Plan {
        let stack = self.stack(define).expect("the declaration is right");
        let mut state = self.store(&stack).await.state().clone();
        let (events, clock) = (self.record_events(), *self.aws.clock());
        let found = recover(&self.aws, &stack, &state, &clock, &events).await;
        found.expect("what exists can be read").iter().for_each(|record| state.apply(record));
        let plan = plan(&self.aws, &stack, &state, &clock, &Scope::default()).await;
        plan.expect("what exists can be read")
    }

    /// Brings the stack up as declared.
    pub(crate) async fn up(&self, define: &Define) -> Report {
        let stack = self.stack(define).expect("the declaration is right");
        self.apply(&stack, false).await.expect("the state can be written")
    }

    /// Brings the stack up, and expects that nothing fails.
    #[track_caller]
    pub(crate) fn up_well(&self, define: &Define) -> impl Future<Output = Report> {
        let at = std::panic::Location::caller();
        async move {
            let report = self.up(define).await;
            assert!(report.failed.is_empty(), "at {at}: {:#?}", report.failed);
            report
        }
    }

    /// Destroys everything, data included, and expects that nothing fails.
    pub(crate) async fn destroy(&self, define: &Define) -> Report {
        let report = self.try_destroy(define).await;
        assert!(report.failed.is_empty(), "{:#?}", report.failed);
        report
    }

    /// Destroys as much as can be destroyed, data included.
    pub(crate) async fn try_destroy(&self, define: &Define) -> Report {
        let stack = self.stack(define).expect("the declaration is right");
        self.apply(&stack, true).await.expect("the state can be written")
    }

    async fn apply(&self, stack: &Stack, destroy: bool) -> Result<Report, ApplyError> {
        let to = if destroy { To::Nothing } else { To::Declared };
        match self.run(stack, to).await {
            Ok(report) => Ok(report),
            Err(Ended::Apply(error)) => Err(error),
            Err(ended) => panic!("the run ended before it began: {ended:?}"),
        }
    }

    /// Recovers, plans and applies, as the command line does.
    pub(crate) async fn run(&self, stack: &Stack, to: To) -> Result<Report, Ended> {
        let mut store = Store::open(self.disk.clone(), stack).await.map_err(Ended::Store)?;
        let (events, clock) = (self.record_events(), *self.aws.clock());
        let found = recover(&self.aws, stack, store.state(), &clock, &events).await;
        store.record(&found.map_err(Ended::Plan)?).await.map_err(Ended::Store)?;
        let scope = Scope::default();
        let planned = match to {
            To::Nothing => plan_destroy(&self.aws, stack, store.state(), &clock, &scope).await,
            To::Declared => plan(&self.aws, stack, store.state(), &clock, &scope).await,
        };
        self.apply_plan(&mut store, stack, &planned.map_err(Ended::Plan)?).await
    }

    /// Brings the stack up by a plan made before something else happened.
    pub(crate) async fn up_after(&self, define: &Define, between: impl AsyncFnOnce()) -> Report {
        let stack = self.stack(define).expect("the declaration is right");
        let plan = self.plan(define).await.expect("what exists can be read");
        between().await;
        let mut store = self.store(&stack).await;
        self.apply_plan(&mut store, &stack, &plan).await.expect("the state can be written")
    }

    async fn apply_plan(
        &self,
        store: &mut Store,
        stack: &Stack,
        plan: &Plan,
    ) -> Result<Report, Ended> {
        let run = Run {
            cloud: &self.aws,
            clock: *self.aws.clock(),
            store,
            events: self.record_events(),
            done: Done::Ready,
            confirm_data_loss: vec!["test".to_owned()],
        };
        apply(run, stack, plan, pending()).await.map_err(Ended::Apply)
    }

    /// A run that passes these boundaries, in the cloud and on the disk, and ends as soon as they stop it.
    pub(crate) async fn watched(
        &self,
        boundaries: &Boundaries,
        stack: &Stack,
        to: To,
    ) -> Result<Report, Ended> {
        for (point, place) in
            [(Point::BeforeCall, "before the call"), (Point::AfterEffect, "before the answer")]
        {
            let boundaries = boundaries.clone();
            let hook = Hook::new(move |call| pass(&boundaries, call, place));
            self.cloud.add_rule(Rule::new(Action::Hook(point, hook)));
        }
        self.disk.watch(boundaries);
        let outcome = tokio::select! {
            biased;
            () = boundaries.stopped() => Err(Ended::Stopped),
            outcome = self.run(stack, to) => outcome,
        };
        self.cloud.clear_rules();
        self.disk.watch(&Boundaries::new());
        outcome
    }

    /// The cloud and the disk as they are.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { cloud: self.cloud.checkpoint(), kept: self.disk.kept() }
    }

    /// Makes the cloud and the disk what they were, a while later.
    pub(crate) async fn restore(&self, checkpoint: &Checkpoint) {
        self.cloud.restore(&checkpoint.cloud).expect("a cloud in memory has no file");
        self.disk.put(checkpoint.kept.clone());
        self.disk.mend();
        self.take_events();
        // The session's request rates are full again.
        self.let_pass(Duration::from_mins(10)).await;
    }

    /// Lets time pass.
    pub(crate) async fn let_pass(&self, time: Duration) {
        self.aws.clock().sleep(time).await;
    }

    /// What is recorded.
    pub(crate) async fn state(&self, define: &Define) -> State {
        let stack = self.stack(define).expect("the declaration is right");
        self.store(&stack).await.state().clone()
    }

    async fn store(&self, stack: &Stack) -> Store {
        Store::open(self.disk.clone(), stack).await.expect("the memory can be read")
    }

    /// The events since the last time this was asked.
    pub(crate) fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().expect("no holder panics"))
    }

    fn record_events(&self) -> Events {
        let events = Arc::clone(&self.events);
        Events::new(move |event| events.lock().expect("no holder panics").push(event))
    }

    /// The calls since the last time this was asked.
    pub(crate) fn calls(&self) -> Vec<CallRecord> {
        let calls = self.cloud.records();
        self.cloud.clear_records();
        calls
    }

    /// How many rows each table of the cloud has, but for what was counted of what happened.
    pub(crate) fn inventory(&self) -> BTreeMap<String, usize> {
        let counted = ["cloudwatch.metric", "cloudwatch.minute"];
        let mut tables = BTreeMap::new();
        for row in self.cloud.rows() {
            if counted.contains(&row.table.as_str()) {
                continue;
            }
            *tables.entry(row.table).or_insert(0) += 1;
        }
        tables
    }
}

impl World {
    /// What the cloud has more of than before. A key or a secret counts as gone once its deletion is scheduled, and a NAT
    /// gateway although EC2 describes it as deleted for another hour, as ECS does clusters, services and tasks. What
    /// services make for themselves when they are first used belongs to the account.
    pub(crate) fn left_since(&self, before: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
        let mut left = self.inventory();
        let rows = self.cloud.rows();
        // A secret can be restored for a while, with its versions.
        let restorable: Vec<&str> = rows
            .iter()
            .filter(|row| row.value["DeletedDate"].is_number())
            .filter_map(|row| row.value["ARN"].as_str())
            .collect();
        let going = |row: &&globecart_local_aws::Row| {
            row.value["KeyState"] == "PendingDeletion"
                || row.value["DeletedDate"].is_number()
                || restorable.iter().any(|arn| row.id.contains(arn))
                || row.value["State"] == "deleted"
                || ["INACTIVE", "DELETE_IN_PROGRESS"]
                    .iter()
                    .any(|gone| row.value["status"] == *gone)
                || row.value["lastStatus"] == "STOPPED"
                || made_by_a_service(row)
        };
        for row in rows.iter().filter(going) {
            if let Some(count) = left.get_mut(&row.table) {
                *count -= 1;
            }
        }
        // Every region has its own DHCP options, which the first VPC makes visible.
        let given = |table: &str| usize::from(table == "ec2.dhcp_options");
        // Records of what happened outlive what they are about, as on AWS.
        left.retain(|table, _| {
            ![
                "autoscaling.activity",
                "cloudwatch.alarm_history",
                "elasticache.event",
                "rds.event",
                "sns.message",
            ]
            .contains(&table.as_str())
        });
        left.retain(|table, count| {
            *count > before.get(table).copied().unwrap_or_else(|| given(table))
        });
        left
    }

    /// The ARNs of every resource that carries this stack's tags.
    pub(crate) async fn tagged_arns(&self) -> Vec<String> {
        let filter = aws_sdk_resourcegroupstagging::types::TagFilter::builder()
            .key("globecart:stack")
            .build();
        let call = self.aws.tagging().get_resources().tag_filters(filter).into_paginator();
        let found = call.items().send().try_collect().await.expect("the tagging API answers");
        let arns = found.into_iter().filter_map(|resource| resource.resource_arn);
        // The nodes of a cache and the tasks of a service have copies of its tags.
        let copy = |arn: &str| {
            arn.contains(":elasticache:") && arn.contains(":cluster:")
                || arn.contains(":ecs:") && arn.contains(":task/")
        };
        arns.filter(|arn| !copy(arn)).collect()
    }

    /// Tags resources as somebody would by hand.
    pub(crate) async fn tag_by_hand(&self, arns: &[String], key: &str, value: &str) {
        for arns in arns.chunks(20) {
            let call =
                self.aws.tagging().tag_resources().set_resource_arn_list(Some(arns.to_vec()));
            call.tags(key, value).send().await.expect("the tagging API answers");
        }
    }
}

/// Whether a service made this for itself, once for the account: its role, its key, its defaults, its log group, the vault
/// of its backups.
fn made_by_a_service(row: &globecart_local_aws::Row) -> bool {
    let names = [&row.value["AliasName"], &row.value["logGroupName"]];
    let name = names.iter().find_map(|name| name.as_str()).unwrap_or(&row.id);
    let starts = ["alias/aws/", "aws/efs/", "default.", "RDSOSMetrics"];
    row.value["KeyManager"] == "AWS"
        || row.value.get("_service_linked").is_some()
        || starts.iter().any(|start| name.starts_with(start))
}

fn pass(boundaries: &Boundaries, call: &CallInfo, place: &str) -> Then {
    if !call.is_mutating() {
        return Then::Continue;
    }
    let about = call.address.as_deref().unwrap_or("?");
    let name = format!("{} {} of {about}: {place}", call.service, call.operation);
    if boundaries.reach(name) { Then::Hang } else { Then::Continue }
}

/// Where the tests' stacks are: an account that nobody has.
pub(crate) fn place() -> Place {
    let zone =
        |letter, id: usize| Zone { name: format!("us-east-1{letter}"), id: format!("use1-az{id}") };
    let zones =
        ["a", "b", "c", "d", "e", "f"].into_iter().zip(1..).map(|(letter, id)| zone(letter, id));
    Place {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        zones: zones.collect(),
    }
}

async fn session(cloud: &Cloud) -> Aws {
    let start = jiff_second(cloud.now());
    let options = Options {
        region: Some("us-east-1".to_owned()),
        clock: Clock::new(start, 1.0),
        http_client: Some(globecart_aws::http_client(SdkClient::new(cloud.clone()))),
        endpoint: None,
        credentials: false,
    };
    Aws::connect(options).await.expect("the embedded AWS answers")
}

fn jiff_second(seconds: f64) -> jiff::Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit")]
    let millis = (seconds * 1000.0) as i64;
    jiff::Timestamp::from_millisecond(millis)
        .expect("the embedded clock is within a calendar's range")
}
