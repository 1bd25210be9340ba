//! The prefixes of `mount(..)`: each by itself, against each other, and against the routes of the block.

use quote::ToTokens;

use crate::args::MountArgument;
use crate::errors::Sink;
use crate::messages;
use crate::model::{Method, Mount};
use crate::pattern::{Pattern, Segment};

/// The mounts that are sound.
pub(super) fn check(arguments: Vec<MountArgument>, sink: &mut Sink) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = Vec::new();
    for MountArgument { prefix, expr, ty } in arguments {
        let Some(prefix) = Pattern::parse(&prefix, sink).filter(|prefix| is_prefix(prefix, sink))
        else {
            continue;
        };
        let other = mounts
            .iter()
            .find(|other| is_below(&prefix, &other.prefix) || is_below(&other.prefix, &prefix));
        match other {
            Some(other) => {
                let message = messages::mounts_overlap(&prefix.text, &other.prefix.text);
                sink.report(prefix.literal.to_token_stream(), message);
                sink.report(
                    other.prefix.literal.to_token_stream(),
                    messages::mounts_overlap_place(),
                );
            }
            None => mounts.push(Mount { prefix, expr, ty }),
        }
    }
    mounts
}

/// Whether a pattern can be a prefix.
fn is_prefix(prefix: &Pattern, sink: &mut Sink) -> bool {
    let last = prefix.segments.last();
    let message = if prefix.placeholders().next().is_some() {
        messages::mount_placeholder(&prefix.text)
    } else if prefix.text == "/" {
        messages::mount_at_root()
    } else if matches!(last, Some(Segment::Literal(text)) if text.is_empty()) {
        messages::mount_trailing_slash(&prefix.text)
    } else {
        return true;
    };
    sink.report(prefix.literal.to_token_stream(), message);
    false
}

/// A route that lies below a mount is never asked.
pub(super) fn shadowed(mounts: &[Mount], methods: &[Method], sink: &mut Sink) {
    for method in methods.iter().filter(|method| method.sound) {
        let Some(route) = &method.route else { continue };
        for mount in mounts {
            if is_below(route, &mount.prefix) {
                sink.enter(method.member);
                let message = messages::route_below_mount(
                    &method.name.shown(),
                    &route.text,
                    &mount.prefix.text,
                );
                sink.report(route.literal.to_token_stream(), message);
                sink.enter(0);
                sink.report(
                    mount.prefix.literal.to_token_stream(),
                    messages::route_below_mount_place(),
                );
            }
        }
    }
}

fn is_below(pattern: &Pattern, prefix: &Pattern) -> bool {
    pattern.segments.starts_with(&prefix.segments)
}
