//! What whole blocks expand to, as text to review: `server-macros/tests/expand/*.rs`.
//!
//! Each file has the block in a comment at its head and the expansion below. After a change on
//! purpose, `BLESS=1 cargo test -p doget-macros` writes them again.

use std::path::{Path, PathBuf};

use super::expand;

fn check(name: &str, arguments: &str, item: &str) {
    let output = expand(arguments, item);
    let file: syn::File = syn::parse2(output).expect("the expansion is Rust");
    let shown: String = item
        .lines()
        .map(|line| format!("//     {}\n", line).replace("//     \n", "//\n"))
        .collect();
    let attribute = if arguments.is_empty() {
        "#[handler]".into()
    } else {
        format!("#[handler({arguments})]")
    };
    let text = format!(
        "//     {attribute}\n{shown}\n{}",
        prettyplease::unparse(&file)
    );

    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/expand")
        .join(format!("{name}.rs"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("can be made");
        std::fs::write(&path, text).expect("can be written");
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == text,
        "the expansion of `{name}` is another than in {}; if that is meant, run with BLESS=1\n{text}",
        path.display()
    );
}

#[test]
fn hello() {
    check(
        "hello",
        "",
        "impl Hello {
    fn do_GET(&self) -> &'static str {
        \"hello\"
    }
}",
    );
}

#[test]
fn exact() {
    check(
        "exact",
        "exact, methods(GET)",
        "impl Hello {
    fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> doget::Result<Sent> {
        response.reply(request.target())
    }
}",
    );
}

#[test]
fn routes() {
    check(
        "routes",
        "",
        "impl Users {
    /// One user.
    #[route(\"/users/{id}\")]
    fn do_GET_user(&self, id: u64) -> doget::Result<String> {
        self.find(id)
    }

    #[route(\"/users/me\")]
    fn do_GET_me(&self) -> String {
        String::new()
    }

    #[route(\"/users/{id}\")]
    #[blocking]
    fn do_PUT_user(&self, request: &mut Request<'_>, id: u64, body: String) -> u16 {
        204
    }

    #[route(\"/files/{owner}/{*path}\")]
    fn do_GET_file(&self, path: &str, owner: &str) -> Vec<u8> {
        Vec::new()
    }

    fn do_GET(&self) -> u16 {
        404
    }
}",
    );
}

#[test]
fn hooks_and_consts() {
    check(
        "hooks_and_consts",
        "",
        "impl Hello {
    const SERVER_VERSION: &str = \"Hello/1.0\";
    const PROTOCOL_VERSION: &'static str = \"HTTP/1.0\";

    fn do_GET(&self) -> String {
        String::new()
    }

    pub(crate) fn log_message(&self, _: &Request<'_>, mut args: fmt::Arguments<'_>) {
        eprintln!(\"{args}\");
    }

    fn helper(&self) {}
}",
    );
}

#[test]
fn generic_with_base() {
    check(
        "generic_with_base",
        "base(self.inner: B), inherits(GET)",
        "impl<'a, B: Handler + 'a> Logged<'a, B>
where
    B: Clone,
{
    fn do_DELETE(&self) -> u16 {
        204
    }
}",
    );
}

#[test]
fn cfg_and_types() {
    check(
        "cfg_and_types",
        "",
        "impl Cache {
    #[cfg(feature = \"purge\")]
    #[method(PURGE)]
    fn purge(&self) -> u16 {
        204
    }

    #[cfg_attr(unix, inline, cfg(feature = \"get\"))]
    fn do_GET(&self) -> String {
        String::new()
    }

    #[method(\"M-SEARCH\")]
    fn search(&self) -> String {
        String::new()
    }
}",
    );
}

#[test]
fn with_errors() {
    check(
        "with_errors",
        "",
        "impl Hello {
    fn do_psot(&self) -> String {
        String::new()
    }

    fn do_PUT(&mut self) -> String {
        String::new()
    }

    fn do_GET(&self, response: Response<'_>) -> doget::Result<Sent> {
        response.reply(\"hello\");
    }
}",
    );
}
