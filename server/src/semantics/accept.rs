//! Content codings by `Accept-Encoding` (RFC 9110 section 12.5.3), for files that lie beside the plain one in
//! compressed form.

/// The elements of `Accept` or `Accept-Encoding` with their weights in thousandths, from all lines of the field.
pub(crate) struct Weights<'r>(Vec<(&'r str, u16)>);

impl<'r> Weights<'r> {
    pub(crate) fn read(fields: impl Iterator<Item = &'r str>) -> Self {
        let elements = fields.flat_map(|field| field.split(','));
        Self(
            elements
                .map(weighted)
                .filter(|(name, _)| !name.is_empty())
                .collect(),
        )
    }

    fn find(&self, name: &str) -> Option<u16> {
        let mut elements = self.0.iter();
        let found = elements.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, weight)| *weight)
    }

    /// The media type that is liked best of these, the first of those that are liked the same: also if nothing is said.
    /// `None` if none is wanted. What stands behind a semicolon is no part of the comparison.
    pub(crate) fn best_media<'o>(&self, offers: &[&'o str]) -> Option<&'o str> {
        if self.0.is_empty() {
            return offers.first().copied();
        }
        let mut best = (0, None);
        for &offer in offers {
            let weight = self.media(offer.split(';').next().unwrap_or_default().trim_end());
            if weight > best.0 {
                best = (weight, Some(offer));
            }
        }
        best.1
    }

    /// The weight of the most specific range that a type is in (RFC 9110 section 12.5.1).
    fn media(&self, essence: &str) -> u16 {
        let (main, _) = essence.split_once('/').unwrap_or((essence, ""));
        let weight = self
            .find(essence)
            .or_else(|| self.find(&format!("{main}/*")))
            .or_else(|| self.find("*/*"));
        weight.unwrap_or(0)
    }

    /// Whether this very type is asked for.
    #[cfg(feature = "files")]
    pub(crate) fn names(&self, essence: &str) -> bool {
        self.find(essence).is_some_and(|weight| weight > 0)
    }

    /// The content codings that are accepted, the one that is liked best first; those that are liked the same stay in
    /// order. One that is liked less than `identity` is none, and a client that says nothing gets none (RFC 9110
    /// section 12.5.3).
    pub(crate) fn codings<'o>(&self, offers: &[&'o str]) -> Vec<&'o str> {
        let least = self.find("identity").unwrap_or(0);
        let weight = |coding: &str| {
            let alias = coding
                .eq_ignore_ascii_case("gzip")
                .then(|| self.find("x-gzip"));
            let own = self.find(coding).or_else(|| alias.flatten());
            own.or_else(|| self.find("*")).unwrap_or(0)
        };
        let weights = offers.iter().map(|&coding| (weight(coding), coding));
        let mut liked: Vec<_> = weights
            .filter(|(weight, _)| *weight > 0 && *weight >= least)
            .collect();
        liked.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        liked.into_iter().map(|(_, coding)| coding).collect()
    }
}

/// An element of a list and its weight in thousandths (RFC 9110 section 12.4.2); one that is malformed is not wanted.
fn weighted(element: &str) -> (&str, u16) {
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

    const CODINGS: [&str; 3] = ["br", "zstd", "gzip"];

    fn names(field: &str) -> Vec<&'static str> {
        Weights::read([field].into_iter()).codings(&CODINGS)
    }

    #[test]
    fn the_media_type_that_is_liked_best() {
        let offers = ["text/html; charset=utf-8", "application/json", "text/csv"];
        for (field, best) in [
            ("", Some(0)),
            ("*/*", Some(0)),
            ("text/*", Some(0)),
            ("text/csv, text/html;q=0.9", Some(2)),
            ("Application/JSON", Some(1)),
            ("text/html;q=0, */*;q=0.1", Some(1)),
            ("text/html;q=0.1, text/*;q=0.3", Some(2)),
            ("image/png", None),
            ("*/*;q=0", None),
            ("text/html;level=1;q=0.5, application/json;q=0.4", Some(0)),
        ] {
            let weights = Weights::read([field].into_iter());
            let expected = best.map(|at: usize| offers[at]);
            assert_eq!(weights.best_media(&offers), expected, "{field}");
        }
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
        let names = Weights::read(["gzip", "br;q=0.1"].into_iter()).codings(&CODINGS);
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
