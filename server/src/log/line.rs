//! The line of a request as the default hooks write it, put together without the machinery of formatting: there is
//! one for each request. What would have to be escaped is left to the hooks.

use crate::log::format::FIELD;
use crate::log::{Log, LogFormat};
use crate::semantics::date::{log_date_time, ncsa_date_time};
use std::cell::RefCell;
use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) struct AccessLine<'a> {
    pub(crate) address: Option<IpAddr>,
    /// What stands for an address that there is not.
    pub(crate) no_address: &'static str,
    pub(crate) request_line: &'a str,
    pub(crate) status: u16,
    pub(crate) size: u64,
    /// Referer and user agent, where the format has them.
    pub(crate) client: Option<(&'a str, &'a str)>,
}

/// What lines begin with: the same for a client and a second.
#[derive(Default)]
struct LinePrefix {
    /// What it was made of.
    address: Option<IpAddr>,
    no_address: &'static str,
    second: Option<u64>,
    format: LogFormat,
    text: String,
}

thread_local! {
    static PREFIX: RefCell<LinePrefix> = RefCell::default();
}

impl AccessLine<'_> {
    /// Logs it. False, and nothing is logged, if something in it has to be escaped or cut.
    pub(crate) fn log(&self, log: &Log, format: LogFormat) -> bool {
        let (referer, agent) = self.client.unwrap_or_default();
        if ![self.request_line, referer, agent]
            .into_iter()
            .all(is_plain)
        {
            return false;
        }
        log.whole_line(|line| {
            PREFIX.with_borrow_mut(|prefix| {
                prefix.update(self, format, SystemTime::now());
                line.push_str(&prefix.text);
            });
            line.push_str(self.request_line);
            line.push_str("\" ");
            let mut digits = itoa::Buffer::new();
            line.push_str(digits.format(self.status));
            line.push(' ');
            line.push_str(digits.format(self.size));
            if self.client.is_some() {
                line.push_str(" \"");
                line.push_str(referer);
                line.push_str("\" \"");
                line.push_str(agent);
                line.push('"');
            }
        });
        true
    }
}

impl LinePrefix {
    fn update(&mut self, of: &AccessLine<'_>, format: LogFormat, now: SystemTime) {
        let (address, no_address) = (of.address, of.no_address);
        let second = now
            .duration_since(UNIX_EPOCH)
            .ok()
            .map(|since| since.as_secs());
        if second.is_some()
            && second == self.second
            && address == self.address
            && (address.is_some() || no_address == self.no_address)
            && format == self.format
        {
            return;
        }
        let date = match format {
            LogFormat::Common => log_date_time(now),
            LogFormat::Combined => ncsa_date_time(now),
        };
        let address_text = match address {
            Some(address) => address.to_string(),
            None => no_address.to_owned(),
        };
        *self = Self {
            address,
            no_address,
            second,
            format,
            text: format!("{address_text} - - [{}] \"", date.as_str()),
        };
    }
}

/// Whether a field goes into a line as it is.
fn is_plain(text: &str) -> bool {
    // Without a branch in it, so that the compiler can look at many bytes at once.
    let odd = text.bytes().fold(false, |odd, byte| {
        odd | !(b' '..0x7f).contains(&byte) | (byte == b'"') | (byte == b'\\')
    });
    !odd && text.len() <= FIELD
}
