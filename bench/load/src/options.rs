//! The words of the command line.

use std::str::FromStr;

pub struct Options {
    pub port: u16,
    pub path: String,
    pub connections: usize,
    pub seconds: f64,
    pub warmup: f64,
    pub threads: usize,
    /// How many requests are sent altogether, if not the time decides.
    pub requests: Option<u64>,
    /// Requests a second; without it, a connection sends its next request when it has the answer to the last.
    pub rate: Option<f64>,
    /// The processor is ours alone, so that it may be used up by waiting.
    pub spin: bool,
    pub pipeline: u32,
    pub browser: bool,
    pub json: bool,
    pub body: usize,
    pub upload: Option<usize>,
    pub length: Option<u64>,
    pub close: bool,
    pub tls: bool,
    pub resume: bool,
    pub idle: usize,
    pub sleepers: usize,
    pub readers: usize,
    pub blockers: usize,
}

impl Options {
    /// What the program was started with.
    ///
    /// # Errors
    ///
    /// A word that is missing, or is not known.
    pub fn read() -> Result<Self, String> {
        let mut words = std::env::args().skip(1);
        let mut next = |what: &str| words.next().ok_or_else(|| format!("{what} is missing"));
        let mut options = Self {
            port: number(&next("PORT")?)?,
            path: next("PATH")?,
            connections: 1,
            seconds: 1.0,
            warmup: 0.2,
            threads: 1,
            requests: None,
            rate: None,
            spin: false,
            pipeline: 1,
            browser: false,
            json: false,
            body: 0,
            upload: None,
            length: None,
            close: false,
            tls: false,
            resume: false,
            idle: 0,
            sleepers: 0,
            readers: 0,
            blockers: 0,
        };
        while let Ok(word) = next("") {
            match word.as_str() {
                "--connections" => options.connections = number(&next(&word)?)?,
                "--seconds" => options.seconds = number(&next(&word)?)?,
                "--warmup" => options.warmup = number(&next(&word)?)?,
                "--threads" => options.threads = number(&next(&word)?)?,
                "--requests" => options.requests = Some(number(&next(&word)?)?),
                "--rate" => options.rate = Some(number(&next(&word)?)?),
                "--spin" => options.spin = true,
                "--pipeline" => options.pipeline = number(&next(&word)?)?,
                "--browser" => options.browser = true,
                "--json" => options.json = true,
                "--body" => options.body = number(&next(&word)?)?,
                "--upload" => options.upload = Some(number(&next(&word)?)?),
                "--length" => options.length = Some(number(&next(&word)?)?),
                "--close" => options.close = true,
                "--tls" => options.tls = true,
                "--resume" => options.resume = true,
                "--idle" => options.idle = number(&next(&word)?)?,
                "--sleepers" => options.sleepers = number(&next(&word)?)?,
                "--readers" => options.readers = number(&next(&word)?)?,
                "--blockers" => options.blockers = number(&next(&word)?)?,
                _ => return Err(format!("what is {word}?")),
            }
        }
        Ok(options)
    }
}

fn number<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word} is not a number"))
}
