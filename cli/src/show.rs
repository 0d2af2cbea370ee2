//! What people read: plans, progress, endings and errors, each a pure function of plain data onto a page.

pub(crate) mod ending;
pub(crate) mod kept;
pub(crate) mod plan;
pub(crate) mod problem;
pub(crate) mod rotation;
pub(crate) mod status;
pub(crate) mod target;
mod value;

#[cfg(test)]
mod tests;
