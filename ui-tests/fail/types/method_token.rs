doget::method!(BAD = "A B");

fn main() {}
