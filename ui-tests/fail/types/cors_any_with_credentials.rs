use doget::Cors;

fn main() {
    let _ = Cors::any().credentials();
}
