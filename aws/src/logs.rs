//! Amazon CloudWatch Logs.

pub use log_group::{LogGroup, LogGroupOutputs, LogGroupRefs};

mod log_group;
