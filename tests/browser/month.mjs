// Thirty days of one screen, a thousand times as fast: the real player with looks, plays, returns and new programs, the real shell in Chromium
// with films among the slides. What either holds in memory must not grow. Never judges what is shown: the day does.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { film, front, launch, open, until } from "./harness.mjs";
import { publish } from "./store.mjs";

const SPEED = Number(process.env.SPEED ?? 1000);
const DAYS = Number(process.env.DAYS ?? 30);
// A slide stands ten minutes, so that each is painted at this speed too; a look a minute; a new program every five days.
const ITEM_MS = 600000;
const POLL_MS = 60000;
const PROGRAM_DAYS = 5;
const PLAYER = join(process.env.BANGTIN_BIN ?? "target/debug", "bangtin-player");

// Runs in the page: its clock and its long timers, `speed` times as fast; the shell's own second, too long here, is a twelfth of it. What
// loads, decodes and paints takes as long as it takes.
function hasten(speed) {
  const [now, set] = [performance.now.bind(performance), setTimeout];
  performance.now = () => now() * speed;
  globalThis.setTimeout = (call, ms, ...rest) => set(call, ms > 30000 ? ms / speed : ms > 1000 ? ms : Math.min(ms, 80), ...rest);
}

const page = (name, colour, body) => `<!doctype html><html lang="vi"><meta charset="utf-8"><title>${name}</title><link rel="stylesheet" href="../theme/${colour}.css"><body><h1>${name}</h1>${body}`;

// The slides and files of the n-th program: two with text, two with a film.
function slides(n) {
  const [text, movie] = [`<p>Chương trình ${n}</p>`.repeat(20), '<video data-media preload="auto" src="../assets/v.webm"></video>'];
  const colours = { do: "red", xanh: "green", lam: "blue", vang: "orange" };
  const body = ([name, colour], index) => [name, page(name, colour, index % 2 ? movie : text)];
  return [
    Object.fromEntries(Object.entries(colours).map(body)),
    { "assets/v.webm": film(1 + n / 10), ...Object.fromEntries(Object.values(colours).map((colour) => [`theme/${colour}.css`, `body{background:${colour};color:#fff}`])) },
  ];
}

async function start(folder) {
  const [first, more] = slides(0);
  const site = publish(folder, first, { itemMs: ITEM_MS, more });
  writeFileSync(site.config, JSON.stringify({ ...JSON.parse(readFileSync(site.config)), poll_seconds: 86400 }));
  // The player's own waits stay in real time: the looks are asked for below. Signals are for the player alone, so nothing stands before it.
  const LD_PRELOAD = execFileSync("faketime", ["-f", "+0", "printenv", "LD_PRELOAD"], { encoding: "utf8" }).trim();
  const env = { ...process.env, LD_PRELOAD, FAKETIME: `@2026-12-03 00:00:00 x${SPEED}` };
  const child = spawn(PLAYER, ["run", "--config", site.config], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((go) => createInterface({ input: child.stdout }).once("line", go));
  return { child, site, address: address.trim().replace(/\/$/, "") };
}

const status = (pid, name) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`${name}:\\s+(\\d+)`))[1]);
const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

test("thirty days of a page and its player in flat memory", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bangtin-month-"));
  const { child, site, address } = await start(folder);
  const browser = await launch();
  const looks = setInterval(() => child.kill("SIGHUP"), POLL_MS / SPEED);
  const days = [];
  try {
    await until("a program", async () => (await (await fetch(`${address}/health.json`)).json()).programs.length, 30000);
    const tab = await open(browser, `${address}/screens/a/`, undefined, `(${hasten})(${SPEED})`);
    const devtools = await tab.context().newCDPSession(tab);
    await devtools.send("Performance.enable");
    let changes = 0;
    let programs = 1;
    for (let day = 1; day <= DAYS; day += 1) {
      if (day % PROGRAM_DAYS === 0) site.next(...slides(programs++));
      const end = performance.now() + 86400000 / SPEED;
      for (let last = ""; performance.now() < end; await new Promise((go) => setTimeout(go, 20))) {
        const shown = await front(tab).catch(() => last);
        changes += shown !== last;
        last = shown;
      }
      await devtools.send("HeapProfiler.collectGarbage");
      const metrics = Object.fromEntries((await devtools.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));
      days.push({ heap: metrics.JSHeapUsedSize, nodes: metrics.Nodes, documents: metrics.Documents, listeners: metrics.JSEventListeners,
        resident: status(child.pid, "VmRSS") * 1024, threads: status(child.pid, "Threads"), files: readdirSync(`/proc/${child.pid}/fd`).length });
    }
    const health = await (await fetch(`${address}/health.json`)).json();
    const returns = join(folder, "data/returns/ta-lung/ta-lung-1");
    const plays = readdirSync(returns).filter((name) => name.endsWith(".jsonl")).flatMap((name) => readFileSync(join(returns, name), "utf8").split("\n"))
      .filter((line) => line.startsWith('{"type":"play"')).map((line) => JSON.parse(line));
    const painted = plays.filter((play) => play.painted).length;
    const played = new Set(plays.map((play) => play.program)).size;
    const report = {};
    for (const key of Object.keys(days[0])) {
      const [first, last] = [days.slice(DAYS > 6 ? 2 : 0).slice(0, Math.ceil(DAYS / 3)), days.slice(-Math.ceil(DAYS / 3))].map((part) => middle(part.map((each) => each[key])));
      report[key] = [first, last];
    }
    console.log(`${DAYS} days: ${changes} changes seen, ${plays.length} plays recorded, ${painted} of them painted, of ${played} programs; middle of the first and of the last third: ${JSON.stringify(report)}`);
    const all = (DAYS * 86400000) / ITEM_MS;
    assert.ok(changes > all * 0.7, `${changes} changes of ${all}`);
    assert.ok(painted > all * 0.7, `${painted} painted of ${all}`);
    assert.equal(played, programs, "programs that were played");
    assert.ok(health.last_look > Date.UTC(2026, 11, 2) + (DAYS - 1) * 86400000, `${health.last_look}`);
    for (const [key, [first, last]] of Object.entries(report)) assert.ok(last <= first * 1.1 + 8, `${key} grew from ${first} to ${last}`);
  } finally {
    clearInterval(looks);
    await browser.close();
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});
