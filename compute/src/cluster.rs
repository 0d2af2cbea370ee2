//! Cluster: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types::{
    Cluster as Description, ClusterField, ClusterSetting, ClusterSettingName,
};
use globecart_aws::engine::{
    Actions, CallError, CallResult, Class, Facts, Found, Intent, Invalid, Live, Made, NameRule,
    Operation, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, EcsClusterArn, EcsClusterName, absent_is_fine, found};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use crate::answer;
use crate::capacity::{self, CapacityProvider, CapacityShare};

/// A cluster whose tasks run on Fargate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Cluster {
    /// What Container Insights measures. Default: every task and container.
    #[builder(default)]
    pub insights: ContainerInsights,
    /// What tasks can run on. Default: Fargate and Fargate Spot.
    #[builder(default = CapacityProvider::ALL.into())]
    pub capacity_providers: BTreeSet<CapacityProvider>,
    /// What tasks run on that do not say it. Default: Fargate.
    #[builder(default = vec![CapacityShare::all_of(CapacityProvider::Fargate)])]
    pub default_strategy: Vec<CapacityShare>,
}

/// What CloudWatch Container Insights measures.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContainerInsights.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerInsights {
    /// Clusters, services, tasks and containers.
    #[default]
    Enhanced,
    /// Clusters and services.
    Enabled,
    /// Nothing but what ECS measures itself.
    Disabled,
}

outputs! {
    /// What a cluster answers.
    pub struct ClusterOutputs => ClusterRefs {
        /// Its name.
        accepted name: EcsClusterName,
        /// Its ARN.
        accepted arn: EcsClusterArn,
    }
}

const NAME: NameRule = NameRule::new(255).allow("_");

/// How many clusters one Describe takes.
const BATCH: usize = 100;

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the cluster";

type Was = Recorded<Cluster, ClusterOutputs>;

impl Resource<Aws> for Cluster {
    const TYPE: &'static str = "ecs:Cluster";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 2,
        update_secs: 5,
        delete_secs: 5,
        quota: Some(("clusters per region", 10_000)),
        actions: Actions {
            create: &[
                "ecs:CreateCluster",
                "ecs:TagResource",
                "ecs:DescribeClusters",
                "iam:CreateServiceLinkedRole",
            ],
            read: &["ecs:DescribeClusters"],
            update: &[
                "ecs:UpdateClusterSettings",
                "ecs:PutClusterCapacityProviders",
                "ecs:TagResource",
                "ecs:UntagResource",
            ],
            delete: &["ecs:DeleteCluster"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = ClusterOutputs;

    fn check(&self) -> Result<(), Invalid> {
        let known = |share: &CapacityShare| self.capacity_providers.contains(&share.provider);
        if !self.default_strategy.iter().all(known) {
            let problem = "must only name capacity providers that the cluster has";
            return Err(Invalid::new("default_strategy", problem));
        }
        capacity::check("default_strategy", &self.default_strategy)
    }

    /// ECS answers an active cluster of the name as it is, whosever it is: its tags tell.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<ClusterOutputs>> {
        let outputs = named(aws, intent);
        let call = (aws.ecs().create_cluster())
            .cluster_name(outputs.name.as_str())
            .settings(self.insights.setting())
            .set_capacity_providers(Some(self.providers()))
            .set_default_capacity_provider_strategy(Some(capacity::to_api(&self.default_strategy)))
            .set_tags(Some(answer::tags(intent)));
        let made = call.send().await.doing(CREATING)?;
        let cluster = made.cluster.ok_or_else(|| answer::incomplete(CREATING))?;
        if !found::is_made_by(intent, &answer::from_api(cluster.tags())) {
            let message = format!("there is another cluster {}", outputs.name);
            return Err(CallError::new(Class::AlreadyExists, CREATING, message));
        }
        Ok(Made::pending(outputs))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, ClusterOutputs>>> {
        let names: Vec<&EcsClusterName> = wanted.iter().map(|was| &was.outputs.name).collect();
        let mut clusters = BTreeMap::new();
        for names in names.chunks(BATCH) {
            clusters.extend(described(aws, names).await?);
        }
        let one = |was: &Was| {
            clusters.get(was.outputs.name.as_str()).map_or(Live::Absent, |one| live(was, one))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len().div_ceil(BATCH)
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<ClusterOutputs>> {
        let name = old.outputs.name.as_str();
        if self.insights != old.args.insights {
            let call = aws.ecs().update_cluster_settings().cluster(name);
            let call = call.settings(self.insights.setting());
            call.send().await.doing("changing the cluster's settings")?;
        }
        if self.capacity_providers != old.args.capacity_providers
            || self.default_strategy != old.args.default_strategy
        {
            let call = (aws.ecs().put_cluster_capacity_providers())
                .cluster(name)
                .set_capacity_providers(Some(self.providers()))
                .set_default_capacity_provider_strategy(Some(capacity::to_api(
                    &self.default_strategy,
                )));
            call.send().await.doing("changing the cluster's capacity providers")?;
        }
        Ok(Made::pending(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.ecs().delete_cluster().cluster(was.outputs.name.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the cluster"))?;
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<ClusterOutputs>> {
        let outputs = named(aws, intent);
        let clusters = described(aws, &[&outputs.name]).await?;
        let there = |one: &&Description| one.status() != Some("INACTIVE");
        let Some(cluster) = clusters.get(outputs.name.as_str()).filter(there) else {
            return Ok(Found::Nothing);
        };
        let what = format!("cluster {}", outputs.name);
        Ok(found::claim(intent, &what, &answer::from_api(cluster.tags()), outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        answer::class_of(error, operation)
    }
}

impl Cluster {
    fn providers(&self) -> Vec<String> {
        self.capacity_providers.iter().map(|one| one.as_str().to_owned()).collect()
    }
}

impl ContainerInsights {
    fn setting(self) -> ClusterSetting {
        let value = match self {
            Self::Enhanced => "enhanced",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        };
        ClusterSetting::builder().name(ClusterSettingName::ContainerInsights).value(value).build()
    }

    fn described(settings: &[ClusterSetting]) -> Self {
        let insights =
            |one: &&ClusterSetting| one.name() == Some(&ClusterSettingName::ContainerInsights);
        match settings.iter().find(insights).and_then(ClusterSetting::value) {
            Some("enhanced") => Self::Enhanced,
            Some("enabled") => Self::Enabled,
            _ => Self::Disabled,
        }
    }
}

fn named(aws: &Aws, intent: &Intent) -> ClusterOutputs {
    let name = intent.name(&NAME);
    let arn = answer::arn(aws.place(), "cluster", &name);
    ClusterOutputs { name: EcsClusterName::new(name), arn: EcsClusterArn::new(arn) }
}

/// Clusters by name; those that are not there are left out.
async fn described(
    aws: &Aws,
    names: &[&EcsClusterName],
) -> CallResult<BTreeMap<String, Description>> {
    let call = (aws.ecs().describe_clusters())
        .set_clusters(Some(names.iter().map(ToString::to_string).collect()))
        .include(ClusterField::Tags)
        .include(ClusterField::Settings);
    let answer = call.send().await.doing("reading clusters")?;
    let clusters = answer.clusters.unwrap_or_default().into_iter();
    Ok(clusters.filter_map(|one| Some((one.cluster_name.clone()?, one))).collect())
}

fn live(was: &Was, one: &Description) -> Live<Cluster, ClusterOutputs> {
    match one.status().unwrap_or("ACTIVE") {
        "ACTIVE" => {}
        "INACTIVE" => return Live::Absent,
        "FAILED" => return Live::Failed("ECS reports `FAILED`".to_owned()),
        status => return Live::Pending(status.to_owned()),
    }
    if one.attachments_status() == Some("UPDATE_IN_PROGRESS") {
        return Live::Pending("attaching capacity providers".to_owned());
    }
    let providers = one.capacity_providers().iter();
    let args = Cluster {
        insights: ContainerInsights::described(one.settings()),
        capacity_providers: providers.filter_map(|name| CapacityProvider::named(name)).collect(),
        default_strategy: capacity::from_api(one.default_capacity_provider_strategy()),
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags: answer::from_api(one.tags()) }
}
