//! [`Connection`]: requests in, answers out.

use crate::testing::answer::{Answer, read};
use crate::testing::cookie_jar::CookieJar;
use crate::testing::exchange::{Exchange, Session};
use crate::testing::request::TestRequest;
use crate::{Handler, Log};
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A connection in memory: [`testing::connect`](super::connect), or [`Exchange::connect`] for settings of its own.
///
/// ```
/// use doget::{handler, testing};
///
/// struct Hello;
///
/// #[handler]
/// impl Hello {
///     fn do_GET(&self) -> &'static str {
///         "hello"
///     }
/// }
///
/// let mut connection = testing::connect(&Hello);
/// assert_eq!(connection.send(&testing::get("/")).text(), "hello");
/// assert_eq!(connection.send(&testing::head("/")).header("Content-Length"), Some("5"));
/// let last = connection.send(&testing::get("/").header("Connection", "close"));
/// assert_eq!(last.header("Connection"), Some("close"));
/// assert!(connection.is_closed());
/// ```
pub struct Connection<'h> {
    pub(super) session: Session<'h>,
    cookies: Option<CookieJar>,
    errors: ErrorLines,
    log: Log,
}

impl Exchange {
    /// A connection to this handler with these settings.
    ///
    /// ```
    /// # use doget::{handler, testing};
    /// # struct Hello;
    /// # #[handler]
    /// # impl Hello {
    /// #     fn do_GET(&self, request: &doget::Request<'_>) -> String {
    /// #         request.client_address().to_string()
    /// #     }
    /// # }
    /// use std::net::SocketAddr;
    ///
    /// let settings = testing::Exchange::new().peer(SocketAddr::from(([192, 0, 2, 7], 4000)));
    /// let answer = settings.connect(&Hello).send(&testing::get("/"));
    /// assert_eq!(answer.text(), "192.0.2.7:4000");
    /// ```
    pub fn connect<'h, H: Handler>(&self, handler: &'h H) -> Connection<'h> {
        let errors = ErrorLines::default();
        let log = Log::writer(Box::new(errors.clone()));
        Connection {
            session: Session::new(self.clone(), handler, log.clone()),
            cookies: None,
            errors,
            log,
        }
    }
}

impl TestRequest {
    /// Runs the handler on it, as a connection of its own.
    ///
    /// # Panics
    ///
    /// As [`Connection::send`].
    #[track_caller]
    pub fn send<H: Handler>(&self, handler: &H) -> Answer {
        Exchange::new().connect(handler).send(self)
    }
}

impl Connection<'_> {
    /// Keeps the cookies that answers set, and sends them with the requests that come after, as a browser does: a test
    /// goes through a session in this way. `Path`, `Domain` and `Secure` are not looked at, and a request that has a
    /// `Cookie` itself is sent as it is.
    ///
    /// ```
    /// # #[cfg(feature = "params")] {
    /// use doget::{Cookies, NoContent, Params, Reply, Result, SetCookie, handler, testing};
    ///
    /// #[derive(Params)]
    /// struct Known {
    ///     name: Option<String>,
    /// }
    ///
    /// struct Site;
    ///
    /// #[handler]
    /// impl Site {
    ///     fn do_GET(&self, Cookies(known): Cookies<Known>) -> String {
    ///         known.name.unwrap_or("who?".to_owned())
    ///     }
    ///
    ///     fn do_PUT(&self, name: String) -> Result<impl Reply> {
    ///         Ok((SetCookie::new("name", name)?, NoContent))
    ///     }
    ///
    ///     fn do_DELETE(&self) -> Result<impl Reply> {
    ///         Ok((SetCookie::remove("name")?, NoContent))
    ///     }
    /// }
    ///
    /// let mut browser = testing::connect(&Site).keep_cookies();
    /// browser.send(&testing::put("/").body("ada"));
    /// assert_eq!(browser.send(&testing::get("/")).text(), "ada");
    /// browser.send(&testing::delete("/"));
    /// assert_eq!(browser.send(&testing::get("/")).text(), "who?");
    /// # }
    /// ```
    #[must_use]
    pub fn keep_cookies(mut self) -> Self {
        self.cookies = Some(CookieJar::default());
        self
    }

    /// The bytes of a request, with the cookies that were kept.
    fn bytes_of(&self, request: &TestRequest) -> Vec<u8> {
        match &self.cookies {
            Some(cookies) => cookies.add_to(request).to_bytes(),
            None => request.to_bytes(),
        }
    }

    /// Sends a request of which the connection becomes live, and gives what the server sends at once.
    #[cfg(feature = "live")]
    pub(super) fn feed(&mut self, request: &TestRequest) -> Vec<u8> {
        let bytes = self.bytes_of(request);
        self.session.feed(&bytes, false)
    }

    /// Sends one request and gives its answer.
    ///
    /// # Panics
    ///
    /// If there is no answer, since the connection [is closed](Self::is_closed), the request is not whole, or the
    /// handler broke its answer off before the head; or if what came is no response, which a CGI script or a handler
    /// with an older protocol version can bring about.
    #[track_caller]
    pub fn send(&mut self, request: &TestRequest) -> Answer {
        match self.pipeline([request]).pop() {
            Some(answer) => answer,
            None => panic!("there is no answer to\n{request:?}"),
        }
    }

    /// Sends these requests at once and gives the answers, in order. There are fewer answers if the server closed the
    /// connection.
    ///
    /// ```
    /// # use doget::{handler, testing};
    /// # struct Hello;
    /// # #[handler]
    /// # impl Hello {
    /// #     fn do_GET(&self) -> &'static str {
    /// #         "hello"
    /// #     }
    /// # }
    /// let requests = [testing::get("/1"), testing::request("SPAM", "/2"), testing::get("/3")];
    /// let answers = testing::connect(&Hello).pipeline(&requests);
    /// let statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    /// assert_eq!(statuses, [200, 501, 200]);
    /// ```
    ///
    /// # Panics
    ///
    /// If what came is no response.
    #[track_caller]
    pub fn pipeline<'r>(
        &mut self,
        requests: impl IntoIterator<Item = &'r TestRequest>,
    ) -> Vec<Answer> {
        let requests: Vec<_> = requests.into_iter().collect();
        let input = requests.iter().flat_map(|r| self.bytes_of(r));
        let input: Vec<u8> = input.collect();
        let received = self.session.feed(&input, false);
        // A line may still be on its way to the sink.
        self.log.flush(Duration::from_secs(10));
        let errors = std::mem::take(&mut *self.errors.lock());
        let errors = String::from_utf8_lossy(&errors);
        let mut rest = received.as_slice();
        let mut answers = Vec::new();
        for request in requests {
            if rest.is_empty() {
                break;
            }
            match read(rest, request.method()) {
                Ok((mut answer, behind)) => {
                    answer.set_errors(&errors);
                    answer.set_method(self.session.method(request.method(), request.path()));
                    if let Some(cookies) = &mut self.cookies {
                        cookies.keep(&answer);
                    }
                    answers.push(answer);
                    rest = behind;
                }
                Err(flaw) => panic!("{flaw}: {}\n{errors}", received.escape_ascii()),
            }
        }
        assert!(
            rest.is_empty(),
            "bytes behind the last answer: {}\n{errors}",
            rest.escape_ascii()
        );
        answers
    }

    /// Whether the server has closed the connection, or the client has taken all that it takes
    /// ([`Exchange::max_received`]).
    pub fn is_closed(&self) -> bool {
        self.session.has_ended()
    }
}

impl fmt::Debug for Connection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// What was written to the error log.
#[derive(Clone, Default)]
struct ErrorLines(Arc<Mutex<Vec<u8>>>);

impl ErrorLines {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for ErrorLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
