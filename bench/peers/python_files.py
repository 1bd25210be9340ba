"""`python3 -m http.server` as it is, but for HTTP/1.1, a silent log and a longer backlog. ROOT PORT"""

import functools
import http.server
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    # Its own is 5, with which connections wait for seconds when many are opened at once.
    request_queue_size = 4096


if __name__ == "__main__":
    root, port = sys.argv[1:]
    Server(("127.0.0.1", int(port)), functools.partial(Handler, directory=root)).serve_forever()
