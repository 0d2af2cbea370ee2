//! The behaviour of the cloud as a whole.
