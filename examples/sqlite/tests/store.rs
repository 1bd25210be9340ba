//! The store of sessions, by itself and below a server.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use doget::{
    HasSessions, HttpServer, Log, Result, Session, SessionId, SessionStore, Sessions, handler,
};
use doget_sqlite_example::SqliteStore;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A store that the test sees too.
struct Shared(Arc<SqliteStore>);

impl SessionStore for Shared {
    fn load(&self, id: &SessionId) -> Result<Option<Vec<u8>>> {
        self.0.load(id)
    }

    fn insert(&self, id: &SessionId, data: &[u8], expires: SystemTime) -> Result<()> {
        self.0.insert(id, data, expires)
    }

    fn replace(&self, id: &SessionId, data: &[u8], expires: SystemTime) -> Result<bool> {
        self.0.replace(id, data, expires)
    }

    fn remove(&self, id: &SessionId) -> Result<()> {
        self.0.remove(id)
    }
}

struct Site(Sessions<u32>);

impl HasSessions<u32> for Site {
    const BLOCKS: bool = true;

    fn sessions(&self) -> &Sessions<u32> {
        &self.0
    }
}

#[handler]
impl Site {
    fn do_POST(&self, mut session: Session<'_, u32>) -> Result<String> {
        session.update(|count| {
            *count += 1;
            count.to_string()
        })
    }

    fn do_DELETE(&self, session: Session<'_, u32>) -> Result<&'static str> {
        session.destroy()?;
        Ok("ended")
    }
}

/// Sends a request and reads the answer: the cookie that it sets, and its body.
fn ask(to: &mut BufReader<TcpStream>, method: &str, cookie: &str) -> (String, String) {
    let head =
        format!("{method} / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\nContent-Length: 0\r\n\r\n");
    to.get_mut().write_all(head.as_bytes()).unwrap();
    let (mut set, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        to.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some(("Set-Cookie", value)) => set = value.split(';').next().unwrap().to_owned(),
            Some(("Content-Length", value)) => length = value.parse().unwrap(),
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    to.read_exact(&mut body).unwrap();
    (set, String::from_utf8(body).unwrap())
}

#[test]
fn sessions_outlive_the_server_and_end_with_a_log_out() {
    let directory = std::env::temp_dir().join(format!("doget-sqlite-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("sessions.db");
    let mut cookie = String::new();
    for round in 1..=2 {
        let store = Arc::new(SqliteStore::open(&file).unwrap());
        let site = Site(Sessions::stored(Shared(Arc::clone(&store))));
        let server = HttpServer::bind("127.0.0.1:0")
            .unwrap()
            .spawn(site)
            .unwrap();
        let address = server.local_addr().unwrap();
        let mut conn = BufReader::new(TcpStream::connect(address).unwrap());
        for count in [2 * round - 1, 2 * round] {
            let (set, body) = ask(&mut conn, "POST", &cookie);
            assert_eq!(body, count.to_string());
            cookie = set;
        }
        let others = 8 * (round - 1);
        assert_eq!(store.count().unwrap(), others + 1);
        if round == 2 {
            let (set, body) = ask(&mut conn, "DELETE", &cookie);
            assert_eq!((&*set, &*body), ("__Host-session=", "ended"));
            assert_eq!(store.count().unwrap(), others);
            // A copy of the cookie is worth nothing.
            let (set, body) = ask(&mut conn, "POST", &cookie);
            assert_eq!(body, "1");
            assert_ne!(set, cookie);
        }
        // Many at once: none is lost, and none is another's.
        let clients: Vec<_> = (0..8)
            .map(|_| {
                std::thread::spawn(move || {
                    let mut conn = BufReader::new(TcpStream::connect(address).unwrap());
                    let mut cookie = String::new();
                    for count in 1..=20 {
                        let (set, body) = ask(&mut conn, "POST", &cookie);
                        assert_eq!(body, count.to_string());
                        cookie = set;
                    }
                })
            })
            .collect();
        clients
            .into_iter()
            .for_each(|client| client.join().unwrap());
        let later = SystemTime::now() + Duration::from_secs(2 * 3600);
        if round == 2 {
            assert!(store.sweep(SystemTime::now()).unwrap() == 0);
            assert_eq!(store.sweep(later).unwrap(), 17);
            assert_eq!(store.count().unwrap(), 0);
        } else {
            assert_eq!(store.count().unwrap(), 9);
        }
        server.shutdown().now();
        server.join();
    }
    std::fs::remove_dir_all(directory).unwrap();
}
