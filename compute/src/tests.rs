//! What is declared in the main variants, and what is refused.

mod arguments;
mod tasks;
