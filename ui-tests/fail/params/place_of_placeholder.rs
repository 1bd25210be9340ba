use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/users/{id}")]
    fn do_GET_user(&self, #[query] id: u32) -> String {
        format!("user {id}")
    }
}

fn main() {}
