//! Two servers roll, one after the other, behind nginx, HAProxy, varnish and hitch: no request is lost, none gets a
//! 502, and no connection is reset. `DOGET_ROLL_REQUESTS` says how many requests all tests send together, if more than
//! a few: CI sends 20,000, and a release is tried with a million.

use crate::networks;
use crate::real::{Counted, Proxy, haproxy, nginx_with};
use doget::{Health, HttpServer, Limits, Log, Running};
use doget_tests::{Client, eventually, tls};
use rustls::ClientConfig;
use rustls::version::{TLS12, TLS13};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// The tests that share the requests.
const TESTS: u64 = 4;

/// Requests of one test.
fn wanted() -> u64 {
    let said = std::env::var("DOGET_ROLL_REQUESTS").ok();
    let all = said.map_or(4_000, |text| text.parse().expect("a number"));
    all / TESTS
}

/// A proxy, as clients meet it.
struct Front {
    address: SocketAddr,
    secure: Option<Arc<ClientConfig>>,
}

impl Front {
    fn new(proxy: &Proxy, secure: Option<Arc<ClientConfig>>) -> Self {
        Self {
            address: proxy.address,
            secure,
        }
    }

    fn connect(&self) -> Client {
        let client = Client::connect(self.address);
        match &self.secure {
            Some(config) => client.secure(config),
            None => client,
        }
    }

    /// One answer, which has to be right: nothing is tried a second time.
    fn ask(&self, client: &mut Client) {
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        let answer = client.answer();
        assert_eq!((answer.status, answer.text()), (200, "counted"));
        if answer.closes() {
            *client = self.connect();
        }
    }
}

/// Sends requests through a proxy, from four clients that go on and two that pause, until enough are answered and
/// `roll` was called twice.
#[track_caller]
fn load(front: &Front, mut roll: impl FnMut(usize)) {
    let served = AtomicU64::new(0);
    let over = AtomicBool::new(false);
    let wanted = wanted();
    let ask = |number: u64, pauses: bool| {
        let mut client = front.connect();
        let mut turn = number;
        while !over.load(Ordering::Relaxed) {
            front.ask(&mut client);
            served.fetch_add(1, Ordering::Relaxed);
            if pauses {
                turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                std::thread::sleep(Duration::from_millis((turn >> 40) % 1000));
            }
        }
    };
    std::thread::scope(|scope| {
        let clients = [0, 1, 2, 3, 4, 5].map(|number| {
            let ask = &ask;
            scope.spawn(move || ask(number, number >= 4))
        });
        let mut rounds = 0;
        // A client that has ended has failed.
        while clients.iter().all(|client| !client.is_finished())
            && (rounds < 2 || served.load(Ordering::Relaxed) < wanted)
        {
            roll(rounds);
            rounds += 1;
        }
        over.store(true, Ordering::Relaxed);
        let served = served.load(Ordering::Relaxed);
        eprintln!("{served} requests, {rounds} times rolled");
    });
}

fn serve(server: HttpServer) -> (Running, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let handler = Counted(Arc::clone(&count));
    // A client that pauses behind a proxy that ends TLS alone has a connection to the server all that time.
    let time = Duration::from_secs(60);
    let limits = Limits::behind_balancer()
        .shutdown_head_timeout(time)
        .shutdown_timeout(time);
    let server = server.limits(limits).log(Log::off());
    let health = Health::new("/livez", "/readyz");
    (server.spawn(doget::with(health, handler)).unwrap(), count)
}

fn leave(server: &Running, time: Duration) {
    server.shutdown().leave(time);
    while !server.shutdown().wait(Duration::from_millis(100)) {}
}

/// Two servers with an address each, for proxies that check them.
struct Pair([Running; 2], [SocketAddr; 2]);

impl Pair {
    fn start() -> Self {
        let servers = [(); 2].map(|()| serve(HttpServer::bind("127.0.0.1:0").unwrap()).0);
        let addresses = servers
            .each_ref()
            .map(|server| server.local_addr().unwrap());
        Self(servers, addresses)
    }

    /// One of them leaves, and another takes its place.
    fn roll(&mut self, round: usize) {
        let address = self.1[round % 2];
        leave(&self.0[round % 2], Duration::from_secs(2));
        let mut bound = None;
        // The system may need a moment for the port.
        eventually("the port", || {
            bound = HttpServer::bind(address).ok();
            bound.is_some()
        });
        let (server, count) = serve(bound.unwrap());
        self.0[round % 2] = server;
        // Before the other one leaves, the balancer sends to this one again.
        eventually("requests", || count.load(Ordering::Relaxed) > 0);
    }
}

/// Servers that take connections from one socket in turn, as those of systemd do: for proxies that check nothing.
struct Shared {
    listener: TcpListener,
    current: Running,
    proxies: Option<&'static str>,
}

impl Shared {
    fn start(proxies: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let current = Self::next(&listener, proxies);
        Self {
            listener,
            current,
            proxies,
        }
    }

    fn next(listener: &TcpListener, proxies: Option<&str>) -> Running {
        let server = HttpServer::from_listener(listener.try_clone().unwrap()).unwrap();
        let server = match proxies {
            Some(network) => server.proxy_protocol(networks(&[network])),
            None => server,
        };
        serve(server).0
    }

    fn roll(&mut self) {
        let next = Self::next(&self.listener, self.proxies);
        let old = std::mem::replace(&mut self.current, next);
        leave(&old, Duration::from_secs(2));
    }
}

/// A server that says by its checks that it leaves, and then ends, is not missed.
#[test]
fn servers_that_leave_one_after_the_other_cost_no_request() {
    let mut servers = Pair::start();
    // Checks come often here, and nothing is tried twice: what fails is seen.
    let changes = [
        ("inter 500ms", "inter 50ms"),
        // On a busy machine a check may take longer than from one to the next.
        (
            "defaults\n",
            "defaults\n    retries 0\n    timeout check 20s\n",
        ),
    ];
    let Some(proxy) = haproxy(&servers.1, &changes) else {
        return;
    };
    eventually("a server that is up", || proxy.ask("").0 == 200);
    load(&Front::new(&proxy, None), |round| servers.roll(round));
}

/// nginx checks nothing, so the socket stays and the servers behind it change. It is told to try nothing twice.
#[test]
fn servers_of_one_socket_change_behind_nginx() {
    let mut servers = Shared::start(None);
    let once = (
        "proxy_next_upstream error timeout;",
        "proxy_next_upstream off;",
    );
    let Some(proxy) = nginx_with(servers.listener.local_addr().unwrap(), &[once]) else {
        return;
    };
    load(&Front::new(&proxy, None), |_| servers.roll());
}

/// Certificate and key, as hitch wants them.
fn pem() -> String {
    let path = std::env::temp_dir().join(format!("doget-hitch-{}.pem", std::process::id()));
    std::fs::write(&path, format!("{}{}", tls::KEY, tls::CERTIFICATE)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn hitch(backend: SocketAddr) -> Option<Proxy> {
    // It does not run as root.
    let user = match rustix::process::geteuid().is_root() {
        true => "user = \"nobody\"\n",
        false => "",
    };
    let configuration = format!(
        "frontend = {{ host = \"127.0.0.1\" port = \"PORT\" }}\nbackend = \"[{}]:{}\"\n\
         pem-file = \"{}\"\n{user}workers = 1\ndaemon = off\nwrite-proxy-v2 = on\n",
        backend.ip(),
        backend.port(),
        pem()
    );
    Proxy::start("hitch", &configuration, &["--config"])
}

fn client() -> Arc<ClientConfig> {
    Arc::new(tls::client(&[&TLS13, &TLS12]))
}

/// hitch ends TLS, and says who the client is by the PROXY protocol.
#[test]
fn servers_of_one_socket_change_behind_hitch() {
    let mut servers = Shared::start(Some("127.0.0.1"));
    let Some(proxy) = hitch(servers.listener.local_addr().unwrap()) else {
        return;
    };
    load(&Front::new(&proxy, Some(client())), |_| servers.roll());
}

/// hitch before varnish, which asks its servers whether they are ready, and caches nothing here.
#[test]
fn servers_that_leave_are_not_missed_behind_hitch_and_varnish() {
    let mut servers = Pair::start();
    let backend = |name: &str, address: SocketAddr| {
        format!(
            "backend {name} {{ .host = \"{}\"; .port = \"{}\"; .probe = {{ .url = \"/readyz\"; .interval = 100ms; \
             .timeout = 5s; .window = 1; .threshold = 1; .initial = 1; }} }}\n",
            address.ip(),
            address.port()
        )
    };
    let [one, two] = servers.1;
    let vcl = format!(
        "vcl 4.1;\nimport directors;\n{}{}\
         sub vcl_init {{ new all = directors.round_robin(); all.add_backend(one); all.add_backend(two); }}\n\
         sub vcl_recv {{ set req.backend_hint = all.backend(); return (pass); }}\n",
        backend("one", one),
        backend("two", two)
    );
    let arguments = [
        "-F",
        "-j",
        "none",
        "-n",
        "DIRECTORY/work",
        "-a",
        "ADDRESS,PROXY",
        "-s",
        "malloc,16m",
        "-f",
    ];
    let Some(varnish) = Proxy::start("varnishd", &vcl, &arguments) else {
        return;
    };
    let Some(proxy) = hitch(varnish.address) else {
        return;
    };
    let client = client();
    eventually("a server that is up", || {
        Client::connect(proxy.address)
            .secure(&client)
            .get("/")
            .status
            == 200
    });
    load(&Front::new(&proxy, Some(client)), |round| {
        servers.roll(round)
    });
}
