//! A name with a line end would be two fields of an event.

use doget::live::EventName;

const NAME: EventName = EventName::new("tick\ndata: forged");

fn main() {
    let _ = NAME;
}
