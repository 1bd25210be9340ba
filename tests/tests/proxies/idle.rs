//! Connections that a balancer keeps, and the moment at which the server's idle time ends.

use crate::Who;
use doget::testing::Clock;
use doget::{Limits, Log};
use doget_tests::{End, Server};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Barrier;
use std::time::Duration;

const GET: &str = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

/// The longest time for which a common balancer keeps a connection that has nothing to do: Google's, 600 s. (AWS's are
/// at 60 s and at most 4000 s, nginx and HAProxy at 60 s.)
const BALANCER: Duration = Duration::from_secs(600);

fn server(clock: &Clock) -> Server {
    Server::built(
        |server| {
            let limits = Limits::behind_balancer();
            server.limits(limits).log(Log::off()).clock(clock)
        },
        Who,
    )
}

#[test]
fn a_server_behind_a_balancer_idles_for_longer() {
    let clock = Clock::new();
    let server = server(&clock);
    let mut client = server.connect();
    for _ in 0..3 {
        assert_eq!(client.get("/").status, 200);
        clock.advance(BALANCER);
    }
    assert_eq!(client.get("/").status, 200);
    clock.advance(Limits::behind_balancer().idle_timeout);
    assert_eq!(client.end(), End::Closed(Vec::new()));
}

/// The request and the end of the idle time come together: it is answered whole, or the connection ends without a
/// byte and without a reset, so that the request can be sent again. Either may be the case here.
#[test]
fn a_request_that_meets_the_idle_end_is_answered_or_can_be_repeated() {
    let (mut answered, mut closed) = (0, 0);
    for round in 0..200 {
        let clock = Clock::new();
        let server = server(&clock);
        let mut client = server.connect();
        assert_eq!(client.get("/").status, 200);
        let together = Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                together.wait();
                // Who comes first takes turns.
                for _ in 0..(round % 10) * 200 {
                    std::hint::spin_loop();
                }
                clock.advance(Limits::behind_balancer().idle_timeout);
            });
            together.wait();
            client.send(GET);
        });
        match client.try_answer_to("GET") {
            Ok(answer) => {
                assert_eq!(answer.status, 200);
                answered += 1;
            }
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof, "{error}");
                assert_eq!(error.to_string(), "the server closed");
                closed += 1;
            }
        }
    }
    eprintln!("{answered} answered, {closed} closed");
}

/// A request that was on its way when the connection was closed is not met by a reset, which could overtake the close.
#[test]
fn a_request_behind_the_idle_end_meets_no_reset() {
    let clock = Clock::new();
    let server = server(&clock);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(GET.as_bytes()).unwrap();
    let mut bytes = [0; 1000];
    assert_ne!(stream.read(&mut bytes).unwrap(), 0);
    clock.advance(Limits::behind_balancer().idle_timeout);
    assert_eq!(stream.read(&mut bytes).unwrap(), 0);
    stream.write_all(GET.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    // All its connections are closed then: a reset would have come.
    server.end();
    assert!(stream.take_error().unwrap().is_none());
    assert_eq!(stream.read(&mut bytes).unwrap(), 0);
}

/// A server that is told to idle for no longer than its clients pause: nginx, which keeps its connections, sends
/// again what met the end.
#[cfg(target_os = "linux")]
#[test]
fn nginx_sends_again_what_met_the_idle_end() {
    let idle = Duration::from_millis(5);
    let server = Server::with(Limits::new().idle_timeout(idle), Who);
    let Some(proxy) = crate::real::nginx(server.address()) else {
        return;
    };
    std::thread::scope(|scope| {
        for number in 0..4 {
            let proxy = &proxy;
            scope.spawn(move || {
                for round in 0..100 {
                    assert_eq!(proxy.ask("").0, 200);
                    std::thread::sleep(
                        idle + Duration::from_micros(((round * 7 + number) % 20) * 50),
                    );
                }
            });
        }
    });
}
