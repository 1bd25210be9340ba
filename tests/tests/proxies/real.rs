//! nginx, HAProxy and Caddy in front, by the files of `deploy/`. A program that this machine does not have is left out,
//! and the test says so.

use crate::{Who, networks};
use doget::{Health, HttpServer, Limits, Log, Trust, handler};
use doget_tests::{Client, PATIENCE, eventually};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Where a proxy comes from: an address of this machine that the test's own clients do not have.
pub(crate) const PROXY: &str = "127.0.0.3";

/// A proxy that runs, with a directory of its own; both are gone when it is dropped.
pub(crate) struct Proxy {
    child: Child,
    directory: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Proxy {
    /// Starts a program with a configuration. It and the arguments say `ADDRESS` for where it listens and `DIRECTORY`
    /// for where it may write. None: there is no such program.
    pub(crate) fn start(program: &str, configuration: &str, arguments: &[&str]) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("doget-{program}-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        // Another program may take the port before this one does: then another port is tried.
        for _ in 0..5 {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            let filled = |text: &str| {
                text.replace("ADDRESS", &address.to_string())
                    .replace("PORT", &address.port().to_string())
                    .replace("DIRECTORY", directory.to_str().unwrap())
            };
            let text = filled(configuration);
            let file = directory.join("configuration");
            fs::write(&file, text).unwrap();
            let started = Command::new(program)
                .args(arguments.iter().map(|text| filled(text)))
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(fs::File::create(directory.join("said")).unwrap())
                .spawn();
            let Ok(child) = started else {
                let _ = fs::remove_dir_all(&directory);
                eprintln!(
                    "left out: there is no {program} here (Debian: apt-get install {program})"
                );
                return None;
            };
            let mut proxy = Self {
                child,
                directory: directory.clone(),
                address,
            };
            let until = Instant::now() + PATIENCE;
            while Instant::now() < until && proxy.child.try_wait().unwrap().is_none() {
                if Client::try_connect(address).is_ok() {
                    return Some(proxy);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            let said = fs::read_to_string(directory.join("said")).unwrap_or_default();
            eprintln!("{program} did not start: {said}");
            drop(proxy);
            fs::create_dir_all(&directory).unwrap();
        }
        panic!("{program} does not start");
    }

    pub(crate) fn ask(&self, fields: &str) -> (u16, String) {
        let mut client = Client::connect(self.address);
        client.send(format!("GET / HTTP/1.1\r\nHost: a.example\r\n{fields}\r\n"));
        let answer = client.answer();
        (answer.status, answer.text().to_owned())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx has a process of its own for its work, which ends with the one that is told to.
        let told = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let until = Instant::now() + PATIENCE;
        while told.is_ok() && Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A file of `deploy/`, with other addresses than those that it says.
fn deployed(name: &str, changes: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(name);
    let mut text = fs::read_to_string(path).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{name} has no {from:?}");
        text = text.replace(from, to);
    }
    text
}

/// Counts its requests.
pub(crate) struct Counted(pub(crate) Arc<AtomicU32>);

#[handler]
impl Counted {
    fn do_GET(&self) -> &'static str {
        self.0.fetch_add(1, Ordering::Relaxed);
        "counted"
    }
}

fn server() -> HttpServer {
    HttpServer::bind("127.0.0.1:0")
        .unwrap()
        .limits(Limits::behind_balancer())
        .log(Log::off())
}

pub(crate) fn nginx(server: SocketAddr) -> Option<Proxy> {
    nginx_with(server, &[])
}

pub(crate) fn nginx_with(server: SocketAddr, changes: &[(&str, &str)]) -> Option<Proxy> {
    let (server, listen) = (
        server.to_string(),
        format!("listen ADDRESS; proxy_bind {PROXY};"),
    );
    let addresses = [("127.0.0.1:8000", &*server), ("listen 80;", &*listen)];
    let site = deployed("nginx.conf", &[&addresses, changes].concat());
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path DIRECTORY/{name};"));
    let configuration = format!(
        "daemon off; pid DIRECTORY/pid; error_log stderr; events {{ }}\n\
         http {{ access_log off; {} {site} }}\n",
        paths.concat()
    );
    Proxy::start("nginx", &configuration, &["-e", "stderr", "-c"])
}

pub(crate) fn haproxy(servers: &[SocketAddr], changes: &[(&str, &str)]) -> Option<Proxy> {
    let lines: Vec<String> = servers.iter().map(ToString::to_string).collect();
    let source = format!("default-server source {PROXY} ");
    let mut all = vec![
        ("bind :80", "bind ADDRESS"),
        ("    default-server ", &*source),
        ("127.0.0.1:8000\n", lines.first().map_or("", |line| line)),
        ("    server two 127.0.0.1:8001\n", ""),
    ];
    let second = lines
        .get(1)
        .map(|line| format!("\n    server two {line}\n"));
    let first = lines
        .first()
        .map(|line| format!("{line}{}", second.as_deref().unwrap_or("\n")));
    if let Some(first) = &first {
        all[2].1 = first;
    }
    all.extend(changes);
    Proxy::start("haproxy", &deployed("haproxy.cfg", &all), &["-db", "-f"])
}

/// It comes from the address of the clients: it has no word for another one.
fn caddy(server: SocketAddr) -> Option<Proxy> {
    let server = server.to_string();
    let changes = [
        (":80 {", ":PORT {\n\tbind 127.0.0.1"),
        ("127.0.0.1:8000", &*server),
    ];
    let site = deployed("Caddyfile", &changes);
    let own = "{\n\tadmin off\n\tauto_https off\n\tstorage file_system DIRECTORY\n}\n";
    Proxy::start(
        "caddy",
        &format!("{own}{site}"),
        &["run", "--adapter", "caddyfile", "--config"],
    )
}

/// Forged fields come through none of them.
#[test]
fn nginx_haproxy_and_caddy_say_who_the_client_is_whatever_it_says_itself() {
    let site = |proxy: &str| {
        let trust = Trust::x_forwarded(networks(&[proxy])).host();
        let site = doget::with(Health::new("/livez", "/readyz"), Who);
        let running = server().trust(trust).spawn(site).unwrap();
        let address = running.local_addr().unwrap();
        (running, address)
    };
    let ((_running, address), (_other, same)) = (site(PROXY), site("127.0.0.1"));
    for proxy in [nginx(address), haproxy(&[address], &[]), caddy(same)]
        .into_iter()
        .flatten()
    {
        for fields in [
            "",
            "X-Forwarded-For: 198.51.100.9\r\n",
            "X-Forwarded-For: 198.51.100.9\r\nX-Forwarded-For: 198.51.100.10, 127.0.0.3\r\n",
            "X-Forwarded-Proto: https\r\n",
            "X-Forwarded-Host: evil.example\r\n",
            "Forwarded: for=198.51.100.9;proto=https;host=evil.example\r\n",
            "Connection: X-Forwarded-For\r\nX-Forwarded-For: 198.51.100.9\r\n",
            "Connection: x-forwarded-for, X-FORWARDED-HOST\r\nX-Forwarded-For: 198.51.100.9\r\n",
            "Connection: close, X-Forwarded-For, X-Forwarded-Proto\r\nX-Forwarded-Proto: https\r\n",
        ] {
            eventually("a server that is up", || proxy.ask("").0 == 200);
            let (status, text) = proxy.ask(fields);
            assert_eq!(
                (status, &*text),
                (200, "127.0.0.1 http://a.example"),
                "{fields}"
            );
        }
    }
}

#[test]
fn haproxy_speaks_the_proxy_protocol_also_where_it_checks() {
    for version in ["send-proxy", "send-proxy-v2"] {
        let running = server()
            .proxy_protocol(networks(&[PROXY]))
            .spawn(doget::with(Health::new("/livez", "/readyz"), Who))
            .unwrap();
        let address = running.local_addr().unwrap();
        let check = format!("rise 1 {version} check-send-proxy\n    server one");
        let Some(proxy) = haproxy(&[address], &[("rise 1\n    server one", &check)]) else {
            return;
        };
        eventually("a server that is up", || proxy.ask("").0 == 200);
        for _ in 0..3 {
            assert_eq!(proxy.ask("").1, "127.0.0.1 http://a.example");
        }
    }
}
