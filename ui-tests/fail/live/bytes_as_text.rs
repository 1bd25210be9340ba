//! Nothing makes text of bytes: those of a topic of texts are text.

use doget::live::{Text, Topic};

fn publish(topic: &Topic<Text>, bytes: Vec<u8>) {
    topic.publish(bytes);
}

fn main() {}
