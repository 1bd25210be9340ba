//! [`AllowHosts`]: a layer that lets only those in who ask by a name it was told.

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::semantics::host::{plain, without_port};
use crate::{Error, Request, Result, StatusCode};
use std::borrow::Cow;

/// A [`Layer`] that answers a request for a host that is not on a list with 421.
///
/// A server that only this machine can reach is still reached by every page that this machine's browser shows: the
/// page's own name can be made to lead to 127.0.0.1 (DNS rebinding), and then the browser takes the server for a part
/// of that site. The name that the browser sends gives it away.
///
/// Ports do not count, nor does case. A request that names no host, as old clients send it, is let through: browsers
/// always name one.
///
/// ```no_run
/// use doget::{AllowHosts, HttpServer, handler};
///
/// struct Admin;
///
/// #[handler]
/// impl Admin {
///     fn do_GET(&self) -> &'static str {
///         "secrets"
///     }
/// }
///
/// let admin = doget::with(AllowHosts::new(["localhost", "127.0.0.1", "[::1]"]), Admin);
/// HttpServer::bind("localhost:8000")?.serve_forever(admin)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AllowHosts {
    hosts: Vec<String>,
    advice: Cow<'static, str>,
}

impl AllowHosts {
    /// Names and addresses, whose ports do not count; an IPv6 address in brackets or without. `*.example.org` is
    /// every name below `example.org`, and `*` is all names.
    pub fn new<N: AsRef<str>>(hosts: impl IntoIterator<Item = N>) -> Self {
        let hosts = hosts.into_iter().map(|host| plain(host.as_ref()));
        Self {
            hosts: hosts.collect(),
            advice: Cow::Borrowed(""),
        }
    }

    /// One more sentence for the error page: it tells whoever set up the server how to let the host in. The page ends
    /// the sentence with a full stop.
    ///
    /// ```
    /// # use doget::AllowHosts;
    /// let hosts = AllowHosts::new(["localhost"]).advice("Add it to HOSTS in the settings");
    /// ```
    #[must_use]
    pub fn advice(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.advice = text.into();
        self
    }

    /// Whether requests for this host are answered.
    ///
    /// ```
    /// # use doget::AllowHosts;
    /// let hosts = AllowHosts::new(["localhost", "::1", "*.example.org"]);
    /// assert!(hosts.allows("LocalHost:8000") && hosts.allows("[::1]:80") && hosts.allows("a.example.org"));
    /// assert!(!hosts.allows("example.org") && !hosts.allows("localhost.example.net"));
    /// ```
    pub fn allows(&self, authority: &str) -> bool {
        let host = without_port(authority);
        self.hosts
            .iter()
            .any(|known| match known.strip_prefix('*') {
                Some("") => true,
                Some(domain) => host
                    .len()
                    .checked_sub(domain.len())
                    .filter(|&start| start > 0)
                    .and_then(|start| host.get(start..))
                    .is_some_and(|end| end.eq_ignore_ascii_case(domain)),
                None => host.eq_ignore_ascii_case(known),
            })
    }

    fn check(&self, request: &Request<'_>) -> Result<()> {
        let Some(authority) = request.host().filter(|host| !host.is_empty()) else {
            return Ok(());
        };
        if self.allows(&authority) {
            return Ok(());
        }
        let advice = &self.advice;
        let between = if advice.is_empty() { "" } else { ". " };
        Err(Error::new(StatusCode::MISDIRECTED_REQUEST).explain(format!(
            "This server does not answer to the name {}{between}{advice}",
            without_port(&authority)
        )))
    }
}

impl Layer for AllowHosts {
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        self.check(request).map(|()| Gate::Pass)
    }

    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        api.every_operation(|operation| {
            operation.fault(StatusCode::MISDIRECTED_REQUEST, "");
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Handler, Response, Sent};

    #[test]
    fn a40_names_and_addresses() {
        let hosts = AllowHosts::new(["localhost", "127.0.0.1", "::1", "Dev.example.", "*.test"]);
        for good in [
            "localhost",
            "LOCALHOST:8000",
            "localhost.:80",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:8000",
            "dev.example",
            "a.test:3",
            "a.b.TEST",
        ] {
            assert!(hosts.allows(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "localhost.evil.example",
            "evil-localhost",
            "127.0.0.1.evil.example",
            "127.0.0.11",
            "[::2]",
            "[::1].evil",
            "test",
            ".test",
            "atest",
            "localhost:80:80",
        ] {
            assert!(!hosts.allows(bad), "{bad}");
        }
        assert!(AllowHosts::new(["*"]).allows("anything"));
        // Who writes a port means the name.
        assert!(AllowHosts::new(["dev.example:8000"]).allows("dev.example:80"));
        assert!(!AllowHosts::new([""; 0]).allows("localhost"));
    }

    struct Own;

    impl Handler for Own {
        fn dispatch(&self, _: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
            response.reply("own")
        }
    }

    #[test]
    fn a40_other_hosts_get_421_and_what_names_none_is_answered() {
        let handler = crate::with(AllowHosts::new(["localhost"]).advice("See HOSTS"), Own);
        let ask = |head: &str| {
            let answer = crate::testing::exchange(&handler, head.as_bytes());
            String::from_utf8_lossy(&answer).into_owned()
        };
        for head in [
            "GET / HTTP/1.1\r\nHost: localhost:80\r\n\r\n",
            "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
        ] {
            let answer = ask(head);
            assert!(answer.ends_with("\r\n\r\nown"), "{head}: {answer}");
        }
        for head in [
            "GET / HTTP/1.1\r\nHost: <b>\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: evil.example\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
        ] {
            let answer = ask(head);
            assert!(
                !answer.contains("own") && !answer.contains("<b>"),
                "{head}: {answer}"
            );
            if head.contains("evil") {
                assert!(answer.starts_with("HTTP/1.1 421 "), "{head}: {answer}");
                assert!(
                    answer.contains("the name evil.example. See HOSTS"),
                    "{answer}"
                );
            }
        }
    }
}
