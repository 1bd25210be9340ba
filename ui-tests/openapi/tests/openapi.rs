//! What must compile with the feature `openapi` and what must not, and what the compiler then says.

use std::process::Command;

/// The compiler whose words are stored. Others say the same in other words.
const RUSTC: &str = "1.95";

#[test]
fn openapi() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output.map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version);
    if !version.starts_with(&format!("rustc {RUSTC}.")) {
        println!(
            "skipped: the stored words are those of rustc {RUSTC}, this is {}",
            version.trim()
        );
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}
