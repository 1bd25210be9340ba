//! Response heads.

use crate::harness::Case;
use doget::{__http1 as http1, hooks};
use std::hint::black_box;
use std::time::SystemTime;

pub(crate) fn cases(cases: &mut Vec<Case>) {
    let now = SystemTime::now();
    let mut out = Vec::with_capacity(4096);
    cases.push(Case::new(
        "response head, status line and 4 fields",
        move || {
            out.clear();
            let date = hooks::date_time_string(black_box(now));
            let good = http1::status_line(&mut out, "HTTP/1.1", black_box(200), "OK").is_ok()
                && http1::field(&mut out, "Server", black_box("doget/0.1.0")).is_ok()
                && http1::field(&mut out, "Date", date.as_str()).is_ok()
                && http1::field(&mut out, "Content-Type", black_box("text/plain")).is_ok()
                && http1::field_display(&mut out, "Content-Length", &black_box(13)).is_ok();
            assert!(good);
            out.extend_from_slice(b"\r\n");
            out.len()
        },
    ));
    let mut out = Vec::with_capacity(4096);
    let long = "a".repeat(200);
    cases.push(Case::new(
        "response head, one field of 200 bytes",
        move || {
            out.clear();
            let good = http1::field(&mut out, "Set-Cookie", black_box(&long)).is_ok();
            assert!(good);
            out.len()
        },
    ));
    cases.push(Case::new("response head, the date of another second", {
        let mut seconds = 0;
        move || {
            seconds += 1;
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            hooks::date_time_string(time)
        }
    }));
}
