use doget::handler;

#[handler]
fn do_GET() -> &'static str {
    "hello"
}

#[handler]
pub struct S;

#[handler]
enum E {}

fn main() {}
