"""http.server itself, as a class with do_* methods: HTTP/1.1, a thread for each connection. [--log FILE] PORT"""

import argparse
import http.server
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # TCP_NODELAY: head and body are two writes, which would otherwise take 40 ms together.
    disable_nagle_algorithm = True
    log = None

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/plaintext":
            self.answer("text/plain", b"Hello, World!")
        elif self.path == "/json":
            self.answer("application/json", b'{"message":"Hello, World!"}')
        elif self.path == "/sleep":
            time.sleep(0.1)
            self.answer("text/plain", b"slept")
        else:
            self.send_error(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer("application/octet-stream", body)

    def log_message(self, format, *args):
        # As the original, into a file instead of the standard error, one write for each line.
        if self.log:
            self.log.write(f"{self.address_string()} - - [{self.log_date_time_string()}] {format % args}\n")


class Server(http.server.ThreadingHTTPServer):
    # Its own is 5, with which connections wait for seconds when many are opened at once.
    request_queue_size = 4096


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--log")
    parser.add_argument("port", type=int)
    arguments = parser.parse_args()
    if arguments.log:
        Handler.log = open(arguments.log, "a", buffering=1)
    Server(("127.0.0.1", arguments.port), Handler).serve_forever()
