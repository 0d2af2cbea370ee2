//! The behaviour of the networks, as a client sees it.
