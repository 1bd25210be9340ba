//! What the compiler works out about the methods of a handler.

use crate::semantics::method::MethodInfo;

/// For `assert_methods!`.
#[track_caller]
pub const fn assert_method(
    methods: &[MethodInfo],
    name: &str,
    expected: bool,
    complaint: &'static str,
) {
    let mut position = 0;
    let mut found = false;
    while position < methods.len() {
        if equal(methods[position].method, name) {
            found = true;
        }
        position += 1;
    }
    if found != expected {
        panic!("{}", complaint);
    }
}

/// `a == b`, which is no const function.
pub(crate) const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut position = 0;
    while position < a.len() {
        if a[position] != b[position] {
            return false;
        }
        position += 1;
    }
    true
}
