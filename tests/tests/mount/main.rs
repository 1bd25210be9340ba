//! Handlers below a prefix and by host, and files that are part of the program.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../files/site.rs"]
mod files_site;

mod below;
mod embedded;
mod files;
mod guards;
mod hosts;
mod registry;
