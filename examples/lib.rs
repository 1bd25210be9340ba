//! Small programs to copy: each file beside this one is a whole program that shows one thing.
//!
//! `cargo run --release --example NAME -- [PORT]` starts one of them.
