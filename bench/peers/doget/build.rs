//! Writes the handlers of 10, 100 and 1,000 routes: one type for each number.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn handler(count: usize) -> String {
    let mut text = format!("struct Routes{count};\n\n#[handler]\nimpl Routes{count} {{\n");
    text += "#[route(\"/plaintext\")]\nfn do_GET_plaintext(&self) -> &'static str { \"Hello, World!\" }\n";
    for number in 0..count {
        writeln!(
            text,
            "#[route(\"/api/r{number:04}/{{id}}/parts/{{part}}\")]\n\
             fn do_GET_r{number:04}(&self, id: u64, part: u64) -> String {{ answer(id, part) }}"
        )
        .expect("a String takes everything");
    }
    text + "}\n\n"
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let text: String = [10, 100, 1000].map(handler).concat();
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join("routes.rs"), text)
        .expect("cargo's folder can be written to");
}
