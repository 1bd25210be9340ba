use doget::{Embedded, embed};

const NAME: &str = "assets";

const BY_A_CONST: Embedded = embed!(NAME);

const OF_THE_COMPILER: Embedded = embed!(env!("OUT_DIR"));

const OF_NOTHING: Embedded = embed!();

fn main() {
    let _ = (BY_A_CONST, OF_THE_COMPILER, OF_NOTHING);
}
