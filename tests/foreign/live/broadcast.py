#!/usr/bin/env python3
"""Measures a topic with many followers: what `publish` takes, and when each message arrives.

    tests/foreign/live/broadcast.py PROGRAM [RECEIVERS]

PROGRAM is doget-live-server, built with `--release`. Measured twice, the second time with one receiver in a hundred
that reads nothing. It takes a minute at most, and says something on a quiet machine only.
"""

import selectors
import socket
import subprocess
import sys
import threading
import time

MESSAGES = 100
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def follow(address, stalled):
    client = socket.socket()
    if stalled:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(address)
    client.sendall(
        f"GET /room HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    client.setblocking(False)
    return client


def ask(address, path):
    with socket.create_connection(address, timeout=60) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    return answer.split(b"\r\n\r\n", 1)[1].decode()


def measure(program, receivers, stalled):
    server = subprocess.Popen([program, "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        host, port = server.stdout.readline().split()[1].rsplit(":", 1)
        address = (host, int(port))
        is_stalled = [stalled and number % 100 == 0 for number in range(receivers)]
        followers = [follow(address, each) for each in is_stalled]
        selector = selectors.DefaultSelector()
        readers = [client for client, each in zip(followers, is_stalled) if not each]
        for client in readers:
            selector.register(client, selectors.EVENT_READ)
        published = []
        thread = threading.Thread(target=lambda: published.append(ask(address, f"/measure/{MESSAGES}")))
        thread.start()
        wanted, late, end = MESSAGES * len(readers), [], time.monotonic() + 25
        while len(late) < wanted and time.monotonic() < end:
            for key, _ in selector.select(timeout=1):
                now = time.time_ns()
                # Each message is 100 bytes of text: its time, and blanks.
                data = key.fileobj.recv(65536)
                late += [now - int(data[at + 2 : at + 102]) for at in range(0, len(data) - 101, 102)]
        thread.join()
        late.sort()
        who = f"{receivers} receivers{', 1 % stalled' if stalled else ''}"
        middle, most = (late[len(late) * percent // 100] / 1e6 for percent in (50, 99))
        print(f"{who}: publish {published[0]}")
        print(f"{who}: {len(late)} of {wanted} arrived, p50 {middle:.1f} ms, p99 {most:.1f} ms")
    finally:
        server.stdin.close()
        server.wait(timeout=20)


program = sys.argv[1]
count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
measure(program, count, False)
measure(program, count, True)
