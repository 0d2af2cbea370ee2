//! ECS on Fargate: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/>
//!
//! Clusters, task definitions, services and tasks are there, with their deployments, states, interfaces and errors. No
//! container runs: a task whose image, secrets, logs and file systems can be had counts as running and healthy, until
//! [`Cloud::fail_task`](crate::Cloud::fail_task) or [`Cloud::fail_image`](crate::Cloud::fail_image) says otherwise.

mod account_setting;
mod capacity;
mod cluster;
mod failure;
mod network;
mod reference;
mod service;
mod tags;
mod target;
mod task;
mod task_definition;
#[cfg(test)]
mod tests;
mod zone;

pub use self::failure::{ContainerFailure, UnknownTask};

pub(crate) use self::failure::{fail_image, fail_task};
pub(crate) use self::service::{alarm_changed, desired_count, scale};

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Task, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: NAME,
    model: LazyLock::new(|| Model::read(include_str!("../../models/ecs.json"))),
    style: Style {
        validation: Validation::Listed("InvalidParameterException"),
        bad_page_token: "InvalidParameterException",
        page_size: Some(100),
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: TASKS,
};

const NAME: &str = "ecs";

const TASKS: &[(&str, Task)] = &[
    (cluster::REMOVED, cluster::removed),
    (service::RECONCILE, service::reconcile),
    (service::SETTLED, service::settled),
    (task::DRAINED, task::drained),
    (task::EXITED, task::exited),
    (task::CHECKED, task::checked),
    (task::PROVISIONED, task::provisioned),
    (task::PULLED, task::pulled),
    (task::STOPPED, task::stopped),
    (task_definition::SWEEP, task_definition::sweep),
    (crate::zone::CHANGED, zone::changed),
];

const OPERATIONS: &[(&str, Handler)] = &[
    ("CreateCluster", cluster::create),
    ("CreateService", service::create),
    ("DeleteAccountSetting", account_setting::delete),
    ("DeleteCluster", cluster::delete),
    ("DeleteService", service::delete),
    ("DeleteTaskDefinitions", task_definition::delete),
    ("DeregisterTaskDefinition", task_definition::deregister),
    ("DescribeCapacityProviders", capacity::describe),
    ("DescribeClusters", cluster::describe),
    ("DescribeServiceDeployments", service::describe_deployments),
    ("DescribeServiceRevisions", service::describe_revisions),
    ("DescribeServices", service::describe),
    ("DescribeTaskDefinition", task_definition::describe),
    ("DescribeTasks", task::describe),
    ("ListAccountSettings", account_setting::list),
    ("ListClusters", cluster::list),
    ("ListServiceDeployments", service::list_deployments),
    ("ListServices", service::list),
    ("ListTagsForResource", tags::list),
    ("ListTaskDefinitionFamilies", task_definition::list_families),
    ("ListTaskDefinitions", task_definition::list),
    ("ListTasks", task::list),
    ("PutAccountSetting", account_setting::put),
    ("PutAccountSettingDefault", account_setting::put),
    ("PutClusterCapacityProviders", capacity::put),
    ("RegisterTaskDefinition", task_definition::register),
    ("RunTask", task::run),
    ("StopTask", task::stop),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdateCluster", cluster::update),
    ("UpdateClusterSettings", cluster::update),
    ("UpdateService", service::update),
];

/// A refusal of a parameter's value.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", message)
}

/// A refusal of something that the caller did.
fn client(message: impl Into<String>) -> Fault {
    Fault::new("ClientException", message)
}
