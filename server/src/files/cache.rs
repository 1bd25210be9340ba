//! What clients are told of keeping a file: `Cache-Control`, by patterns of paths.

/// What a client has to be told of a file that it may keep, if nothing else was said.
pub(super) const REVALIDATE: &str = "no-cache";

/// The rules, in the order in which they were given.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    rules: Vec<(Pattern, String)>,
    /// The value for everything else; empty for none.
    usual: String,
}

impl Default for Cache {
    /// A client may keep a file, but has to ask each time whether it is still the same.
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            usual: REVALIDATE.to_owned(),
        }
    }
}

impl Cache {
    pub(super) fn add(&mut self, pattern: &str, value: &str) {
        self.rules.push((Pattern::new(pattern), value.to_owned()));
    }

    pub(super) fn set_usual(&mut self, value: String) {
        self.usual = value;
    }

    /// The value for the file of this path below the root: that of the first pattern that matches. `None` if there is
    /// none.
    pub(super) fn of(&self, path: &[u8]) -> Option<&str> {
        let rule = self.rules.iter().find(|(pattern, _)| pattern.matches(path));
        let value = rule.map_or(&self.usual, |(_, value)| value);
        (!value.is_empty()).then_some(value)
    }
}

/// `*` stands for any characters and `?` for one. With a slash in it a pattern is one of whole paths, else of last
/// names. Where file systems ignore the case of names, so do patterns: `/APP.JS` is the file that `*.js` is meant for.
#[derive(Clone, Debug)]
struct Pattern {
    text: Vec<u8>,
    whole: bool,
}

impl Pattern {
    fn new(text: &str) -> Self {
        Self {
            text: text.strip_prefix('/').unwrap_or(text).into(),
            whole: text.contains('/'),
        }
    }

    fn matches(&self, path: &[u8]) -> bool {
        let name = if self.whole {
            path
        } else {
            path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
        };
        glob(&self.text, name)
    }
}

/// Goes back to the last star alone, so the work is at most the product of both lengths.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut star = None;
    while let Some(&byte) = name.get(place) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(&wanted) if wanted == b'?' || is_same(wanted, byte) => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((before, taken)) = star else {
                    return false;
                };
                star = Some((before, taken + 1));
                at = before + 1;
                place = taken + 1;
            }
        }
    }
    let rest = pattern.get(at..).unwrap_or_default();
    rest.iter().all(|&byte| byte == b'*')
}

fn is_same(wanted: u8, byte: u8) -> bool {
    wanted == byte || IGNORES_CASE && wanted.eq_ignore_ascii_case(&byte)
}

/// Of the file systems that these systems come with.
const IGNORES_CASE: bool = cfg!(any(windows, target_vendor = "apple"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_a_name_counts_where_it_does_for_the_file_system() {
        for path in ["APP.JS", "assets/App.Js"] {
            let matches = Pattern::new("*.js").matches(path.as_bytes());
            assert_eq!(matches, IGNORES_CASE, "{path}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, path, matches) in [
            ("*.js", "app.js", true),
            ("*.js", "assets/app.js", true),
            ("*.js", "app.json", false),
            ("*.js", ".js", true),
            ("app.?s", "app.js", true),
            ("app.?s", "app.s", false),
            ("*", "anything/at/all", true),
            ("assets/*", "assets/a/b.css", true),
            ("assets/*", "other/assets/a", false),
            ("/assets/*", "assets/a", true),
            ("/index.html", "index.html", true),
            ("/index.html", "dir/index.html", false),
            ("index.html", "dir/index.html", true),
            ("*/assets/*.css", "a/assets/b.css", true),
            ("*a*b*c", "xxaxxbxxbxc", true),
            ("*a*b*c", "xxaxxbxxbxcd", false),
            ("", "a", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(path.as_bytes()),
                matches,
                "{pattern} {path}"
            );
        }
    }

    #[test]
    fn a_pattern_of_stars_is_not_slow() {
        let name = vec![b'a'; 4000];
        assert!(!glob(
            "*a".repeat(200).as_bytes(),
            &[&name[..], b"b"].concat()
        ));
    }

    #[test]
    fn the_first_rule_that_matches_counts() {
        let mut cache = Cache::default();
        cache.add("*.js", "max-age=60");
        cache.add("a.*", "no-store");
        cache.add("*.tmp", "");
        assert_eq!(cache.of(b"a.js"), Some("max-age=60"));
        assert_eq!(cache.of(b"a.css"), Some("no-store"));
        assert_eq!(cache.of(b"b.css"), Some("no-cache"));
        assert_eq!(cache.of(b"b.tmp"), None);
    }
}
