// A screen in Chromium whose real player is killed and started again: what the page could not load meanwhile is told as that.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { front, launch, open, until } from "./harness.mjs";
import { publish } from "./store.mjs";

const program = `${process.env.BANGTIN_BIN}/bangtin-player`;
const pause = (ms) => new Promise((go) => setTimeout(go, ms));

let browser;
let folder;
let player;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "bangtin-restart-"));
  const page = (name) => [name, `<!doctype html><title>${name}</title>`];
  publish(folder, Object.fromEntries(["mot", "hai", "ba"].map(page)), { itemMs: 6000 });
});
after(async () => {
  await browser.close();
  player?.child.kill();
  rmSync(folder, { recursive: true, force: true });
});

// Starts the player, on the port that it had.
async function start() {
  const path = join(folder, "player.json");
  const listen = player ? player.address.slice("http://".length, -1) : "127.0.0.1:0";
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path)), listen }));
  const child = spawn(program, ["run", "--config", path], { stdio: ["ignore", "pipe", "ignore"] });
  const line = await new Promise((done) => createInterface({ input: child.stdout }).once("line", done));
  player = { child, address: `${line.trim().replace(/\/$/, "")}/` };
}

const health = async () => (await fetch(`${player.address}health.json`)).json();

function plays() {
  const returns = join(folder, "data/returns/ta-lung/ta-lung-1");
  const text = readdirSync(returns).filter((name) => name.endsWith(".jsonl")).map((name) => readFileSync(join(returns, name), "utf8")).join("");
  return text.split("\n").filter((line) => line.startsWith('{"type":"play"')).map((line) => JSON.parse(line));
}

test("f37 a slide that could not be loaded because the player was killed is no fault of the screen", async () => {
  await start();
  const tab = await open(browser, `${player.address}screens/a/`);
  const shown = await until("some slide", () => front(tab));
  const next = await until("the next slide", async () => (await front(tab)) !== shown && front(tab));
  const gone = new Promise((go) => player.child.once("exit", go));
  player.child.kill("SIGKILL");
  await gone;
  // The slide that is loaded takes its place, and the one after it can't be had.
  await until("a slide more", async () => (await front(tab)) !== next, 10000);
  await pause(500);
  await start();
  const failed = await until("the play that failed", () => plays().find((play) => play.outcome === "failed"), 20000);
  assert.ok(failed.doubt?.includes("before-start"), JSON.stringify(failed));
  const before = (await health()).at;
  await until("a report", async () => {
    player.child.kill("SIGHUP");
    return (await health()).at > before;
  });
  assert.deepEqual((await health()).faults, []);
});
