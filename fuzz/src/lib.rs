//! The bodies of the fuzz targets, one function each, so that a bounded run needs no fuzzer.
//!
//! Coverage guided, for as long as you like:
//!
//! ```text
//! cargo +nightly fuzz run head fuzz/corpus/head fuzz/seeds/head
//! ```
//!
//! Bounded, on stable:
//!
//! ```text
//! cargo test --manifest-path fuzz/Cargo.toml --no-default-features
//! ```
//!
//! A target is a function here, a file of two lines in `fuzz_targets`, a `[[bin]]` in the manifest,
//! a directory of seeds, and a line in `tests/bounded.rs`.

use doget::__http1::*;

#[path = "../../server/src/http1/tests/agreement.rs"]
mod agreement;
#[path = "../../tests/support/answer.rs"]
pub mod answer;
#[path = "../../server/src/http1/tests/chunk_model.rs"]
mod chunk_model;
mod exchange;
mod forms;
#[path = "../../server/src/http1/tests/head_model.rs"]
mod head_model;
mod proxy_header;
mod websocket;

pub use exchange::exchange;
pub use forms::{cookies, multipart, parameters, query};
pub use proxy_header::proxy_header;
pub use websocket::websocket;

/// Any bytes as a head: no panic, the model's result, the same result however it is split.
///
/// The first three bytes choose how: profile, end of input and limits; size of pieces; size of
/// the limits.
pub fn head(data: &[u8]) {
    let Some((&[how, step, size], bytes)) = data.split_first_chunk() else {
        return;
    };
    let profile = if how & 1 == 0 {
        Parsing::Strict
    } else {
        Parsing::Lenient
    };
    let size = usize::from(size);
    let limits = if how & 4 != 0 {
        HeadLimits::new()
            .max_method_size(1 + size % 8)
            .max_target_size(1 + size / 4)
            .max_request_line_size(16 + size / 2)
            .max_field_line_size(8 + size / 4)
            .max_fields(size % 8)
            .max_size(32 + size)
            .max_empty_lines(size % 3)
    } else if profile == Parsing::Lenient {
        HeadLimits::lenient()
    } else {
        HeadLimits::default()
    };
    agreement::heads(profile, &limits, bytes, how & 2 != 0);
    agreement::split_heads(profile, &limits, bytes, 1 + usize::from(step));
}

/// Any bytes as a chunked body: no panic, the model's data and end, whole and in pieces.
///
/// The first three bytes choose how: small limits or not; size of pieces; size of the limits.
pub fn chunked(data: &[u8]) {
    let Some((&[how, step, size], bytes)) = data.split_first_chunk() else {
        return;
    };
    let size = usize::from(size);
    let limits = if how & 1 == 0 {
        ChunkLimits::default()
    } else {
        ChunkLimits::new()
            .max_line_size(3 + size / 8)
            .max_extensions_size(size / 8)
            .max_trailer_size(2 + size / 4)
            .max_trailer_fields(size % 5)
    };
    agreement::chunked(&limits, bytes, 1 + usize::from(step));
}
