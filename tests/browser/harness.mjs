// A player's HTTP interface over programs in memory, with a clock that the test controls, and Chromium to view it.
// Contains no timetable rule: each test states what should be shown.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import "./environment.mjs";

const PLAYER = new URL("../../player/", import.meta.url);
const TYPES = { html: "text/html; charset=utf-8", css: "text/css", js: "text/javascript", json: "application/json", webm: "video/webm", vtt: "text/vtt; charset=utf-8", png: "image/png", woff2: "font/woff2" };
const SHELL_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'";
const SLIDE_POLICY =
  "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; frame-ancestors 'self'";

export const HOUR = 3600;
// Thursday, 3 December 2026, 00:00 in Viet Nam.
export const DAY = Date.UTC(2026, 11, 2, 17) / 1000;
export const at = (hours, minutes = 0, seconds = 0) => (DAY + hours * HOUR + minutes * 60 + seconds) * 1000;

// A slide's page: one colour over the whole screen, plus what the test adds.
const page = (color, body) =>
  `<!doctype html><html lang="vi"><meta charset="utf-8"><title>slide</title><link rel="stylesheet" href="../theme/${color}.css"><body>${body}</body></html>`;
const style = (color) => `html,body{margin:0;height:100%;background:${color};color:#fff;overflow:hidden;font-family:sans-serif}
.box{width:80vw;height:60vh;margin:10vh 10vw;overflow:hidden}.box p{font-size:calc(var(--fit,1)*40px);margin:0}video{width:40vw;height:40vh}`;

// items: [[name, ms, colour, body], …]; gives { digest, manifest, files }.
export function program(items, options = {}) {
  const { width = 640, height = 360, kind = "monthly", salt = "", audio = false, canvas } = options;
  const spans = options.spans ?? [[DAY + 7.5 * HOUR, DAY + 11 * HOUR, "1", 0]];
  const files = new Map(options.files ?? []);
  const slides = {};
  for (const [name, , color, body = ""] of items) {
    const path = `slides/${name}@${width}x${height}.html`;
    files.set(path, page(color, body));
    files.set(`theme/${color}.css`, style(color));
    slides[name] = { pages: { [`${width}x${height}`]: path }, title: name, agency: "a", category: "su-kien", language: "vi", source: `${name}.md` };
  }
  const list = items.map(([name, ms]) => [name, ms]);
  const loops = list.length ? { 1: { ms: list.reduce((sum, [, ms]) => sum + ms, 0), items: list } } : {};
  const screen = { id: "a", width, height, canvas: canvas ?? { w: width, h: height, x: 0, y: 0 }, audio, spans: list.length ? spans : [] };
  const manifest = {
    format: "bangtin-program/1", kind, month: "2026-12", site: "ta-lung", title: "Thử", languages: ["vi"], revision: 1, roles: ["chief"],
    valid: { from: DAY - 48 * HOUR, until: DAY + 600 * HOUR }, offsets: [[DAY - 48 * HOUR, 7 * HOUR]], screens: [screen], loops, slides,
  };
  return { digest: createHash("sha256").update(JSON.stringify(manifest) + salt).digest("hex"), manifest, files };
}

// The form of a timetable that the shell reads.
function timetable({ kind, valid, offsets, loops, screens: [screen], slides }) {
  const pages = Object.entries(slides).map(([id, slide]) => [id, slide.pages[`${screen.width}x${screen.height}`]]);
  return JSON.stringify({ format: "bangtin-timetable/1", kind, loops, offsets, pages: Object.fromEntries(pages), screens: [screen], valid });
}

export class Player {
  plays = [];
  requests = [];
  // path within a screen or program, or "clock" or "play" → what to do before answering: a promise to wait for, or a status to answer with.
  trouble = new Map();
  trusted = true;
  withdrawn = { programs: [], slides: {} };
  shell = "s1";
  // What a page for people says that it is.
  mark = null;
  volume = 70;
  #programs = [];
  // Every program ever listed stays on disk, as a player keeps the one before.
  #held = new Map();
  #base = { virtual: 0, real: 0, speed: 1 };
  // Whether requests go unanswered, as if no daemon ran.
  down = false;
  // Whether parts of a file are given, as a player does and a simple web server does not.
  ranges = true;
  // Where an answer with a film stops coming, in bytes of the film.
  stops = Infinity;

  static async start() {
    const player = new Player();
    player.server = createServer((request, answer) => player.#answer(request, answer).catch(() => answer.destroy()));
    await new Promise((go) => player.server.listen(0, "127.0.0.1", go));
    player.address = `http://127.0.0.1:${player.server.address().port}`;
    return player;
  }

  // The files of every program listed.
  programs() {
    return [...this.#held.values()];
  }

  get now() {
    const { virtual, real, speed } = this.#base;
    return Math.round(virtual + (performance.now() - real) * speed);
  }

  set now(ms) {
    this.#base = { ...this.#base, virtual: ms, real: performance.now() };
  }

  get speed() {
    return this.#base.speed;
  }

  set speed(speed) {
    this.#base = { virtual: this.now, real: performance.now(), speed };
  }

  // [program, from in seconds], …
  list(...programs) {
    this.#programs = programs.map(([each, from]) => ({ ...each, from: from ?? each.manifest.valid.from }));
    for (const { digest, files, manifest } of this.#programs) this.#held.set(digest, new Map([...files, ["timetable/a.json", timetable(manifest)]]));
  }

  #schedule() {
    const programs = this.#programs.map(({ digest, from }) => ({ program: digest, from, base: `/p/${digest}/`, timetable: `/p/${digest}/timetable/a.json` }));
    const { shell, volume, withdrawn, mark } = this;
    const rest = { volume, shell, token: "t0k3n", mark, withdrawn, releases: [] };
    return JSON.stringify({ format: "bangtin-schedule/2", site: "ta-lung", screen: "a", ...rest, programs });
  }

  async #answer(request, answer) {
    if (this.down) throw new Error("no daemon runs");
    const path = request.url;
    this.requests.push(path);
    const trouble = this.trouble.get(path.split("/").slice(3).join("/") || path.slice(1));
    if (typeof trouble === "number") return send(answer, trouble, "text/plain", "");
    await trouble;
    if (path === "/clock") return send(answer, 200, TYPES.json, JSON.stringify({ now: this.now, trusted: this.trusted }));
    if (path === "/play") return this.#play(request, answer);
    if (path === "/screens/a/schedule.json") return this.#tagged(request, answer);
    if (path.startsWith("/screens/a/")) return file(answer, path.slice("/screens/a/".length) || "index.html");
    const [, , digest, ...rest] = path.split("/");
    const body = this.#held.get(digest)?.get(rest.join("/"));
    if (body === undefined) return send(answer, 404, "text/plain", "absent");
    const headers = { "content-security-policy": SLIDE_POLICY, "cache-control": "public, max-age=31536000, immutable" };
    const [, from, to] = this.ranges && request.headers.range?.match(/^bytes=(\d+)-(\d*)$/) || [];
    const part = from === undefined ? body : Buffer.from(body).subarray(Number(from), to ? Number(to) + 1 : undefined);
    if (from !== undefined) headers["content-range"] = `bytes ${from}-${Number(from) + part.length - 1}/${Buffer.byteLength(body)}`;
    const left = this.stops - Number(from ?? 0);
    if (path.endsWith(".webm") && left < part.length) return begun(answer, from === undefined ? 200 : 206, part, Math.max(left, 0), headers);
    return send(answer, from === undefined ? 200 : 206, TYPES[path.split(".").at(-1)], part, headers);
  }

  #tagged(request, answer) {
    const body = this.#schedule();
    const tag = `"${createHash("sha256").update(body).digest("hex")}"`;
    if (request.headers["if-none-match"] === tag) return send(answer, 304, TYPES.json, "", { etag: tag });
    return send(answer, 200, TYPES.json, body, { etag: tag });
  }

  async #play(request, answer) {
    let body = "";
    for await (const part of request) body += part;
    this.plays.push(JSON.parse(body));
    send(answer, 204, "text/plain", "");
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((go) => this.server.close(go));
  }
}

function send(answer, status, type, body, headers = {}) {
  answer.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff", "cache-control": "no-cache", ...headers });
  answer.end(body);
}

// The first bytes of a film, and no end.
function begun(answer, status, body, bytes, headers) {
  answer.writeHead(status, { "content-type": TYPES.webm, "content-length": body.length, ...headers });
  answer.write(body.subarray(0, bytes));
}

function file(answer, name) {
  let body;
  try {
    body = readFileSync(new URL(name, PLAYER));
  } catch {
    return send(answer, 404, "text/plain", "absent");
  }
  return send(answer, 200, TYPES[name.split(".").at(-1)], body, { "content-security-policy": SHELL_POLICY });
}

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--autoplay-policy=no-user-gesture-required"];

export const launch = () => chromium.launch({ executablePath, args });

// A window whose tabs are hidden while another is in front; Playwright's own defaults keep every page visible.
export async function launchWindow() {
  const profile = mkdtempSync(join(tmpdir(), "bangtin-window-"));
  const child = spawn(executablePath, ["--headless=new", "--disable-background-timer-throttling", "--remote-debugging-port=0", `--user-data-dir=${profile}`, ...args, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const endpoint = await new Promise((go) => createInterface({ input: child.stderr }).on("line", (line) => line.includes("listening on ws:") && go(line.split(" ").at(-1))));
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
  const close = async () => {
    const ended = new Promise((go) => child.once("exit", go));
    await (await browser.newBrowserCDPSession()).send("Browser.close").catch(() => {});
    await ended;
    rmSync(profile, { recursive: true, force: true });
  };
  return { context: browser.contexts()[0], close };
}

// Opens the shell; `page.faults` collects console errors, page errors and policy violations.
// `before` runs in the page before the shell does.
export async function open(browser, address, size = { width: 640, height: 360 }, before = () => {}) {
  const context = await browser.newContext({ viewport: size, deviceScaleFactor: 1 });
  await context.addInitScript(before);
  const tab = await context.newPage();
  tab.faults = [];
  tab.on("console", (message) => ["error", "warning"].includes(message.type()) && tab.faults.push(message.text()));
  tab.on("pageerror", (error) => tab.faults.push(String(error)));
  await tab.goto(address);
  return tab;
}

// The mark of a shell's page: its words, the size of its letters, and whether each of its lines lies within it.
export const marked = (page) =>
  page.evaluate(() => {
    const mark = document.getElementById("mark");
    if (!mark) return {};
    const [box, range] = [mark.getBoundingClientRect(), document.createRange()];
    range.selectNodeContents(mark);
    const lines = [...range.getClientRects()];
    const inside = ({ left, right, top, bottom }) => left >= box.left && right <= box.right && top >= box.top && bottom <= box.bottom;
    return { words: mark.textContent.replaceAll("\u00a0", " "), px: parseFloat(getComputedStyle(mark).fontSize), whole: lines.length > 0 && lines.every(inside), below: getComputedStyle(mark, "::after").content };
  });

// Whether a field is wide enough for the longest of its options.
export const roomy = (tab, selector) =>
  tab.evaluate((name) => {
    const field = document.querySelector(name);
    const copy = field.cloneNode(true);
    copy.style.cssText = "position: absolute; visibility: hidden; max-width: none; width: max-content";
    field.after(copy);
    const wanted = copy.offsetWidth;
    copy.remove();
    return field.offsetWidth >= wanted - 1;
  }, selector);

// What of a page for people leaves the window, is cut off, or lies over something else: [] if nothing does.
export const misplaced = (tab) =>
  tab.evaluate(() => {
    const box = (each) => each.getBoundingClientRect();
    const name = (each) => `${each.id || each.className || each.localName}: ${each.textContent.slice(0, 30)}`;
    // What is read aloud alone, as a heading at 200 %, is seen by nobody.
    const aloud = (each) => each && (getComputedStyle(each).clipPath === "inset(50%)" || aloud(each.parentElement));
    const all = [...document.querySelectorAll("header *, #stage *, #side *")].filter((each) => each.checkVisibility() && !aloud(each) && box(each).width > 1 && box(each).height > 1);
    const words = all.filter((each) => !each.firstElementChild && each.textContent.trim() && !each.closest("select, #frame, #before, #ticks"));
    const outside = all.filter((each) => box(each).left < -1 || box(each).right > innerWidth + 1);
    const cut = all.filter((each) => each.matches("button, a, strong, p, h2") && each.clientWidth && each.scrollWidth > each.clientWidth + 1);
    const over = (one, other) => Math.min(box(one).right, box(other).right) - Math.max(box(one).left, box(other).left) > 1 && Math.min(box(one).bottom, box(other).bottom) - Math.max(box(one).top, box(other).top) > 3;
    const scrolled = (each) => each.closest("aside ol, aside section, #measured, #altered");
    const fixed = words.filter((each) => !scrolled(each));
    const covered = fixed.filter((one, index) => fixed.slice(index + 1).some((other) => over(one, other)));
    return [...outside, ...cut, ...covered].map(name);
  });

// Places and sizes of elements in whole pixels, as one text: equal texts, nothing has moved.
export const places = (tab, selector) =>
  tab.locator(selector).evaluateAll((all) => all.map((each) => {
    const { left, top, width, height } = each.getBoundingClientRect();
    return `${each.id} ${[left, top + scrollY, width, height].map(Math.round).join(" ")}`;
  }).join("\n"));

// Address of the visible slide; "" if none.
export const front = (tab) =>
  tab.evaluate(() => {
    if (document.body.dataset.state !== "slide") return "";
    const frame = document.querySelectorAll("iframe")[document.getElementById("face").classList.contains("second") ? 1 : 0];
    return frame.contentWindow.location.href.match(/slides\/(.*)@/)?.[1] ?? "";
  });

// Runs a function in the visible slide's document.
export async function inFront(tab, look) {
  const frame = await tab.$("#face.second iframe:nth-child(2), #face:not(.second) iframe");
  return (await frame.contentFrame()).evaluate(look);
}

// An orange film with this sound; noise takes about 12 KB a second.
export function film(seconds, sound = "sine=440", options = []) {
  const folder = mkdtempSync(join(tmpdir(), "bangtin-film-"));
  const file = join(folder, "v.webm");
  const source = ["-f", "lavfi", "-i", `color=orange:s=320x180:r=10:d=${seconds}`, "-f", "lavfi", "-i", `${sound}:d=${seconds}`];
  execFileSync("ffmpeg", ["-v", "error", ...source, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libvorbis", ...options, file]);
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}

// What holds; nothing while the page that is asked gives way to another.
async function answer(holds) {
  try {
    return await holds();
  } catch (error) {
    if (error.message.includes("Execution context was destroyed")) return undefined;
    throw error;
  }
}

export async function until(what, holds, limit = 10000) {
  const end = performance.now() + limit;
  for (;;) {
    const value = await answer(holds);
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${limit} ms for ${what}`);
    await new Promise((go) => setTimeout(go, 15));
  }
}

export const stands = (tab, name, limit) => until(`slide ${name || "none"}`, async () => (await front(tab)) === name, limit);

// The contrast of an element's text with the nearest background below it, as WCAG 2 computes it.
export const contrast = (tab, selector) =>
  tab.locator(selector).first().evaluate((element) => {
    const luminance = (color) => {
      const [r, g, b] = color.match(/[\d.]+/g).map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let ground = element;
    while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
    const both = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(ground).backgroundColor)];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  });
