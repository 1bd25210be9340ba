use doget::Params;

#[derive(Params)]
pub enum Choice {
    One,
    Two,
}

#[derive(Params)]
pub struct Pair(u32, u32);

fn main() {}
