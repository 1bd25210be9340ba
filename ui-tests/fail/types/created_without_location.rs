use doget::{Created, handler};

pub struct S;

#[handler]
impl S {
    fn do_POST(&self) -> Created<String> {
        Created("saved".to_owned())
    }

    fn do_PUT(&self) -> Created<String> {
        Created {
            reply: "saved".to_owned(),
        }
    }
}

fn main() {}
