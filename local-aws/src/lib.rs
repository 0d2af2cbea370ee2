//! An AWS that runs inside the process: the wire protocols, the states over time and the errors, without an account.
