//! The AWS session, the typed ids, the shared resource types and the vocabulary of the GlobeCart components.
