//! Python's `http.client` and `urllib`.

use crate::site::{has, run, site};

const PRELUDE: &str = "
import http.client, socket, sys, urllib.request, urllib.error
host, port = sys.argv[1], int(sys.argv[2])
url = 'http://%s:%d' % (host, port)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
connection = http.client.HTTPConnection(host, port, timeout=60)
";

/// Runs a script against a server; it has to say `fine` in the end.
fn python(script: &str) {
    if !has("python3") {
        return;
    }
    let (wire, gate) = site();
    let address = wire.address();
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let script = format!("{PRELUDE}{script}\nprint('fine')\n");
    let (code, output) = run("python3", &["-I", "-c", &script, &host, &port], b"");
    gate.open();
    let output = String::from_utf8_lossy(&output).into_owned();
    assert!(code == Some(0) && output.ends_with("fine\n"), "{output}");
}

#[test]
fn python_keeps_its_connection() {
    python(
        "
connection.connect()
first = connection.sock
for path, size in [('/hello', 6), ('/stream', 98890), ('/empty', 0), ('/nothing', 460), ('/hello', 6)]:
    connection.request('GET', path)
    response = connection.getresponse()
    assert len(response.read()) == size, path
    assert response.version == 11
    assert connection.sock is first, path
",
    );
}

#[test]
fn python_pipelines() {
    python(
        "
sock = socket.create_connection((host, port), timeout=60)
request = b'GET /%s HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'
sock.sendall(b''.join(request % path for path in [b'hello', b'stream', b'nothing', b'hello']))
class Kept:
    # Responses read from one file, one after the other.
    def __init__(self): self.file = sock.makefile('rb')
    def makefile(self, mode): return Unclosed(self.file)
class Unclosed:
    def __init__(self, file): self.file = file
    def __getattr__(self, name): return getattr(self.file, name)
    def close(self): pass
kept = Kept()
for status, size in [(200, 6), (200, 98890), (404, 460), (200, 6)]:
    response = http.client.HTTPResponse(kept, method='GET')
    response.begin()
    assert (response.status, len(response.read())) == (status, size)
",
    );
}

#[test]
fn python_posts_bodies_of_all_sizes() {
    python(
        "
for size in [0, 1, 64 << 10, 5 << 20]:
    body = (b'0123456789abcdef' * (size // 16 + 1))[:size]
    connection.request('POST', '/echo', body)
    assert connection.getresponse().read() == body, size
    def pieces():
        for at in range(0, size, 100000): yield body[at:at + 100000]
    connection.request('POST', '/echo', pieces(), encode_chunked=True)
    assert connection.getresponse().read() == body, size
",
    );
}

#[test]
fn python_waits_for_100_continue() {
    python(
        "
body = b'x' * (64 << 10)
connection.putrequest('POST', '/echo')
connection.putheader('Content-Length', str(len(body)))
connection.putheader('Expect', '100-continue')
connection.endheaders()
line = connection.sock.recv(25, socket.MSG_WAITALL)
assert line == b'HTTP/1.1 100 Continue\\r\\n\\r\\n', line
connection.send(body)
assert connection.getresponse().read() == body

connection.putrequest('POST', '/refused')
connection.putheader('Content-Length', '5')
connection.putheader('Expect', '100-continue')
connection.endheaders()
response = connection.getresponse()
assert response.status == 417
assert response.getheader('Connection') == 'close'
",
    );
}

#[test]
fn python_asks_for_the_head() {
    python(
        "
for path, length in [('/hello', '6'), ('/stream', None), ('/nothing', '460')]:
    connection.request('HEAD', path)
    response = connection.getresponse()
    assert response.read() == b''
    assert response.getheader('Content-Length') == length
",
    );
}

#[test]
fn urllib_follows_redirects() {
    python(
        "
for path in ['/moved', '/see'] if sys.version_info >= (3, 11) else ['/see']:
    response = opener.open(url + path, timeout=60)
    assert (response.geturl(), response.read()) == (url + '/hello', b'hello\\n')
response = opener.open(url + '/see', b'a=b', timeout=60)
assert response.read() == b'hello\\n'
try:
    opener.open(url + '/loop', timeout=60)
    raise SystemExit('a loop that ends')
except urllib.error.HTTPError as error:
    assert error.code == 307
",
    );
}

#[test]
fn urllib_sees_errors() {
    python(
        "
try:
    opener.open(url + '/nothing', timeout=60)
    raise SystemExit('no error')
except urllib.error.HTTPError as error:
    assert (error.code, error.reason) == (404, 'File not found')
    assert len(error.read()) == 460
",
    );
}

#[test]
fn python_gives_up_and_the_server_does_not_mind() {
    python(
        "
slow = http.client.HTTPConnection(host, port, timeout=0.2)
slow.request('GET', '/wait')
try:
    slow.getresponse()
    raise SystemExit('an answer')
except TimeoutError:
    slow.close()
connection.request('GET', '/hello')
assert connection.getresponse().read() == b'hello\\n'
",
    );
}
