//! Access point: <https://docs.aws.amazon.com/efs/latest/ug/API_CreateAccessPoint.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_efs::operation::create_access_point::CreateAccessPointError;
use aws_sdk_efs::types::{
    AccessPointDescription, CreationInfo, LifeCycleState, PosixUser, RootDirectory,
};
use globecart_aws::engine::{
    Actions, Argument, CallResult, Facts, Found, Input, Intent, Invalid, Live, Made, Order,
    Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    AccessPointArn, AccessPointId, Aws, Doing, FileSystemId, absent_is_fine, absent_is_none,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer::{self, file_systems, is_made_by};
use crate::directory;

/// A directory of a file system, and the user as whom everything in it is done, whoever the client says it is.
///
/// A change of anything but tags replaces it. Files stay where they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct AccessPoint {
    /// The file system.
    #[builder(setter(into))]
    pub file_system: Input<FileSystemId>,
    /// The directory, 1 to 4 levels below the root, which clients see as their root. It is made when it is not there.
    #[builder(setter(into))]
    pub path: String,
    /// The POSIX user id, not 0.
    pub uid: u32,
    /// The POSIX group id, not 0.
    pub gid: u32,
    /// Further POSIX group ids, up to 16, none of them 0. Default: none.
    #[builder(default)]
    pub secondary_gids: BTreeSet<u32>,
    /// The permissions of the directory where it is made, in octal digits; it then belongs to user and group.
    /// Default: `0750`.
    #[builder(default = "0750".to_owned(), setter(into))]
    pub permissions: String,
}

outputs! {
    /// What an access point answers.
    pub struct AccessPointOutputs => AccessPointRefs {
        /// Its id.
        accepted id: AccessPointId,
        /// Its ARN.
        accepted arn: AccessPointArn,
    }
}

type Was = Recorded<AccessPoint, AccessPointOutputs>;

impl Resource<Aws> for AccessPoint {
    const TYPE: &'static str = "efs:AccessPoint";
    const FACTS: Facts = Facts {
        create_secs: 5,
        delete_secs: 5,
        quota: Some(("access points per file system", 10_000)),
        actions: Actions {
            create: &[
                "elasticfilesystem:CreateAccessPoint",
                "elasticfilesystem:TagResource",
                "elasticfilesystem:DescribeAccessPoints",
            ],
            read: &["elasticfilesystem:DescribeAccessPoints"],
            update: &["elasticfilesystem:TagResource", "elasticfilesystem:UntagResource"],
            delete: &["elasticfilesystem:DeleteAccessPoint"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = AccessPointOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    fn check(&self) -> Result<(), Invalid> {
        directory::check_path(&self.path)?;
        directory::check_permissions(&self.permissions)?;
        directory::check_identity(self.uid, self.gid, &self.secondary_gids)
    }

    /// EFS answers a token that made an access point already with that one's id: our own earlier attempt.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<AccessPointOutputs>> {
        let doing = "creating the access point";
        let call = (aws.efs().create_access_point())
            .client_token(intent.token())
            .file_system_id(self.file_system.known().as_str())
            .posix_user(self.posix_user())
            .root_directory(self.root_directory())
            .set_tags(Some(answer::to_api(intent.tags())));
        let id = match call.send().await {
            Ok(made) => answer::id(made.access_point_id, doing)?,
            Err(error) => match error.as_service_error() {
                Some(CreateAccessPointError::AccessPointAlreadyExists(ours)) => {
                    ours.access_point_id.clone()
                }
                _ => return Err(error).doing(doing),
            },
        };
        Ok(Made::pending(outputs_of(aws, AccessPointId::new(id))))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, AccessPointOutputs>>> {
        let mut found = BTreeMap::new();
        for id in file_systems(wanted.iter().map(|was| was.args.file_system.known())) {
            let points = described(aws, id).await?;
            found.extend(
                points.into_iter().filter_map(|one| Some((one.access_point_id.clone()?, one))),
            );
        }
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |point| live(was, point))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        file_systems(wanted.iter().map(|was| was.args.file_system.known())).len()
    }

    /// There is nothing to change but tags.
    async fn update(
        &self,
        _aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<AccessPointOutputs>> {
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, of.outputs.id.as_str(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.efs().delete_access_point().access_point_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the access point"))?;
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<AccessPointOutputs>> {
        let points = described(aws, self.file_system.known()).await?;
        let ours = points.into_iter().find(|one| {
            let going = [LifeCycleState::Deleting, LifeCycleState::Deleted];
            let own = match intent.token() {
                // A state that was lost has lost its tokens, too: then the tags tell.
                "" => is_made_by(intent, one.tags()),
                token => one.client_token.as_deref() == Some(token),
            };
            own && !one.life_cycle_state.as_ref().is_some_and(|state| going.contains(state))
        });
        let id = ours.and_then(|one| one.access_point_id).map(AccessPointId::new);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(outputs_of(aws, id))))
    }
}

impl AccessPoint {
    fn posix_user(&self) -> PosixUser {
        let secondary = self.secondary_gids.iter().map(|gid| i64::from(*gid)).collect::<Vec<_>>();
        let user = PosixUser::builder().uid(self.uid.into()).gid(self.gid.into());
        let user = user.set_secondary_gids((!secondary.is_empty()).then_some(secondary));
        user.build().expect("user and group are set")
    }

    fn root_directory(&self) -> RootDirectory {
        let creation = CreationInfo::builder()
            .owner_uid(self.uid.into())
            .owner_gid(self.gid.into())
            .permissions(&self.permissions)
            .build();
        RootDirectory::builder()
            .path(&self.path)
            .creation_info(creation.expect("owner and permissions are set"))
            .build()
    }
}

fn outputs_of(aws: &Aws, id: AccessPointId) -> AccessPointOutputs {
    let place = aws.place();
    let arn = format!(
        "arn:{}:elasticfilesystem:{}:{}:access-point/{id}",
        place.partition, place.region, place.account
    );
    AccessPointOutputs { arn: AccessPointArn::new(arn), id }
}

/// The access points of a file system; none where there is no such file system.
async fn described(aws: &Aws, id: &FileSystemId) -> CallResult<Vec<AccessPointDescription>> {
    let call = aws.efs().describe_access_points().file_system_id(id.as_str());
    let answer = call.into_paginator().items().send().try_collect().await;
    Ok(absent_is_none(answer.doing("reading access points"))?.unwrap_or_default())
}

fn live(was: &Was, one: &AccessPointDescription) -> Live<AccessPoint, AccessPointOutputs> {
    match &one.life_cycle_state {
        Some(LifeCycleState::Available) | None => {}
        Some(LifeCycleState::Deleted) => return Live::Absent,
        Some(LifeCycleState::Error) => {
            return Live::Failed("EFS reports that it is in the state `error`".to_owned());
        }
        Some(state) => return Live::Pending(state.to_string()),
    }
    let id = |id: i64| u32::try_from(id).unwrap_or_default();
    let user = one.posix_user();
    let root = one.root_directory();
    let creation = root.and_then(RootDirectory::creation_info);
    let args = AccessPoint {
        file_system: one
            .file_system_id()
            .map_or_else(|| was.args.file_system.clone(), |id| FileSystemId::new(id).into()),
        path: root.and_then(|root| root.path()).unwrap_or("/").to_owned(),
        uid: user.map(|user| id(user.uid())).unwrap_or_default(),
        gid: user.map(|user| id(user.gid())).unwrap_or_default(),
        secondary_gids: user
            .map(|user| user.secondary_gids().iter().map(|gid| id(*gid)).collect())
            .unwrap_or_default(),
        permissions: creation.map(|info| info.permissions().to_owned()).unwrap_or_default(),
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags: answer::from_api(one.tags()) }
}
