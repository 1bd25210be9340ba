#!/usr/bin/env python3
"""Clients that others wrote talk to the examples chat, progress and long_poll: Python's websockets and aiohttp, node's
ws and undici, Chromium and Firefox.

    tests/foreign/live/examples.py [DIRECTORY]

DIRECTORY has the built examples (default: target/debug/examples). What is not installed is not tried, and the script
says so; with `--all`, as in tests/foreign/live/run, that is a failure. $CHROMIUM and $FIREFOX name other browsers;
node's packages stand where tests/foreign/live/run puts them, or in $DOGET_NODE_MODULES.
"""

import asyncio
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

NAMES = ["chat", "progress", "long_poll"]
HERE = pathlib.Path(__file__).parent
missed = []


class NotHere(Exception):
    pass


def sync_sockets(chat, progress, long_poll):
    try:
        from websockets.sync.client import connect
    except ImportError:
        raise NotHere("Python's websockets is not installed")
    with connect(f"ws://{chat}/chat/ada") as ada, connect(f"ws://{chat}/chat/grace") as grace:
        assert ada.recv(timeout=20) == "* ada has come"
        assert ada.recv(timeout=20) == grace.recv(timeout=20) == "* grace has come"
        ada.send("hello")
        assert ada.recv(timeout=20) == grace.recv(timeout=20) == "ada: hello"
        # In fragments.
        ada.send(iter(["one ", "two"]))
        assert grace.recv(timeout=20) == "ada: one two"
        ada.close(4000)
        assert grace.recv(timeout=20) == "* ada has left"


def aiohttp_client(chat, progress, long_poll):
    try:
        import aiohttp
    except ImportError:
        raise NotHere("aiohttp is not installed")

    async def talk(session):
        async with session.ws_connect(f"http://{chat}/chat/alan", heartbeat=0.2) as alan:
            assert await alan.receive_str() == "* alan has come"
            for text in ["hello", "h\u00e9llo", "x" * 4000]:
                await alan.send_str(text)
                assert await alan.receive_str() == f"alan: {text}"
            # Pings of its own, of which pongs come.
            await asyncio.sleep(0.5)
            await alan.send_bytes(b"no text")
            message = await alan.receive()
            assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1003), message

    async def watch(session):
        async with session.get(f"http://{progress}/progress") as events:
            assert events.headers["Content-Type"].startswith("text/event-stream")
            async with session.post(f"http://{progress}/start") as started:
                assert started.status == 202
            async for line in events.content:
                if line == b"data: 100\n":
                    return
        raise AssertionError("the stream ended")

    async def wait(session):
        async def result():
            async with session.get(f"http://{long_poll}/result/2") as answer:
                return answer.status, await answer.text()

        waiting = asyncio.create_task(result())
        status = None
        while status != 204:
            async with session.post(f"http://{long_poll}/result/2", data="43") as told:
                status = told.status
        assert await waiting == (200, "43")

    async def all_three():
        async with aiohttp.ClientSession() as session:
            for part in (talk, watch, wait):
                await asyncio.wait_for(part(session), 60)

    asyncio.run(all_three())


def node(chat, progress, long_poll):
    modules = pathlib.Path(os.environ.get("DOGET_NODE_MODULES", "target/live/node/node_modules"))
    if not shutil.which("node") or not modules.is_dir():
        raise NotHere("node, or its packages ws and undici, are not installed")
    # Packages are looked for beside the script.
    script = shutil.copy(HERE / "node" / "clients.js", modules.parent)
    shutil.copy(HERE / "node" / "package.json", modules.parent)
    subprocess.run(["node", script, chat, progress, long_poll], check=True, timeout=120)


UNTIL = "const until = async test => { while (!test()) await new Promise(done => setTimeout(done, 20)); };"
CHAT = """(async () => {
    %s
    const said = () => document.getElementById("said").textContent;
    await until(() => said().includes("* NAME has come"));
    document.getElementById("text").value = "hello";
    document.getElementById("say").requestSubmit();
    await until(() => said().includes("NAME: hello"));
    return "heard";
})()""" % UNTIL
PROGRESS = """(async () => {
    %s
    document.querySelector("button").click();
    await until(() => document.getElementById("step").value === "100 %%");
    return document.getElementById("bar").value;
})()""" % UNTIL
LONG_POLL = """(async () => {
    const waiting = fetch("/result/NAME");
    let status;
    do {
        ({ status } = await fetch("/result/NAME", { method: "POST", body: "44" }));
    } while (status !== 204);
    return await (await waiting).text();
})()"""


def browser(name, variable, number):
    def talk(chat, progress, long_poll):
        try:
            import browsers
        except ImportError:
            raise NotHere("Python's websockets is not installed, which drives browsers")
        kind = getattr(browsers, name)
        program = browsers.find(kind, variable)
        if not program:
            raise NotHere(f"there is no {name}")
        with kind(program) as page:
            alarm = threading.Timer(150, page.process.kill)
            alarm.start()
            try:
                page.open(f"http://{chat}/?name={name}")
                assert page.evaluate(CHAT.replace("NAME", name)) == "heard"
                page.open(f"http://{progress}/")
                assert page.evaluate(PROGRESS) == 100
                # Any page of that origin.
                page.open(f"http://{long_poll}/")
                assert page.evaluate(LONG_POLL.replace("NAME", str(number))) == "44"
            finally:
                alarm.cancel()

    return talk


CLIENTS = {
    "Python's websockets": sync_sockets,
    "aiohttp": aiohttp_client,
    "node's ws and undici": node,
    "Chromium": browser("Chromium", "CHROMIUM", 3),
    "Firefox": browser("Firefox", "FIREFOX", 4),
}


def main():
    words = [word for word in sys.argv[1:] if word != "--all"]
    directory = pathlib.Path(words[0] if words else "target/debug/examples")
    sys.path.insert(0, str(HERE))
    servers = []
    log = tempfile.TemporaryFile()
    try:
        for name in NAMES:
            words = [directory / name, "0"]
            servers.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True))
        addresses = [server.stdout.readline().strip().removeprefix("http://").rstrip("/") for server in servers]
        for name, client in CLIENTS.items():
            try:
                client(*addresses)
                print(f"examples: {name}: content", flush=True)
            except NotHere as why:
                missed.append(name)
                print(f"examples: {name}: not run ({why})", flush=True)
    except Exception:
        log.seek(0)
        print(log.read().decode(errors="replace"), file=sys.stderr)
        raise
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            assert server.wait(timeout=30) == 0
    return 1 if missed and "--all" in sys.argv else 0


sys.exit(main())
