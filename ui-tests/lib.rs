//! The cases are in `pass` and `fail`; `tests/ui.rs` runs them.
