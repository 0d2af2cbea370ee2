//! Changing a function, one step after the other: Lambda refuses two at once.

use aws_sdk_lambda::primitives::Blob;
use globecart_engine::{CallResult, Made, Tags};

use super::{Function, FunctionOutputs, SHA256, SOURCE, Was};
use crate::{Aws, Doing, absent_is_fine};

impl Function {
    pub(super) fn steps_from(&self, old: &Self) -> Vec<String> {
        let steps = [
            (self.has_other_code(old), "uploads the code"),
            (self.is_configured_otherwise(old), "changes the configuration"),
            (self.reserved_concurrency != old.reserved_concurrency, "sets what runs at once"),
        ];
        let steps = steps.into_iter().filter(|(differs, _)| *differs);
        steps.map(|(_, step)| step.to_owned()).collect()
    }

    pub(super) async fn change(&self, aws: &Aws, old: &Was) -> CallResult<Made<FunctionOutputs>> {
        let outputs = old.outputs.clone();
        if self.has_other_code(&old.args) {
            self.upload(aws, &outputs).await?;
            return Ok(Made::step(outputs));
        }
        if self.is_configured_otherwise(&old.args) {
            let call = self.reconfiguration(aws, &outputs);
            call.send().await.doing("changing the function's configuration")?;
            return Ok(Made::step(outputs));
        }
        if self.reserved_concurrency != old.args.reserved_concurrency {
            self.reserve(aws, &outputs).await?;
        }
        Ok(Made::pending(outputs))
    }

    fn has_other_code(&self, old: &Self) -> bool {
        self.source != old.source || self.architecture != old.architecture
    }

    fn is_configured_otherwise(&self, old: &Self) -> bool {
        let alike = Self {
            code: old.code.clone(),
            source: old.source.clone(),
            architecture: old.architecture,
            reserved_concurrency: old.reserved_concurrency,
            ..self.clone()
        };
        alike != *old
    }

    /// The tags come first: the hash in them is that of the package to come, so until it has come the source does not
    /// count.
    async fn upload(&self, aws: &Aws, of: &FunctionOutputs) -> CallResult<()> {
        let package = self.code.package()?;
        let tags = [(SOURCE, self.source.clone()), (SHA256, package.sha256)];
        let tags = tags.map(|(key, value)| (key.to_owned(), value)).into();
        set_tags(aws, of, &tags).await?;
        let call = (aws.lambda().update_function_code())
            .function_name(of.name.as_str())
            .architectures(self.architecture.api())
            .zip_file(Blob::new(package.bytes));
        call.send().await.map(|_| ()).doing("uploading the function's code")
    }

    async fn reserve(&self, aws: &Aws, of: &FunctionOutputs) -> CallResult<()> {
        let doing = "setting how many invocations run at once";
        let name = of.name.as_str();
        let Some(count) = self.reserved_concurrency else {
            let call = aws.lambda().delete_function_concurrency().function_name(name);
            return absent_is_fine(call.send().await.map(|_| ()).doing(doing));
        };
        let call = aws.lambda().put_function_concurrency().function_name(name);
        let call = call.reserved_concurrent_executions(i32::try_from(count).unwrap_or(i32::MAX));
        call.send().await.map(|_| ()).doing(doing)
    }
}

pub(super) async fn set_tags(aws: &Aws, of: &FunctionOutputs, tags: &Tags) -> CallResult<()> {
    let call = aws.lambda().tag_resource().resource(of.arn.as_str());
    let call = tags.iter().fold(call, |call, (key, value)| call.tags(key, value));
    call.send().await.map(|_| ()).doing("setting the function's tags")
}
