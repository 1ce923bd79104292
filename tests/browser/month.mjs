// Thirty days of one screen, a thousand times as fast: the real player with looks, plays and returns, the real shell in Chromium. What
// either holds in memory must not grow. Never judges what is shown: the day does.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { front, launch, open, until } from "./harness.mjs";
import { publish } from "./store.mjs";

const SPEED = Number(process.env.SPEED ?? 1000);
const DAYS = Number(process.env.DAYS ?? 30);
// A slide stands an hour, so that each is painted at this speed too; a look a minute.
const ITEM_MS = 3600000;
const POLL_MS = 60000;
const PLAYER = join(process.env.BANGTIN_BIN ?? "target/debug", "bangtin-player");

// Runs in the page: its clock and its long timers, `speed` times as fast. What loads and paints takes as long as it takes.
function hasten(speed) {
  const [now, set] = [performance.now.bind(performance), setTimeout];
  performance.now = () => now() * speed;
  globalThis.setTimeout = (call, ms, ...rest) => set(call, ms > 30000 ? ms / speed : ms, ...rest);
}

const slide = (name, colour) => `<!doctype html><html lang="vi"><meta charset="utf-8"><title>${name}</title><link rel="stylesheet" href="../theme/${colour}.css"><body><h1>${name}</h1>`;

async function start(folder) {
  const { config } = publish(folder, { do: slide("đỏ", "red"), xanh: slide("xanh", "green"), lam: slide("lam", "blue") },
    { itemMs: ITEM_MS, more: Object.fromEntries(["red", "green", "blue"].map((colour) => [`theme/${colour}.css`, `body{background:${colour};color:#fff}`])) });
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config)), poll_seconds: 86400 }));
  // The player's own waits stay in real time: the looks are asked for below. Signals are for the player alone, so nothing stands before it.
  const LD_PRELOAD = execFileSync("faketime", ["-f", "+0", "printenv", "LD_PRELOAD"], { encoding: "utf8" }).trim();
  const env = { ...process.env, LD_PRELOAD, FAKETIME: `@2026-12-03 00:00:00 x${SPEED}` };
  const child = spawn(PLAYER, ["run", "--config", config], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((go) => createInterface({ input: child.stdout }).once("line", go));
  return { child, address: address.trim().replace(/\/$/, "") };
}

const status = (pid, name) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`${name}:\\s+(\\d+)`))[1]);
const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

test("thirty days of a page and its player in flat memory", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bangtin-month-"));
  const { child, address } = await start(folder);
  const browser = await launch();
  const looks = setInterval(() => child.kill("SIGHUP"), POLL_MS / SPEED);
  const days = [];
  try {
    await until("a program", async () => (await (await fetch(`${address}/health.json`)).json()).programs.length, 30000);
    const tab = await open(browser, `${address}/screens/a/`, undefined, `(${hasten})(${SPEED})`);
    const devtools = await tab.context().newCDPSession(tab);
    await devtools.send("Performance.enable");
    let changes = 0;
    for (let day = 1; day <= DAYS; day += 1) {
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
    const played = readdirSync(join(folder, "data/returns/ta-lung/ta-lung-1")).filter((name) => name.endsWith(".jsonl"))
      .reduce((sum, name) => sum + readFileSync(join(folder, "data/returns/ta-lung/ta-lung-1", name), "utf8").split('"type":"play"').length - 1, 0);
    const report = {};
    for (const key of Object.keys(days[0])) {
      const [first, last] = [days.slice(2, 2 + Math.ceil(DAYS / 3)), days.slice(-Math.ceil(DAYS / 3))].map((part) => middle(part.map((each) => each[key])));
      report[key] = [first, last];
    }
    console.log(`${DAYS} days: ${changes} changes seen, ${played} plays recorded; middle of the first and of the last third: ${JSON.stringify(report)}`);
    assert.ok(changes > DAYS * 20, `${changes} changes`);
    assert.ok(played > DAYS * 20, `${played} plays`);
    assert.ok(health.last_look > Date.UTC(2026, 11, 2) + (DAYS - 1) * 86400000, `${health.last_look}`);
    for (const [key, [first, last]] of Object.entries(report)) assert.ok(last <= first * 1.1 + 8, `${key} grew from ${first} to ${last}`);
  } finally {
    clearInterval(looks);
    await browser.close();
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});
