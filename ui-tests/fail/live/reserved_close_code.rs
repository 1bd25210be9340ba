//! Only codes that a program may send can be made, which the compiler sees of a constant.

use doget::live::CloseCode;

const NO_CODE: CloseCode = CloseCode::own(1005);

fn main() {
    let _ = NO_CODE;
}
