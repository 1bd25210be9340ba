use doget::handler;
use std::num::ParseIntError;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> Result<String, ParseIntError> {
        let number: u8 = "x".parse()?;
        Ok(number.to_string())
    }
}

fn main() {}
