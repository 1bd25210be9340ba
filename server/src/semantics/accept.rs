//! Content codings by `Accept-Encoding` (RFC 9110 section 12.5.3), for files that lie beside the plain one in
//! compressed form.

/// A coding that a sibling may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Coding {
    /// Its name in header fields.
    pub(crate) name: &'static str,
    /// What the sibling's name has behind the plain one.
    pub(crate) suffix: &'static str,
}

/// Those that are looked for, the one that usually makes files smallest first.
const CODINGS: [Coding; 3] = [
    Coding {
        name: "br",
        suffix: ".br",
    },
    Coding {
        name: "zstd",
        suffix: ".zst",
    },
    Coding {
        name: "gzip",
        suffix: ".gz",
    },
];

/// The codings that the client accepts, the one that it likes best first; those that it likes the same are in our own
/// order. A client that says nothing gets none.
pub(crate) fn accepted(
    fields: impl Iterator<Item = impl AsRef<str>>,
) -> impl Iterator<Item = Coding> {
    let mut weights: [Option<u16>; CODINGS.len()] = [None; CODINGS.len()];
    let mut any = None;
    let mut identity = None;
    for field in fields {
        for element in field.as_ref().split(',') {
            let (name, weight) = weighted(element);
            if name == "*" {
                any = Some(weight);
            } else if name.eq_ignore_ascii_case("identity") {
                identity = Some(weight);
            }
            for (coding, known) in CODINGS.iter().zip(&mut weights) {
                let alias = coding.name == "gzip" && name.eq_ignore_ascii_case("x-gzip");
                if alias || name.eq_ignore_ascii_case(coding.name) {
                    *known = Some(weight);
                }
            }
        }
    }
    let least = identity.unwrap_or(0);
    let mut liked: Vec<(u16, Coding)> = weights
        .iter()
        .zip(CODINGS)
        .map(|(weight, coding)| (weight.or(any).unwrap_or(0), coding))
        .filter(|(weight, _)| *weight > 0 && *weight >= least)
        .collect();
    liked.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    liked.into_iter().map(|(_, coding)| coding)
}

/// An element of a list and its weight in thousandths (RFC 9110 section 12.4.2); one that is malformed is not wanted.
pub(crate) fn weighted(element: &str) -> (&str, u16) {
    let mut parts = element.split(';');
    let name = parts.next().unwrap_or_default().trim();
    for part in parts {
        if let Some((key, value)) = part.split_once('=')
            && key.trim().eq_ignore_ascii_case("q")
        {
            return (name, thousandths(value.trim()).unwrap_or(0));
        }
    }
    (name, 1000)
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || fraction.len() > 3 || !digits(fraction) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    let weight = if whole == "1" { 1000 } else { 0 } + fraction;
    (weight <= 1000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(field: &str) -> Vec<&'static str> {
        accepted([field].into_iter())
            .map(|coding| coding.name)
            .collect()
    }

    #[test]
    fn what_a_client_accepts() {
        for (field, expected) in [
            ("", &[][..]),
            ("identity", &[]),
            ("gzip", &["gzip"]),
            ("GZip", &["gzip"]),
            ("x-gzip", &["gzip"]),
            ("gzip, deflate, br, zstd", &["br", "zstd", "gzip"]),
            ("gzip;q=1.0, br;q=0.5", &["gzip", "br"]),
            ("gzip;q=0.5, br;q=0.5", &["br", "gzip"]),
            ("gzip;q=0", &[]),
            ("gzip;q=0.000, br", &["br"]),
            ("*", &["br", "zstd", "gzip"]),
            ("*;q=0.1, br;q=0", &["zstd", "gzip"]),
            ("identity;q=1, gzip;q=0.5", &[]),
            ("identity;q=0.5, gzip;q=0.8", &["gzip"]),
            (" gzip ; q=0.3 ,", &["gzip"]),
            ("gzip;q=2", &[]),
            ("gzip;q=0.1234", &[]),
            ("gzip;q=x", &[]),
            ("gzip;q=", &[]),
            ("deflate", &[]),
        ] {
            assert_eq!(names(field), expected, "{field}");
        }
    }

    #[test]
    fn lines_count_together() {
        let names: Vec<_> = accepted(["gzip", "br;q=0.1"].into_iter())
            .map(|coding| coding.name)
            .collect();
        assert_eq!(names, ["gzip", "br"]);
    }

    #[test]
    fn weights() {
        for (element, name, weight) in [
            ("a", "a", 1000),
            ("a;q=1", "a", 1000),
            ("a; x=1; Q=0.25", "a", 250),
            ("a;q=0.001", "a", 1),
            ("a;q=1.001", "a", 0),
        ] {
            assert_eq!(weighted(element), (name, weight), "{element}");
        }
    }
}
