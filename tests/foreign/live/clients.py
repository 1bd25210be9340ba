#!/usr/bin/env python3
"""Python's websockets and Chromium talk to doget-live-server.

    tests/foreign/live/clients.py [PROGRAM]

What is not installed is not tried, and the script says so. $CHROMIUM names another browser.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading


def python_client(address):
    try:
        from websockets.asyncio.client import connect as connect_async
        from websockets.exceptions import ConnectionClosed
        from websockets.sync.client import connect
    except ImportError:
        print("clients: not run (Python's websockets is not installed)")
        return
    url = f"ws://{address}/echo"
    # Compression is agreed on with a client that offers it, and with no other.
    for compression, agreed in [("deflate", ["permessage-deflate"]), (None, [])]:
        with connect(url, compression=compression) as socket:
            extensions = [extension.name for extension in socket.protocol.extensions]
            assert extensions == agreed, extensions
            for message in ["", "héllo", "x" * 70_000, b"", bytes(range(256)) * 4096]:
                socket.send(message)
                assert socket.recv(timeout=20) == message
            # In fragments.
            socket.send(iter(["one ", "two ", "three"]))
            assert socket.recv(timeout=20) == "one two three"
            assert socket.ping().wait(20), "a pong"
    with connect(f"ws://{address}/room") as socket:
        socket.send(b"no text")
        try:
            socket.recv(timeout=20)
            raise AssertionError("it is closed")
        except ConnectionClosed as closed:
            assert closed.rcvd.code == 1003, closed

    async def crowd():
        sockets = await asyncio.gather(*(connect_async(f"ws://{address}/room") for _ in range(50)))
        await sockets[0].send("to all")
        for socket in sockets:
            assert await asyncio.wait_for(socket.recv(), 20) == "to all"
        await asyncio.gather(*(socket.close() for socket in sockets))

    asyncio.run(crowd())
    print("clients: Python's websockets is content")


def browser(address, lines):
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    if not program:
        print("clients: not run (there is no Chromium)")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-proxy-server"]
        options += ["--disable-dev-shm-usage", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
        command = [program, *options, f"http://{address}/page"]
        chromium = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Without a report the server is ended, and with it its lines.
        alarm = threading.Timer(90, chromium.kill)
        alarm.start()
        try:
            report = lines.get(timeout=100)
        finally:
            alarm.cancel()
            chromium.kill()
            chromium.wait(timeout=20)
    expected = "close:4000:true echo:héllo event:news:true room:news"
    assert report == f"report {expected}", report
    print("clients: Chromium is content")


def main():
    import queue

    program = sys.argv[1] if len(sys.argv) > 1 else "target/debug/doget-live-server"
    server = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[1]
        lines = queue.Queue()
        reader = lambda: [lines.put(line.strip()) for line in server.stdout]
        threading.Thread(target=reader, daemon=True).start()
        python_client(address)
        browser(address, lines)
    finally:
        server.stdin.close()
        server.wait(timeout=20)


main()
