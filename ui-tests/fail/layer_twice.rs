use doget::{RequestId, SameOrigin, handler};

struct S {
    ids: RequestId,
    same: SameOrigin,
}

#[handler(layers(self.ids, self.same, self.ids))]
impl S {
    #[layer(self.same, self.same)]
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
