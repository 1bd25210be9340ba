//! Near misses: which known name was probably meant.

/// The nearest of `known`, if it is near enough to be what was meant: one slip, or two in a name
/// of more than four letters. Two neighbours that changed places are one slip.
///
/// A letter that was replaced does not count in a name of three letters or fewer: `SET` is not a
/// misspelt `GET`.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let name: Vec<char> = name.chars().collect();
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let letters: Vec<char> = candidate.chars().collect();
        let shorter = name.len().min(letters.len());
        let allowed = if shorter > 4 { 2 } else { 1 };
        let replaced_in_short =
            shorter <= 3 && name.len() == letters.len() && !swapped(&name, &letters);
        let distance = distance(&name, &letters);
        if distance > 0
            && distance <= allowed
            && !replaced_in_short
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn swapped(a: &[char], b: &[char]) -> bool {
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    a.sort_unstable();
    b.sort_unstable();
    a == b
}

/// Optimal string alignment: insertions, deletions, replacements, and neighbours swapped.
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut table = vec![0; (a.len() + 1) * width];
    for (i, row) in table.chunks_mut(width).enumerate() {
        row[0] = i;
    }
    for (j, cell) in table.iter_mut().take(width).enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replace = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (table[(i - 1) * width + j] + 1)
                .min(table[i * width + j - 1] + 1)
                .min(table[(i - 1) * width + j - 1] + replace);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(table[(i - 2) * width + j - 2] + 1);
            }
            table[i * width + j] = least;
        }
    }
    table[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use crate::registry;

    fn method(name: &str) -> Option<&'static str> {
        nearest(name, registry::METHODS.iter().copied())
    }

    #[test]
    fn one_slip_is_found() {
        assert_eq!(method("PSOT"), Some("POST"));
        assert_eq!(method("GTE"), Some("GET"));
        assert_eq!(method("GETT"), Some("GET"));
        assert_eq!(method("DELET"), Some("DELETE"));
        assert_eq!(method("OPTION"), Some("OPTIONS"));
        assert_eq!(method("PACTH"), Some("PATCH"));
        assert_eq!(method("PTU"), Some("PUT"));
    }

    #[test]
    fn two_slips_only_in_long_names() {
        assert_eq!(method("DLETEE"), Some("DELETE"));
        assert_eq!(method("HOOK"), None);
        assert_eq!(method("PIST"), Some("POST"));
        assert_eq!(method("PISS"), None);
    }

    #[test]
    fn other_words_are_left_alone() {
        for word in [
            "SET", "PAY", "RUN", "INVITE", "REGISTER", "DESCRIBE", "PLAY", "FLUSH", "WORK",
        ] {
            assert_eq!(method(word), None, "{word}");
        }
    }

    #[test]
    fn a_name_is_not_near_itself() {
        assert_eq!(method("GET"), None);
        assert_eq!(
            nearest("log_mesage", ["log_message", "log_error"]),
            Some("log_message")
        );
        assert_eq!(
            nearest("SERVER_VERSON", ["SERVER_VERSION", "SYS_VERSION"]),
            Some("SERVER_VERSION")
        );
        assert_eq!(nearest("render", ["responses", "send_error"]), None);
    }
}
