// Tries each thing that a page loads and reports it in a line: its name, and what came of it.
import { word } from "./part.js";

const PATIENCE = 20_000;

function event(target, name) {
  return new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true });
    target.addEventListener("error", () => reject(target.error?.message ?? "error"), { once: true });
  });
}

async function picture(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return `${image.naturalWidth}x${image.naturalHeight}`;
}

async function media(kind, source, to) {
  const element = document.createElement(kind);
  element.muted = true;
  element.preload = "auto";
  const ready = event(element, "loadeddata");
  element.src = source;
  document.body.append(element);
  await ready;
  const length = Math.round(element.duration);
  const seekable = Math.round(element.seekable.end(0));
  const there = event(element, "seeked");
  element.currentTime = to;
  await there;
  return `${length} ${seekable} ${Math.round(element.currentTime)} ${element.readyState >= 2}`;
}

// Asks another origin, with a header that makes the browser ask beforehand whether it may.
async function elsewhere(name) {
  const origin = new URLSearchParams(location.search).get(name);
  const response = await fetch(`${origin}/data.json`, {
    headers: { Range: "bytes=2-7", "If-Unmodified-Since": "Fri, 31 Dec 9999 23:59:59 GMT" },
    cache: "no-store",
  });
  return `${response.status} ${response.headers.get("Content-Range")} ${await response.text()}`;
}

// A listing on the screen of a telephone: how many rows, whether it fits, and whether its style sheet is obeyed.
async function listing(path) {
  const frame = document.createElement("iframe");
  frame.width = 390;
  const ready = event(frame, "load");
  frame.src = path;
  document.body.append(frame);
  await ready;
  const page = frame.contentDocument;
  const fits = page.documentElement.scrollWidth <= 390;
  const row = frame.contentWindow.getComputedStyle(page.querySelector("tbody tr"));
  return `${page.querySelectorAll("tbody tr").length} rows, fits: ${fits}, ${row.display}`;
}

const tries = {
  module: async () => word,
  "dynamic module": async () => (await import("./part.js?again")).word,
  wasm: async () => {
    const { instance } = await WebAssembly.instantiateStreaming(fetch("add.wasm"));
    return instance.exports.add(40, 2);
  },
  style: async () => getComputedStyle(document.body).color,
  json: async () => (await (await fetch("data.json")).json()).answer,
  range: async () => {
    const response = await fetch("data.json", { headers: { Range: "bytes=2-7" }, cache: "no-store" });
    return `${response.status} ${await response.text()}`;
  },
  "open to all": () => elsewhere("all"),
  "open to this page": () => elsewhere("this"),
  "open to another page": () => elsewhere("another").catch(() => "refused"),
  listing: () => listing("names/"),
  png: () => picture("picture.png"),
  webp: () => picture("picture.webp"),
  svg: () => picture("picture.svg"),
  video: () => media("video", "video.webm", 17),
  audio: () => media("audio", "long.wav", 300),
};

const lines = await Promise.all(
  Object.entries(tries).map(async ([name, attempt]) => {
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE, "not in time"));
    const result = await Promise.race([attempt(), late]).catch((error) => `failed: ${error}`);
    return `${name}: ${result}`;
  }),
);
await fetch("report", { method: "POST", body: lines.join("\n") });
