//! A parked request has one answer.

use doget::live::Parked;

fn answer(parked: Parked) {
    let _ = parked.reply("one");
    let _ = parked.reply("two");
}

fn main() {}
