use doget::handler;

struct S {
    name: String,
}

#[handler(layers(self.name))]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

struct T {
    name: String,
}

#[handler]
impl T {
    #[layer(self.name)]
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

struct U;

#[handler]
impl U {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn main() {
    let _ = doget::with((1, ()), U);
}
