//! Who the client is and what it asked for, as far as the proxies before the server are believed.

use crate::connection::trust::Forwarded;
use crate::request::Request;
use std::borrow::Cow;
use std::net::IpAddr;

impl<'c> Request<'c> {
    /// The client's IP address: the one that a trusted proxy names ([`HttpServer::trust`](crate::HttpServer::trust)),
    /// else that of [`client_address`](Self::client_address). The log has this one, and whoever counts requests of a
    /// client should. An IPv4 address is one whichever way the server listens. `None` for a client of a Unix domain
    /// socket of which nothing is known.
    ///
    /// ```
    /// use doget::{Networks, Request, Trust, handler, testing};
    ///
    /// struct Who;
    ///
    /// #[handler]
    /// impl Who {
    ///     fn do_GET(&self, request: &Request<'_>) -> String {
    ///         request.client().map_or("?".to_owned(), |ip| ip.to_string())
    ///     }
    /// }
    ///
    /// let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.1\r\n\r\n";
    /// let exchange = testing::Exchange::new();
    /// assert!(exchange.run(&Who, bytes).bytes.ends_with(b"127.0.0.1"));
    /// let exchange = exchange.trust(Trust::x_forwarded(Networks::new(["127.0.0.1"])?));
    /// assert!(exchange.run(&Who, bytes).bytes.ends_with(b"192.0.2.1"));
    /// # Ok::<(), doget::NetworkError>(())
    /// ```
    pub fn client(&self) -> Option<IpAddr> {
        let known = self.forwarded().and_then(|forwarded| forwarded.client);
        known.or_else(|| Some(self.client_address().ip()?.to_canonical()))
    }

    /// `https` or `http`: what a trusted proxy says that the client used
    /// ([`HttpServer::trust`](crate::HttpServer::trust)), else `https` if the connection is encrypted by TLS.
    ///
    /// ```
    /// use doget::{Request, handler, testing};
    ///
    /// struct Where;
    ///
    /// #[handler]
    /// impl Where {
    ///     fn do_GET(&self, request: &mut Request<'_>) -> String {
    ///         format!("{}://{}", request.scheme(), request.host().unwrap_or_default())
    ///     }
    /// }
    ///
    /// let answer = testing::exchange(&Where, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    /// assert!(answer.ends_with(b"http://a"));
    /// ```
    pub fn scheme(&self) -> &'static str {
        let own = if self.connection.is_tls {
            "https"
        } else {
            "http"
        };
        self.forwarded()
            .and_then(|forwarded| forwarded.scheme)
            .unwrap_or(own)
    }

    /// The host and port that the client asked for, in lower case: those that a trusted proxy names, if it is believed
    /// in that ([`Trust::host`](crate::Trust::host)), else the [`authority`](Self::authority) of the request.
    pub fn host(&self) -> Option<Cow<'c, str>> {
        match self.forwarded().and_then(|forwarded| forwarded.host) {
            Some(host) if host.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                Some(Cow::Owned(host.to_ascii_lowercase()))
            }
            Some(host) => Some(Cow::Borrowed(host)),
            None => self.authority().map(Cow::Borrowed),
        }
    }

    /// Whether the other end of the connection is one whose word counts.
    pub(crate) fn is_of_trusted_peer(&self) -> bool {
        let trust = self.connection.site.trust.as_ref();
        trust.is_some_and(|trust| trust.believes(self.connection.peer))
    }

    /// What a trusted proxy says of this request.
    pub(crate) fn forwarded(&self) -> Option<Forwarded<'c>> {
        let trust = self.connection.site.trust.as_ref()?;
        Some(trust.read(self.connection.peer, self.headers()))
    }
}
