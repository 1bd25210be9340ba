//! The cases are in `pass` and `fail`; `tests/openapi.rs` runs them. They are a package of their own, since the others
//! are compiled without the feature.
