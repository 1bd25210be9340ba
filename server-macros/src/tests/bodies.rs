//! Bodies are not looked into, whatever is in them.

use super::expand;

#[test]
fn a_half_typed_body_still_gives_the_table() {
    let output = expand(
        "",
        "impl S { fn do_GET(&self) -> String { let x = ; self. } }",
    )
    .to_string();
    assert!(!output.contains("compile_error"), "{output}");
    assert!(output.contains("let x = ; self ."), "{output}");
    assert!(output.contains("\"GET\""), "{output}");
}

#[test]
fn the_block_comes_out_whatever_is_wrong() {
    let output = expand(
        "bogus",
        "impl S { fn do_PSOT(&mut self) {} fn help(&self) -> u8 { 1 } }",
    )
    .to_string();
    assert!(output.contains("fn do_PSOT"), "{output}");
    assert!(output.contains("fn help"), "{output}");
    assert!(output.contains(":: doget :: Handler for S"), "{output}");
    assert!(output.matches("compile_error").count() >= 2, "{output}");
}

#[test]
fn another_crate_name_is_used_everywhere() {
    let output = expand(
        "crate = web::server, base(self.b: B), inherits(GET)",
        "impl S {
            const ERROR_MESSAGE_FORMAT: &str = \"\";
            #[route(\"/{id}\")] #[cfg(a)] fn do_PUT_x(&self, id: u8, r: &mut Request<'_>, b: String) -> String { b; }
            #[method(PURGE)] #[blocking] fn purge(&self) -> u16 { 200 }
            fn log_message(&self) {}
        }",
    );
    let output = output.to_string();
    assert!(output.contains("web :: server :: Handler"), "{output}");
    assert!(!output.contains(":: doget ::"), "{output}");
}

#[test]
fn answers_that_are_forgotten() {
    let owed = |body: &str| {
        let item = format!("impl S {{ fn do_GET(&self) -> String {{ {body} }} }}");
        expand("", &item).to_string().contains("Unanswered")
    };
    for body in [
        "",
        "a();",
        "let a = 1;",
        "for x in y { return z; }",
        "a(); while b { c(); }",
        "'l: for x in y { }",
    ] {
        assert!(owed(body), "{body}");
    }
    for body in [
        "a()",
        "return a;",
        "loop { a(); }",
        "panic!();",
        "match a { b => c }",
        "if a { b } else { c }",
        "std::process::exit(1);",
        "a(); todo!();",
        "Foo { a }",
        "unsafe { a() }",
    ] {
        assert!(!owed(body), "{body}");
    }
}

/// Set by the feature of the library that the expansion needs.
#[test]
fn what_a_missing_feature_leads_to() {
    let output = expand(
        "",
        "impl S { fn do_GET(&self, #[query] page: u32) -> String { x } }",
    )
    .to_string();
    assert_eq!(
        output.contains("needs the feature `params`"),
        !cfg!(feature = "params"),
        "{output}"
    );
    assert!(!output.contains("# [query]"), "{output}");
}
