//! Plans and runs against the synthetic cloud.
//!
//! A declaration is a text, one resource a line (or between semicolons): `name[:Type] [field=value …] [<- need …]`. Of what it needs,
//! `need` must be ready, `need!` must have been accepted, and `@need` is what it lives in. A line that starts
//! with `+` says something of the stack: `+tag k v`, `+protect a`, `+moved a b`, `+after a b`, `+waive control reason`,
//! `+turns a`,
//! `+export name a`.

pub(crate) use declare::place;

mod cost;
mod declare;
mod graph;
mod order;
mod planning;
mod plans;
mod random;
mod recovery;
mod show;
mod steps;
mod turns;
mod waiting;
mod world;
