// node's ws and undici talk to the examples: `node clients.js CHAT PROGRESS LONG_POLL`, three addresses.

import assert from "node:assert";
import { EventSource, WebSocket as UndiciSocket, fetch } from "undici";
import WsSocket from "ws";

const [chat, progress, longPoll] = process.argv.slice(2);

// The texts of a socket, one after the other.
const texts = socket => {
    const come = [];
    const waiting = [];
    socket.addEventListener("message", ({ data }) => {
        const next = waiting.shift();
        if (next) {
            next(data);
        } else {
            come.push(data);
        }
    });
    return () => new Promise(resolve => (come.length ? resolve(come.shift()) : waiting.push(resolve)));
};

const closed = socket => new Promise(resolve => socket.addEventListener("close", resolve));

for (const [name, Socket] of [["ws", WsSocket], ["undici", UndiciSocket]]) {
    const socket = new Socket(`ws://${chat}/chat/${name}`);
    const next = texts(socket);
    assert.equal(await next(), `* ${name} has come`);
    for (const text of ["hello", "h\u00e9llo \u{1f600}", "x".repeat(4000)]) {
        socket.send(text);
        assert.equal(await next(), `${name}: ${text}`);
    }
    if (name === "ws") {
        const pong = new Promise(resolve => socket.on("pong", data => resolve(data.toString())));
        socket.ping("are you there");
        assert.equal(await pong, "are you there");
    }
    socket.send(new Uint8Array([1, 2, 3]));
    const { code, wasClean } = await closed(socket);
    assert.deepEqual({ code, wasClean }, { code: 1003, wasClean: true });
    const polite = new Socket(`ws://${chat}/chat/${name}`);
    await texts(polite)();
    polite.close(4000, "done");
    assert.equal((await closed(polite)).code, 4000);
}

const events = new EventSource(`http://${progress}/progress`);
const whole = new Promise(resolve => {
    events.onmessage = ({ data }) => data === "100" && resolve();
});
await new Promise(resolve => (events.onopen = resolve));
assert.equal((await fetch(`http://${progress}/start`, { method: "POST" })).status, 202);
await whole;
events.close();

const waiting = fetch(`http://${longPoll}/result/1`);
let status;
do {
    ({ status } = await fetch(`http://${longPoll}/result/1`, { method: "POST", body: "42" }));
} while (status !== 204);
assert.equal(await (await waiting).text(), "42");
process.exit(0);
