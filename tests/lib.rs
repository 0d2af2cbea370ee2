//! End-to-end tests of GlobeCart live in `it/`; this library is empty.
