// A screen in Chromium whose real player is killed and started again: what the page shows meanwhile and what it could not load are told as
// they were. Never asks how the player marks a play; its own tests do.

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
const NAMES = ["mot", "hai", "ba", "bon", "nam"];
const ITEM_MS = 5000;

let browser;
let folder;
let player;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "bangtin-restart-"));
  const page = (name) => [name, `<!doctype html><title>${name}</title>`];
  publish(folder, Object.fromEntries(NAMES.map(page)), { itemMs: ITEM_MS });
});
after(async () => {
  await browser.close();
  await kill();
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

async function kill() {
  if (player.child.exitCode !== null || player.child.signalCode !== null) return;
  const gone = new Promise((go) => player.child.once("exit", go));
  player.child.kill("SIGKILL");
  await gone;
}

const health = async () => (await fetch(`${player.address}health.json`)).json();

// The slide `steps` after another.
const following = (name, steps) => NAMES[(NAMES.indexOf(name) + steps) % NAMES.length];

// The plays in the journal, in the order of their start.
function plays() {
  const returns = join(folder, "data/returns/ta-lung/ta-lung-1");
  const text = readdirSync(returns).filter((name) => name.endsWith(".jsonl")).map((name) => readFileSync(join(returns, name), "utf8")).join("");
  const all = text.split("\n").filter((line) => line.startsWith('{"type":"play"')).map((line) => JSON.parse(line));
  return all.sort((a, b) => a.start - b.start);
}

const told = (slide, since) => until(`the play of ${slide}`, () => plays().find((play) => play.slide === slide && play.start >= since), 40000);

// Whether the stage behind holds a slide's page.
const behind = (tab, name) =>
  tab.evaluate((wanted) => [...document.querySelectorAll("iframe")].some((frame) => frame.contentDocument?.title === wanted && frame.contentDocument.readyState === "complete"), name);

test("f37 of a player that is killed and comes back each slide is told as it was: shown, also from the browser's memory, or failed and no fault of the screen", async () => {
  await start();
  const tab = await open(browser, `${player.address}screens/a/`);
  const first = await until("some slide", () => front(tab));
  await until("the slide after it", () => behind(tab, following(first, 1)));
  const killed = Date.now();
  await kill();
  // The slide that is loaded takes its place; the one after it can't be had, although the player is back before its time.
  await until("a slide more", async () => (await front(tab)) === following(first, 1));
  await until("what comes instead of the next page", () => tab.evaluate(() => [...document.querySelectorAll("iframe")].some((frame) => !frame.contentDocument)));
  await start();
  const failed = await told(following(first, 2), killed);
  assert.deepEqual([failed.outcome, failed.painted, failed.ms], ["failed", false, 0], JSON.stringify(failed));
  assert.ok(failed.doubt?.includes("before-start"), JSON.stringify(failed));
  const stayed = await told(following(first, 1), killed);
  assert.ok(stayed.outcome === "shown" && stayed.painted, JSON.stringify(stayed));
  assert.ok(stayed.end >= failed.end && stayed.ms > ITEM_MS * 1.8, `it stays for the one that failed: ${JSON.stringify(stayed)}`);
  const begun = plays().find((play) => play.slide === first);
  assert.ok(begun.outcome === "shown" && begun.end > killed, `the one that the kill met: ${JSON.stringify(begun)}`);
  const before = (await health()).at;
  await until("a report", async () => {
    player.child.kill("SIGHUP");
    return (await health()).at > before;
  });
  assert.deepEqual((await health()).faults, []);

  // Pages that the browser has had once it shows again without the player.
  for (const name of [3, 4, 5, 6, 7].map((steps) => following(first, steps))) await until(name, async () => (await front(tab)) === name, 20000);
  const again = Date.now();
  await kill();
  const away = [8, 9, 10].map((steps) => following(first, steps));
  for (const name of away) await until(name, async () => (await front(tab)) === name, 20000);
  await start();
  for (const name of away) {
    const play = await told(name, again);
    assert.ok(play.outcome === "shown" && play.painted, JSON.stringify(play));
  }
  assert.deepEqual((await health()).faults, []);
});
