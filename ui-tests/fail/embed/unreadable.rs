use doget::{Embedded, embed};

const MISSPELT: Embedded = embed!("assests");

// Looked for beside Cargo.toml, not beside this file.
const ABOVE: Embedded = embed!("../no/such/directory");

const OUTSIDE: Embedded = embed!("/no/such/directory");

fn main() {
    let _ = (MISSPELT, ABOVE, OUTSIDE);
}
