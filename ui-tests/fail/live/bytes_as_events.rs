//! An event stream is text.

use doget::live::{Bytes, Events, Live, Topic};

fn stream(events: Events, topic: &Topic<Bytes>) -> Live {
    events.follow(topic)
}

fn main() {}
