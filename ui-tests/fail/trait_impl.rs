use doget::handler;

pub struct S;

#[handler]
impl Clone for S {
    fn clone(&self) -> Self {
        S
    }
}

fn use_it() {
    let _ = S.clone();
}

fn main() {}
