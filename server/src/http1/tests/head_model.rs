//! A slow and obvious reader of request heads, to compare the parser with. It uses nothing of the
//! crate; statuses and decisions are written down once more from RFC 9112 and the behaviour rules.

/// The bounds, named as in `HeadLimits`.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub method: usize,
    pub target: usize,
    pub request_line: usize,
    pub line: usize,
    pub fields: usize,
    pub head: usize,
    pub empty_lines: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Partial,
    Refused(u16),
    Silent,
    Complete(Box<Model>),
}

#[derive(Debug, PartialEq, Eq)]
pub struct Model {
    pub taken: usize,
    pub requestline: String,
    pub method: String,
    pub target: String,
    /// The version word; `HTTP/0.9` if there is none.
    pub word: String,
    pub fields: Vec<(String, Vec<u8>)>,
    /// `None`, `Some(Some(length))`, or `Some(None)` for chunked.
    pub framing: Option<Option<u64>>,
    pub persistent: bool,
    /// 0 none, 1 continue, 2 unknown.
    pub expect: u8,
}

pub fn read(input: &[u8], eof: bool, lenient: bool, bounds: &Bounds) -> Outcome {
    let window = &input[..input.len().min(bounds.head)];
    let mut at = 0;
    let mut lines: Vec<&[u8]> = Vec::new();
    let mut empties = 0;
    let mut model: Option<Model> = None;
    loop {
        let rest = &window[at..];
        let lf = rest.iter().position(|&b| b == b'\n');
        let mut line = &rest[..lf.map_or(rest.len(), |lf| lf + 1)];
        let too_long = line.len()
            > if model.is_none() {
                bounds.request_line
            } else {
                bounds.line
            };
        if too_long {
            if model.is_some() {
                return Outcome::Refused(431);
            }
            return Outcome::Refused(if lenient {
                414
            } else {
                long_line(&line[..bounds.request_line + 1], bounds)
            });
        }
        if lf.is_none() {
            if input.len() > window.len() {
                return Outcome::Refused(431);
            }
            if !eof || !lenient || (model.is_none() && line.is_empty()) {
                return Outcome::Partial;
            }
        }
        at += line.len();
        let ended = lf.is_none() && line.is_empty();
        if lf.is_some() {
            if !lenient && !line.ends_with(b"\r\n") {
                return Outcome::Refused(400);
            }
            line = &line[..line.len() - 1];
        }
        let blank = ended || line == b"\r" && lf.is_some() || line.is_empty();
        match &mut model {
            None if blank => {
                empties += 1;
                if empties > bounds.empty_lines {
                    return if lenient {
                        Outcome::Silent
                    } else {
                        Outcome::Refused(400)
                    };
                }
            }
            None => match request_line(line, lenient, bounds) {
                Ok((found, true)) => {
                    return Outcome::Complete(Box::new(Model { taken: at, ..found }));
                }
                Ok((found, false)) => model = Some(found),
                Err(outcome) => return outcome,
            },
            Some(_) if blank && !(lenient && lines.len() >= bounds.fields) => break,
            Some(_) => {
                lines.push(line);
                if lines.len() > bounds.fields {
                    return Outcome::Refused(431);
                }
            }
        }
    }
    let mut model = model.unwrap();
    model.taken = at;
    if eof && lines.last() == Some(&&b"\r"[..]) && at == input.len() {
        // A lone CR at the end of input is what is left of a blank line.
        lines.pop();
    }
    match meaning(&lines, lenient, &mut model) {
        Ok(()) => Outcome::Complete(Box::new(model)),
        Err(status) => Outcome::Refused(status),
    }
}

fn long_line(sent: &[u8], bounds: &Bounds) -> u16 {
    let words: Vec<&[u8]> = sent.split(|&b| b == b' ').collect();
    let method_fits = words[0].len() <= bounds.method;
    let target_fits = words.len() > 2 && words[1].len() <= bounds.target;
    if method_fits && !(target_fits && bounds.target < bounds.request_line) {
        414
    } else {
        400
    }
}

/// The line's model, and whether it is all of the request.
fn request_line(line: &[u8], lenient: bool, bounds: &Bounds) -> Result<(Model, bool), Outcome> {
    let bad = |status| Err(Outcome::Refused(status));
    let text: String = line.iter().map(|&b| b as char).collect();
    let text = if lenient {
        text.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        text[..text.len() - 1].to_owned()
    };
    // The blanks beyond ASCII are Python's, which reads Latin-1; in the strict profile they are bytes of a query.
    let blank = |c: char| {
        "\t\n\u{b}\u{c}\r\u{1c}\u{1d}\u{1e}\u{1f} ".contains(c)
            || lenient && "\u{85}\u{a0}".contains(c)
    };
    let words: Vec<&str> = text.split(blank).filter(|word| !word.is_empty()).collect();
    if words.is_empty() && lenient {
        return Err(Outcome::Silent);
    }
    if words.len() < 2 {
        return bad(400);
    }
    let version = match words.as_slice() {
        [_, _] => None,
        [.., word] => Some(version_word(word, lenient).map_err(Outcome::Refused)?),
        [] => None,
    };
    if words.len() > 3 || (words.len() == 2 && !lenient) {
        return bad(400);
    }
    let (method, target) = (words[0], words[1]);
    if method.len() > bounds.method {
        return bad(400);
    }
    if target.len() > bounds.target {
        return bad(414);
    }
    if words.len() == 2 && method != "GET" {
        return bad(400);
    }
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let lower = target.to_ascii_lowercase();
    let absolute = lower.starts_with("http://") || lower.starts_with("https://");
    if !lenient {
        if text != words.join(" ") || !method.bytes().all(token) || !is_written_well(target) {
            return bad(400);
        }
        let form = match method {
            "CONNECT" => connectable(target),
            "OPTIONS" if target == "*" => true,
            _ => target.starts_with('/') || absolute,
        };
        if !form {
            return bad(400);
        }
    }
    if absolute && !(method == "CONNECT" && connectable(target)) {
        let rest = &target[target.find("//").unwrap() + 2..];
        if !host(rest.split(['/', '?', '#']).next().unwrap()) {
            return bad(400);
        }
    }
    let model = Model {
        taken: 0,
        requestline: text.clone(),
        method: method.to_owned(),
        target: target.to_owned(),
        word: version.unwrap_or("HTTP/0.9").to_owned(),
        fields: Vec::new(),
        framing: None,
        persistent: false,
        expect: 0,
    };
    Ok((model, version.is_none()))
}

/// Visible ASCII, and behind the question mark whatever is not ASCII.
fn is_written_well(target: &str) -> bool {
    let mut in_query = false;
    target.chars().all(|c| {
        in_query |= c == '?';
        c.is_ascii_graphic() || in_query && !c.is_ascii()
    })
}

fn version_word(word: &str, lenient: bool) -> Result<&str, u16> {
    let Some(numbers) = word.strip_prefix("HTTP/") else {
        return Err(400);
    };
    let parts: Vec<&str> = numbers.split('.').collect();
    let number = |part: &&str| {
        !part.is_empty() && part.len() <= 10 && part.chars().all(|c| c.is_ascii_digit())
    };
    if parts.len() != 2 || !parts.iter().all(number) {
        return Err(400);
    }
    let major: u64 = parts[0].parse().unwrap();
    if major >= 2 {
        return Err(505);
    }
    if !lenient && (word.len() != 8 || major != 1) {
        return Err(400);
    }
    Ok(word)
}

fn connectable(target: &str) -> bool {
    host(target)
        && target.rsplit(':').next().is_some_and(|port| {
            target.contains(':') && !port.is_empty() && port.chars().all(|c| c.is_ascii_digit())
        })
}

fn host(text: &str) -> bool {
    let (name, port) = match text.rfind(':') {
        Some(colon) if !text.ends_with(']') => (&text[..colon], &text[colon + 1..]),
        _ => (text, ""),
    };
    let port_good = port.len() <= 5
        && port.chars().all(|c| c.is_ascii_digit())
        && (port.is_empty() || port.parse::<u32>().unwrap() < 65_536);
    if name.starts_with('[') {
        let inside = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        return port_good && inside.is_some_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let escapes_good = name
        .split('%')
        .skip(1)
        .all(|tail| tail.len() >= 2 && tail.bytes().take(2).all(|b| b.is_ascii_hexdigit()));
    let legal = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+;=%".contains(c);
    port_good && !name.is_empty() && name.chars().all(legal) && escapes_good
}

fn meaning(lines: &[&[u8]], lenient: bool, model: &mut Model) -> Result<(), u16> {
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let colon = line.iter().position(|&b| b == b':').ok_or(400u16)?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        let token = |&b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let text = |&b: &u8| b == b'\t' || (b >= b' ' && b != 0x7f);
        if name.is_empty() || !name.iter().all(token) || !value.iter().all(text) {
            return Err(400);
        }
        let name = String::from_utf8(name.to_vec()).unwrap();
        model.fields.push((name, trim(value).to_vec()));
    }
    let all = |wanted: &str| -> Vec<&[u8]> {
        let found = model
            .fields
            .iter()
            .filter(|(name, _)| name.to_lowercase() == wanted);
        found.map(|(_, value)| value.as_slice()).collect()
    };
    let list = |wanted: &str| -> Vec<String> {
        let values = all(wanted);
        let elements = values.iter().flat_map(|value| value.split(|&b| b == b','));
        let elements = elements.map(|e| String::from_utf8_lossy(trim(e)).to_ascii_lowercase());
        elements.filter(|element| !element.is_empty()).collect()
    };
    let word = model.word.clone();
    let (major, minor) = word["HTTP/".len()..].split_once('.').unwrap();
    let version = (major.parse::<u64>().unwrap(), minor.parse::<u64>().unwrap());

    model.framing = framing(&all("content-length"), &all("transfer-encoding"), version)?;
    let hosts = all("host");
    let good = |value: &&[u8]| value.is_empty() || std::str::from_utf8(value).is_ok_and(host);
    if lenient {
        if hosts
            .iter()
            .any(|value| !value.eq_ignore_ascii_case(hosts[0]))
        {
            return Err(400);
        }
    } else if hosts.len() > 1 || !hosts.iter().all(good) || (hosts.is_empty() && version >= (1, 1))
    {
        return Err(400);
    }
    let options = list("connection");
    let said = |option: &str| options.iter().any(|said| said == option);
    let persistent =
        !said("close") && (version >= (1, 1) || (version == (1, 0) && said("keep-alive")));
    let expectations = list("expect");
    let expect = if version < (1, 1) || expectations.is_empty() {
        0
    } else if expectations
        .iter()
        .all(|expectation| expectation == "100-continue")
    {
        1
    } else {
        2
    };
    model.persistent = persistent;
    model.expect = expect;
    Ok(())
}

/// What frames the body: nothing, a length, or chunks (`Some(None)`).
fn framing(
    lengths: &[&[u8]],
    codings: &[&[u8]],
    version: (u64, u64),
) -> Result<Option<Option<u64>>, u16> {
    match (lengths, codings) {
        ([], []) => Ok(None),
        ([length], []) => {
            let digits = length.len() <= 20 && length.iter().all(u8::is_ascii_digit);
            let text = std::str::from_utf8(length).ok().filter(|_| digits);
            let length = text.and_then(|text| text.parse().ok()).ok_or(400u16)?;
            Ok(Some(Some(length)))
        }
        ([], [_]) if version < (1, 1) => Err(400),
        ([], [coding]) => {
            let text = String::from_utf8_lossy(coding).to_ascii_lowercase();
            let codings: Vec<&str> = text
                .split(',')
                .map(|c| c.trim_matches([' ', '\t']))
                .collect();
            let (last, before) = codings.split_last().unwrap();
            if text == "chunked" {
                Ok(Some(None))
            } else if *last == "chunked"
                && before
                    .iter()
                    .all(|c| ["gzip", "deflate", "compress"].contains(c))
            {
                Err(501)
            } else {
                Err(400)
            }
        }
        _ => Err(400),
    }
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
