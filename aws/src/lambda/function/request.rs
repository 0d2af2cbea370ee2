//! What a function is in the words of Lambda's requests.

use aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder;
use aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture as ApiArchitecture, Environment, FunctionCode, LogFormat as ApiLogFormat,
    LoggingConfig, Runtime, VpcConfig,
};
use globecart_engine::{Invalid, Tags};

use super::{Architecture, Function, FunctionNetwork, FunctionOutputs, LogFormat, SHA256, SOURCE};
use crate::Aws;
use crate::lambda::code::Package;

impl Function {
    pub(super) fn checked(&self) -> Result<(), Invalid> {
        let between = |field: &str, value: u16, least: u16, most: u16| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            Err(Invalid::new(field, format!("must be {least} to {most}, not {value}")))
        };
        between("timeout_secs", self.timeout_secs, 1, 900)?;
        between("memory_mb", self.memory_mb, 128, 10_240)?;
        if self.description.chars().count() > 256 {
            return Err(Invalid::new("description", "must have at most 256 characters"));
        }
        let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
        if self.source.is_empty() || self.source.len() > 256 || !self.source.chars().all(allowed) {
            let rule = "must be 1 to 256 letters, digits, spaces and `_.:/=+-@`";
            return Err(Invalid::new("source", format!("`{}` {rule}", self.source)));
        }
        if let Some(FunctionNetwork { subnets, security_groups }) = &self.network
            && (subnets.is_empty() || security_groups.is_empty())
        {
            return Err(Invalid::new("network", "needs a subnet and a security group at least"));
        }
        self.environment.keys().try_for_each(|name| check_variable(name))
    }

    pub(super) fn creation(
        &self,
        aws: &Aws,
        of: &FunctionOutputs,
        tags: &Tags,
        package: Package,
    ) -> CreateFunctionFluentBuilder {
        let call = (aws.lambda().create_function())
            .function_name(of.name.as_str())
            .description(&self.description)
            .role(self.role.known().as_str())
            .runtime(Runtime::from(self.runtime.as_str()))
            .handler(&self.handler)
            .architectures(self.architecture.api())
            .code(FunctionCode::builder().zip_file(Blob::new(package.bytes)).build())
            .environment(self.environment())
            .set_kms_key_arn(self.kms_key.as_ref().map(|key| key.known().to_string()))
            .timeout(self.timeout_secs.into())
            .memory_size(self.memory_mb.into())
            .set_vpc_config(self.network.as_ref().map(vpc_config))
            .logging_config(self.logging(of));
        let tags = tags.iter().fold(call, |call, (key, value)| call.tags(key, value));
        tags.tags(SOURCE, &self.source).tags(SHA256, package.sha256)
    }

    pub(super) fn reconfiguration(
        &self,
        aws: &Aws,
        of: &FunctionOutputs,
    ) -> UpdateFunctionConfigurationFluentBuilder {
        let nowhere = || VpcConfig::builder().set_subnet_ids(Some(vec![]));
        let nowhere = || nowhere().set_security_group_ids(Some(vec![])).build();
        (aws.lambda().update_function_configuration())
            .function_name(of.name.as_str())
            .description(&self.description)
            .role(self.role.known().as_str())
            .runtime(Runtime::from(self.runtime.as_str()))
            .handler(&self.handler)
            .environment(self.environment())
            .kms_key_arn(self.kms_key.as_ref().map_or("", |key| key.known().as_str()))
            .timeout(self.timeout_secs.into())
            .memory_size(self.memory_mb.into())
            .vpc_config(self.network.as_ref().map_or_else(nowhere, vpc_config))
            .logging_config(self.logging(of))
    }

    fn environment(&self) -> Environment {
        let variables = self.environment.iter();
        let variables = variables.map(|(name, value)| (name.clone(), value.known().clone()));
        Environment::builder().set_variables(Some(variables.collect())).build()
    }

    fn logging(&self, of: &FunctionOutputs) -> LoggingConfig {
        let group = self.log_group.as_ref().map(|group| group.known().to_string());
        LoggingConfig::builder()
            .log_format(self.log_format.api())
            .log_group(group.unwrap_or_else(|| own_log_group(of)))
            .build()
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
fn check_variable(name: &str) -> Result<(), Invalid> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts && name.len() >= 2 && name.chars().all(plain) && !name.starts_with("AWS_LAMBDA_") {
        return Ok(());
    }
    let rule =
        "two letters, digits and `_` at least, a letter first, and not start with AWS_LAMBDA_";
    Err(Invalid::new("environment", format!("`{name}` must be {rule}")))
}

fn vpc_config(network: &FunctionNetwork) -> VpcConfig {
    let subnets = network.subnets.iter().map(|id| id.known().to_string());
    let groups = network.security_groups.iter().map(|id| id.known().to_string());
    VpcConfig::builder()
        .set_subnet_ids(Some(subnets.collect()))
        .set_security_group_ids(Some(groups.collect()))
        .build()
}

/// The group that Lambda makes by itself.
pub(super) fn own_log_group(of: &FunctionOutputs) -> String {
    format!("/aws/lambda/{}", of.name)
}

impl Architecture {
    pub(super) fn api(self) -> ApiArchitecture {
        match self {
            Self::X86_64 => ApiArchitecture::X8664,
            Self::Arm64 => ApiArchitecture::Arm64,
        }
    }

    pub(super) fn described(architectures: &[ApiArchitecture]) -> Self {
        if architectures.contains(&ApiArchitecture::Arm64) { Self::Arm64 } else { Self::X86_64 }
    }

    /// Its name as in the names of packages.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

impl LogFormat {
    fn api(self) -> ApiLogFormat {
        match self {
            Self::Text => ApiLogFormat::Text,
            Self::Json => ApiLogFormat::Json,
        }
    }

    pub(super) fn described(format: Option<&ApiLogFormat>) -> Self {
        if format == Some(&ApiLogFormat::Json) { Self::Json } else { Self::Text }
    }
}
