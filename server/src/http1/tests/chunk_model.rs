//! A slow and obvious reader of chunked bodies, to compare the decoder with. It uses nothing of
//! the crate.

/// The bounds, in the order of `ChunkLimits`.
pub struct Bounds {
    pub line: usize,
    pub extensions: usize,
    pub trailer_bytes: usize,
    pub trailer_fields: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// The body ended and took this many bytes.
    Done(usize),
    More,
    Refused,
}

/// Reads the body at the front of `input`: its data as far as it can be had, and how it ended.
pub fn read(input: &[u8], bounds: &Bounds) -> (Vec<u8>, End) {
    let mut data = Vec::new();
    let mut rest = input;
    let mut extensions = 0;
    loop {
        let (line, whole) = line_of(rest);
        let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        extensions += line[digits..]
            .iter()
            .filter(|&&b| b != b'\r' && b != b'\n')
            .count();
        let fits = line.len() <= bounds.line && extensions <= bounds.extensions;
        if !fits || !completes(line, whole, &["\r\n", "\n", "0\r\n", ";\r\n"], is_size_line) {
            return (data, End::Refused);
        }
        if !whole {
            return (data, End::More);
        }
        rest = &rest[line.len()..];
        let digits = std::str::from_utf8(&line[..digits]).unwrap();
        let size = u64::from_str_radix(digits, 16).unwrap();
        if size == 0 {
            break;
        }
        let run = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
        data.extend_from_slice(&rest[..run]);
        rest = &rest[run..];
        if (run as u64) < size {
            return (data, End::More);
        }
        match rest {
            [b'\r', b'\n', tail @ ..] => rest = tail,
            [] | [b'\r'] => return (data, End::More),
            _ => return (data, End::Refused),
        }
    }
    let (mut bytes, mut fields) = (0, 0);
    loop {
        let (line, whole) = line_of(rest);
        bytes += line.len();
        fields += usize::from(!line.is_empty() && line[0] != b'\r');
        let fits = bytes <= bounds.trailer_bytes && fields <= bounds.trailer_fields;
        if !fits
            || !completes(
                line,
                whole,
                &["\r\n", "\n", "a:\r\n", ":\r\n"],
                is_trailer_line,
            )
        {
            return (data, End::Refused);
        }
        if !whole {
            return (data, End::More);
        }
        rest = &rest[line.len()..];
        if line == b"\r\n" {
            return (data, End::Done(input.len() - rest.len()));
        }
    }
}

/// The first line with its LF, and whether it has one.
fn line_of(rest: &[u8]) -> (&[u8], bool) {
    match rest.iter().position(|&b| b == b'\n') {
        Some(lf) => (&rest[..=lf], true),
        None => (rest, false),
    }
}

/// Whether `line` is good, or could become so with one of `endings`.
fn completes(line: &[u8], whole: bool, endings: &[&str], good: fn(&[u8]) -> bool) -> bool {
    if whole {
        return good(line);
    }
    endings
        .iter()
        .any(|ending| good(&[line, ending.as_bytes()].concat()))
}

/// `1*16HEXDIG [ *( SP / HTAB ) ";" *( HTAB / SP / VCHAR / obs-text ) ] CRLF`
fn is_size_line(line: &[u8]) -> bool {
    let Some(line) = line.strip_suffix(b"\r\n") else {
        return false;
    };
    let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let extension = &line[digits..];
    let blanks = extension
        .iter()
        .take_while(|&&b| b == b' ' || b == b'\t')
        .count();
    (1..=16).contains(&digits)
        && (extension.is_empty() || extension.get(blanks) == Some(&b';'))
        && extension.iter().all(|&b| is_text(b))
}

/// `[ token ":" *( HTAB / SP / VCHAR / obs-text ) ] CRLF`
fn is_trailer_line(line: &[u8]) -> bool {
    let Some(line) = line.strip_suffix(b"\r\n") else {
        return false;
    };
    if line.is_empty() {
        return true;
    }
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        return false;
    };
    colon > 0
        && line[..colon]
            .iter()
            .all(|&b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
        && line[colon..].iter().all(|&b| is_text(b))
}

fn is_text(b: u8) -> bool {
    b == b'\t' || (b >= b' ' && b != 0x7f)
}
