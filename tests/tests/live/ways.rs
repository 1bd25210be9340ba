//! The ways that a client's bytes come: whole and byte by byte, in the clear and by TLS.

use crate::Site;
use doget::testing::Clock;
use doget::{HttpServer, Limits};
use doget_tests::live::{Ws, handshake};
use doget_tests::test_server::TestServer;
use doget_tests::{Client, tls};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::sync::Arc;

/// The same site behind two servers, of which one speaks TLS.
pub(crate) struct Ways {
    pub(crate) site: Site,
    plain: TestServer,
    secure: TestServer,
    config: Arc<ClientConfig>,
}

/// One of the ways.
pub(crate) struct Way<'w> {
    pub(crate) site: &'w Site,
    address: SocketAddr,
    config: Option<&'w Arc<ClientConfig>>,
    /// Bytes that leave at once.
    piece: usize,
}

impl Ways {
    pub(crate) fn new() -> Self {
        Self::limited(Limits::new())
    }

    pub(crate) fn limited(limits: Limits) -> Self {
        Self::built(|server| server.limits(limits.clone()))
    }

    /// With the deadlines of this clock.
    pub(crate) fn timed(limits: Limits, clock: &Clock) -> Self {
        Self::built(|server| server.limits(limits.clone()).clock(clock))
    }

    pub(crate) fn built(build: impl Fn(HttpServer) -> HttpServer) -> Self {
        let site = Site::default();
        Self {
            plain: TestServer::with(site.clone(), &build),
            secure: TestServer::with(site.clone(), |server| build(server).tls(tls::server())),
            config: Arc::new(tls::client(rustls::ALL_VERSIONS)),
            site,
        }
    }

    /// Each way once. The last one that is told of is the one that a test failed in.
    pub(crate) fn each(&self, scenario: impl Fn(&Way<'_>)) {
        self.each_in(1, scenario);
    }

    /// The same with pieces of so many bytes, where single ones would take too long.
    pub(crate) fn each_in(&self, piece: usize, scenario: impl Fn(&Way<'_>)) {
        for piece in [usize::MAX, piece] {
            for way in self.by(piece) {
                way.say();
                scenario(&way);
            }
        }
    }

    /// In one piece: for what does not come of the client's bytes.
    pub(crate) fn whole(&self, scenario: impl Fn(&Way<'_>)) {
        for way in self.by(usize::MAX) {
            way.say();
            scenario(&way);
        }
    }

    /// Something for each way, all of them at once.
    pub(crate) fn all<T>(&self, make: impl Fn(&Way<'_>) -> T) -> Vec<T> {
        let ways = self.by(usize::MAX).into_iter().chain(self.by(1));
        ways.map(|way| make(&way)).collect()
    }

    /// A WebSocket in the clear.
    #[track_caller]
    pub(crate) fn plain(&self, path: &str) -> Ws {
        Ws::connect(self.plain.address(), path)
    }

    fn by(&self, piece: usize) -> [Way<'_>; 2] {
        let servers = [(&self.plain, None), (&self.secure, Some(&self.config))];
        servers.map(|(server, config)| Way {
            site: &self.site,
            address: server.address(),
            config,
            piece,
        })
    }

    /// Ends both servers at once, and says what they have logged.
    pub(crate) fn end(self) -> Vec<String> {
        let Self { plain, secure, .. } = self;
        let plain = std::thread::spawn(|| plain.end());
        let mut lines = secure.end();
        lines.extend(plain.join().unwrap());
        lines
    }
}

impl Way<'_> {
    fn say(&self) {
        let (tls, piece) = (self.config.is_some(), self.piece);
        println!("TLS: {tls}, pieces of {piece}");
    }

    /// Whether it is in the clear.
    pub(crate) fn is_plain(&self) -> bool {
        self.config.is_none()
    }

    #[track_caller]
    pub(crate) fn client(&self) -> Client {
        self.secured(Client::connect(self.address))
    }

    /// A client with a small buffer for what the server sends.
    #[track_caller]
    pub(crate) fn narrow(&self) -> Client {
        self.secured(Client::connect_narrow(self.address))
    }

    fn secured(&self, client: Client) -> Client {
        match self.config {
            Some(config) => client.secure(config),
            None => client,
        }
    }

    /// A client whose bytes go this way.
    #[track_caller]
    pub(crate) fn raw(&self) -> Ws {
        Ws::raw(self.client()).in_pieces(self.piece)
    }

    /// A WebSocket.
    #[track_caller]
    pub(crate) fn connect(&self, path: &str) -> Ws {
        self.raw().opened(&handshake(path, ""))
    }

    /// A WebSocket of a client that takes little.
    #[track_caller]
    pub(crate) fn connect_narrow(&self, path: &str) -> Ws {
        let ws = Ws::raw(self.narrow()).in_pieces(self.piece);
        ws.opened(&handshake(path, ""))
    }

    /// A request whose answer is yet to be read.
    #[track_caller]
    pub(crate) fn ask(&self, request: &str) -> Ws {
        let mut client = self.raw();
        client.send(request);
        client
    }
}
