use doget::handler;

pub struct S;

pub struct Name(String);

impl std::str::FromStr for Name {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Name(text.to_owned()))
    }
}

#[handler]
impl S {
    fn do_GET(&self, #[query] Name(name): Name) -> String {
        name
    }
}

fn main() {}
