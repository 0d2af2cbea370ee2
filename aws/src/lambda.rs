//! AWS Lambda: functions, and who may invoke them.

pub use code::Code;
pub use function::{
    Architecture, Function, FunctionNetwork, FunctionOutputs, FunctionRefs, LogFormat,
};
pub use permission::{Permission, PermissionOutputs, PermissionRefs};

mod code;
mod function;
mod permission;
mod zip;
