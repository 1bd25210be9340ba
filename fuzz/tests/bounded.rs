//! A short run of each target on stable: seeds, mutated at random from a fixed start, so that a
//! failure can be repeated. `DOGET_FUZZ_ITERATIONS` sets how many.

use std::path::Path;
use std::{env, fs};

#[test]
fn head() {
    run("head", doget_fuzz::head);
}

#[test]
fn chunked() {
    run("chunked", doget_fuzz::chunked);
}

#[test]
fn exchange() {
    run("exchange", doget_fuzz::exchange);
}

#[test]
fn proxy_header() {
    run("proxy_header", doget_fuzz::proxy_header);
}

#[test]
fn query() {
    run("query", doget_fuzz::query);
}

#[test]
fn cookies() {
    run("cookies", doget_fuzz::cookies);
}

#[test]
fn parameters() {
    run("parameters", doget_fuzz::parameters);
}

#[test]
fn multipart() {
    run("multipart", doget_fuzz::multipart);
}

#[test]
fn websocket() {
    run("websocket", doget_fuzz::websocket);
}

fn run(name: &str, target: fn(&[u8])) {
    let iterations = env::var("DOGET_FUZZ_ITERATIONS").map_or(20_000, |n| n.parse().unwrap());
    let seeds = seeds(name);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for seed in &seeds {
        target(seed);
    }
    for iteration in 0..iterations {
        let input = mutate(&seeds, &mut random);
        if std::panic::catch_unwind(|| target(&input)).is_err() {
            panic!("{name}: iteration {iteration}: {}", input.escape_ascii());
        }
    }
}

/// The files of `seeds/<name>`, each with every choice of the first byte that a target looks at.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has seeds");
    let mut seeds = Vec::new();
    for file in files {
        let seed = fs::read(file).unwrap();
        for how in 0..8 {
            let mut seed = seed.clone();
            seed[0] = how;
            seeds.push(seed);
        }
    }
    seeds
}

fn mutate(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    const TOKENS: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"\r\n\r\n",
        b"\r\n ",
        b"0\r\n",
        b"HTTP/1.1",
        b"HTTP/1.0",
        b"HTTP/2.0",
        b"Host: a\r\n",
        b"Content-Length: 1\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"Expect: 100-continue\r\n",
        b"http://a",
        b"//",
        b"%",
        b"?",
        b"#",
        b"@",
        b"[",
        b"]",
        b"\x80",
        b"\xff",
        b"\x7f",
        b"ffffffffffffffff",
        b"&",
        b"=",
        b"+",
        b"%C3%BC",
        b"%00",
        b"page=",
        b"limit=",
        b"tag=",
        b"Cookie: __Host-session=1\r\n",
        b"__Host-session=1;",
        b"\r\n--b\r\n",
        b"\r\n--b--",
        b"--b",
        b"Content-Disposition: form-data; name=a\r\n",
        b"filename=",
        b"filename*=UTF-8''",
        b"\"",
        b"\x81\x81\0\0\0\0a",
        b"\x01\x80\0\0\0\0",
        b"\x80\x82\x01\x02\x03\x04\xc2\xa6",
        b"\x89\x80\0\0\0\0",
        b"\x88\x82\0\0\0\0\x03\xe8",
    ];
    let mut input = random.pick(seeds).clone();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let to = (at + random.below(12)).min(input.len());
        match random.below(6) {
            0 => drop(input.drain(at..to)),
            1 => drop(input.splice(at..at, random.pick(TOKENS).iter().copied())),
            2 => drop(input.splice(at..to, random.pick(TOKENS).iter().copied())),
            3 => input.insert(at, random.below(256) as u8),
            4 => {
                let piece = input[at..to].to_vec();
                let times = 1 + random.below(30);
                drop(input.splice(at..at, piece.repeat(times)));
            }
            _ => {
                let other = random.pick(seeds);
                let from = random.below(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
    }
    input
}

/// xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn pick<'s, T>(&mut self, from: &'s [T]) -> &'s T {
        &from[self.below(from.len())]
    }
}
