//! Repositories: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>

use super::image::{self, IMAGE};
use super::{invalid, setting, tags};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms::{self, Unusable};
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `Repository` by name, with `_policy` and `_lifecycle`, the texts of its policies.
pub(super) const REPOSITORY: Table = Table::regional("ecr.repository");

/// AWS's quota per region.
const QUOTA: usize = 100_000;

/// The repository of a request, which must be of this account's registry.
pub(super) fn named(call: &Call, input: &Value) -> Result<Value, Fault> {
    let name = input.text("repositoryName");
    own_registry(input, name)?;
    call.get(REPOSITORY, name).cloned().ok_or_else(|| missing(name, ACCOUNT))
}

fn own_registry(input: &Value, name: &str) -> Result<(), Fault> {
    match input.opt("registryId").filter(|id| *id != ACCOUNT) {
        Some(other) => Err(missing(name, other)),
        None => Ok(()),
    }
}

fn missing(name: &str, registry: &str) -> Fault {
    let message = format!(
        "The repository with name '{name}' does not exist in the registry with id '{registry}'"
    );
    Fault::new("RepositoryNotFoundException", message)
}

/// `CreateRepository`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("repositoryName");
    own_registry(&input, name)?;
    if call.get(REPOSITORY, name).is_some() {
        let message = format!(
            "The repository with name '{name}' already exists in the registry with id '{ACCOUNT}'"
        );
        return Err(Fault::new("RepositoryAlreadyExistsException", message));
    }
    if call.rows(REPOSITORY).count() >= call.quota("ecr.repositories", QUOTA) {
        let message = "The limit for repositories has been reached.";
        return Err(Fault::new("LimitExceededException", message));
    }
    let arn = call.arn("ecr", &format!("repository/{name}"));
    let mutability = input.opt("imageTagMutability").unwrap_or("MUTABLE");
    setting::supported(mutability)?;
    let row = json!({
        "repositoryName": name, "repositoryArn": arn, "registryId": ACCOUNT, "createdAt": call.now(),
        "repositoryUri": uri(call, name), "imageTagMutability": mutability,
        "imageScanningConfiguration": {"scanOnPush": input["imageScanningConfiguration"].flag("scanOnPush")},
        "encryptionConfiguration": encryption(call, &input["encryptionConfiguration"])?,
        "Tags": tags::given(input.items("tags"))?, "_arn": arn, "_key": name,
    });
    call.put(REPOSITORY, name, row.clone());
    Ok(json!({"repository": row}))
}

fn uri(call: &Call, name: &str) -> String {
    format!("{ACCOUNT}.dkr.ecr.{}.amazonaws.com/{name}", call.region())
}

fn encryption(call: &mut Call, given: &Value) -> Result<Value, Fault> {
    if given.opt("encryptionType").unwrap_or("AES256") == "AES256" {
        return Ok(json!({"encryptionType": "AES256"}));
    }
    let Some(key) = given.opt("kmsKey") else {
        return Err(Fault::not_implemented("repositories under the key that AWS manages for ECR"));
    };
    let actions = ["kms:CreateGrant", "kms:DescribeKey"];
    let arn = kms::usable_via(call, key, "ecr", &actions).map_err(|why| {
        let why = match why {
            Unusable::NotFound => format!("The key {key} does not exist."),
            Unusable::State => format!("The key {key} is not enabled."),
            Unusable::Denied(action) => format!("The key's policy does not allow {action}."),
        };
        Fault::new("KmsException", why)
    })?;
    Ok(json!({"encryptionType": given["encryptionType"], "kmsKey": arn}))
}

/// `DescribeRepositories`: all, or some by name, which must all be there.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let names = input.texts("repositoryNames");
    own_registry(&input, names.first().copied().unwrap_or_default())?;
    let rows: Vec<Value> = if names.is_empty() {
        call.rows(REPOSITORY).map(|(_, row)| row.clone()).collect()
    } else {
        let one =
            |name: &&str| call.get(REPOSITORY, name).cloned().ok_or_else(|| missing(name, ACCOUNT));
        names.iter().map(one).collect::<Result<_, _>>()?
    };
    Ok(json!({"repositories": rows}))
}

/// `DescribeRegistry`: nothing is replicated.
pub(super) fn describe_registry(_: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"registryId": ACCOUNT, "replicationConfiguration": {"rules": []}}))
}

/// `DeleteRepository`: with what is in it only by force.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, &input)?;
    let name = row.text("repositoryName");
    let images = image::of(call, name);
    if !images.is_empty() && !input.flag("force") {
        let message = format!(
            "The repository with name '{name}' in registry with id '{ACCOUNT}' cannot be deleted because it still contains images"
        );
        return Err(Fault::new("RepositoryNotEmptyException", message));
    }
    for image in images {
        call.remove(IMAGE, &image::id(name, image.text("imageDigest")));
    }
    call.remove(REPOSITORY, name);
    Ok(json!({"repository": row}))
}

/// A member that AWS would refuse.
pub(super) fn wrong(message: impl Into<String>) -> Fault {
    invalid(message)
}
