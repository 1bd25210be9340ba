//! Members against each other: one method twice, one route twice, two routes of which neither is
//! the more specific.
//!
//! What is under `cfg` is compared only with what is under the very same one, since two others
//! may never meet. What failed on its own is not compared at all.

use crate::errors::Sink;
use crate::messages;
use crate::model::Method;
use crate::pattern::{Pattern, Segment};

pub(crate) fn check(methods: &[Method], sink: &mut Sink) {
    let sound: Vec<&Method> = methods.iter().filter(|method| method.sound).collect();
    for (position, later) in sound.iter().enumerate() {
        for earlier in &sound[..position] {
            if later.name.key() == earlier.name.key() && same_cfg(later, earlier) {
                sink.enter(later.member);
                if compare(later, earlier, sink) {
                    break;
                }
            }
        }
    }
}

/// Whether something was reported.
fn compare(later: &Method, earlier: &Method, sink: &mut Sink) -> bool {
    let method = later.name.shown();
    match (&later.route, &earlier.route) {
        (None, None) => {
            // Two functions of one name are refused by the compiler, with both places.
            if later.function == earlier.function {
                return true;
            }
            sink.report(&later.place, messages::method_twice(&method));
            sink.report(&earlier.place, messages::method_twice_place(&method));
            true
        }
        (Some(new), Some(old)) => match relation(&new.segments, &old.segments) {
            Relation::Same => {
                sink.report(&new.literal, messages::route_twice(&method, &new.text));
                sink.report(
                    &old.literal,
                    messages::route_twice_place(&method, &old.text),
                );
                true
            }
            Relation::Crossing(witness) => {
                sink.report(
                    &new.literal,
                    messages::route_overlap(&new.text, &old.text, &method, &witness),
                );
                sink.report(&old.literal, messages::route_overlap_place());
                true
            }
            Relation::Fine => false,
        },
        // A method without a route takes what no route takes.
        _ => false,
    }
}

fn same_cfg(a: &Method, b: &Method) -> bool {
    a.cfg.as_ref().map(ToString::to_string) == b.cfg.as_ref().map(ToString::to_string)
}

#[derive(Debug, PartialEq, Eq)]
enum Relation {
    /// Nothing matches both, or one is a special case of the other.
    Fine,
    Same,
    /// Some paths match both and each matches others too; this is one of them.
    Crossing(String),
}

fn relation(a: &[Segment], b: &[Segment]) -> Relation {
    let Some(witness) = witness(a, b) else {
        return Relation::Fine;
    };
    match (covers(a, b), covers(b, a)) {
        (true, true) => Relation::Same,
        (false, false) => Relation::Crossing(witness),
        _ => Relation::Fine,
    }
}

/// A path that both match.
fn witness(a: &[Segment], b: &[Segment]) -> Option<String> {
    let mut path = String::new();
    let (mut left, mut right) = (a, b);
    loop {
        match (left.split_first(), right.split_first()) {
            (None, None) => return Some(path),
            (Some((Segment::Rest(_), _)), Some((first, _))) => {
                return (!is_end(first)).then(|| path + &shown(right));
            }
            (Some((first, _)), Some((Segment::Rest(_), _))) => {
                return (!is_end(first)).then(|| path + &shown(left));
            }
            (Some((one, left_more)), Some((two, right_more))) => {
                let text = match (one, two) {
                    (Segment::Literal(one), Segment::Literal(two)) if one != two => return None,
                    (Segment::Literal(text), Segment::Literal(_)) => text,
                    (Segment::Literal(text), _) | (_, Segment::Literal(text))
                        if text.is_empty() =>
                    {
                        return None;
                    }
                    (Segment::Literal(text), _) | (_, Segment::Literal(text)) => text,
                    (Segment::Param(name) | Segment::Rest(name), _) => name,
                };
                path.push('/');
                path.push_str(&sent(text));
                (left, right) = (left_more, right_more);
            }
            _ => return None,
        }
    }
}

/// The empty text after a last `/`: no placeholder takes it.
fn is_end(segment: &Segment) -> bool {
    matches!(segment, Segment::Literal(text) if text.is_empty())
}

fn shown(segments: &[Segment]) -> String {
    let texts = segments.iter().map(|segment| match segment {
        Segment::Literal(text) | Segment::Param(text) | Segment::Rest(text) => text,
    });
    texts.map(|text| format!("/{}", sent(text))).collect()
}

/// Text as a client sends it within one segment; letters of other scripts stay readable.
fn sent(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '/' | '%' | '?' | '#' | ' ') || character.is_ascii_control() {
            // All of these are one byte.
            segment.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            segment.push(character);
        }
    }
    segment
}

/// Whether everything that `special` matches is matched by `general` too.
fn covers(general: &[Segment], special: &[Segment]) -> bool {
    match (general.split_first(), special.split_first()) {
        (None, None) => true,
        (Some((Segment::Rest(_), _)), Some((first, _))) => !is_end(first),
        (Some((general, general_more)), Some((special, special_more))) => {
            let here = match (general, special) {
                (Segment::Literal(one), Segment::Literal(two)) => one == two,
                (Segment::Param(_), Segment::Literal(_)) => !is_end(special),
                (Segment::Param(_), Segment::Param(_)) => true,
                _ => false,
            };
            here && covers(general_more, special_more)
        }
        _ => false,
    }
}

pub(crate) fn same_shape(a: &Pattern, b: &Pattern) -> bool {
    relation(&a.segments, &b.segments) == Relation::Same
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;
    use syn::LitStr;

    fn relate(a: &str, b: &str) -> Relation {
        let mut sink = Sink::default();
        let mut parse = |text: &str| {
            Pattern::parse(&LitStr::new(text, Span::call_site()), &mut sink)
                .expect(text)
                .segments
        };
        relation(&parse(a), &parse(b))
    }

    #[test]
    fn equal_shapes() {
        assert_eq!(relate("/", "/"), Relation::Same);
        assert_eq!(relate("/a/{x}", "/a/{y}"), Relation::Same);
        assert_eq!(relate("/{*x}", "/{*y}"), Relation::Same);
        assert_eq!(relate("/%61", "/a"), Relation::Same);
    }

    #[test]
    fn special_beside_general() {
        for (a, b) in [
            ("/a", "/{x}"),
            ("/a/b", "/{*rest}"),
            ("/{x}", "/{*rest}"),
            ("/u/me/{x}", "/u/{id}/{y}"),
            ("/u/{id}/", "/u/{*rest}"),
        ] {
            assert_eq!(relate(a, b), Relation::Fine, "{a} {b}");
            assert_eq!(relate(b, a), Relation::Fine, "{b} {a}");
        }
    }

    #[test]
    fn nothing_in_common() {
        for (a, b) in [
            ("/a", "/b"),
            ("/a", "/a/"),
            ("/a/", "/a/{x}"),
            ("/a", "/a/{*rest}"),
            ("/a/", "/a/{*rest}"),
            ("/{x}", "/{x}/{y}"),
            ("/u/me/{x}", "/u/{id}/p/{name}"),
        ] {
            assert_eq!(relate(a, b), Relation::Fine, "{a} {b}");
            assert_eq!(relate(b, a), Relation::Fine, "{b} {a}");
        }
    }

    #[test]
    fn crossings_have_a_witness() {
        for (a, b, path) in [
            ("/a/{y}", "/{x}/b", "/a/b"),
            ("/{x}/b", "/a/{*rest}", "/a/b"),
            ("/{x}/b/{y}", "/a/{*rest}", "/a/b/y"),
            ("/a/{x}/c", "/{y}/b/{z}", "/a/b/c"),
            ("/a%2Fb/{y}", "/{x}/100%25", "/a%2Fb/100%25"),
        ] {
            assert_eq!(relate(a, b), Relation::Crossing(path.into()), "{a} {b}");
            assert_eq!(relate(b, a), Relation::Crossing(path.into()), "{b} {a}");
        }
    }
}
