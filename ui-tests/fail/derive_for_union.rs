#[derive(doget::Reply)]
pub union Either {
    pub one: u8,
    pub two: i8,
}

fn main() {}
