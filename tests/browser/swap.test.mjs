// What is visible during a change, how video behaves, and that many changes leak nothing.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { at, front, launch, open, Player, program, stands, until } from "./harness.mjs";
import { middle } from "./picture.mjs";

let browser;
let player;
let tab;
before(async () => { browser = await launch(); });
after(() => browser.close());
beforeEach(async () => { player = await Player.start(); });
afterEach(async () => {
  await tab?.context().close();
  await player.stop();
});

const shell = async () => { tab = await open(browser, `${player.address}/screens/a/`); };

function video() {
  const folder = mkdtempSync(join(tmpdir(), "bangtin-video-"));
  const file = join(folder, "v.webm");
  const source = ["-f", "lavfi", "-i", "color=orange:s=320x180:r=10:d=3", "-f", "lavfi", "-i", "sine=440:d=3"];
  execFileSync("ffmpeg", ["-v", "error", ...source, "-c:v", "libvpx", "-c:a", "libvorbis", file]);
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}

test("no black or white frame at a change", async () => {
  const items = [["do", 1500, "rgb(200,40,40)"], ["xanh", 1500, "rgb(40,160,60)"], ["lam", 1500, "rgb(40,60,200)"]];
  player.list([program(items.map(([name, ms, color]) => [name, ms, color.replaceAll(/[(),]/g, "-"), ""]), { files: [] })]);
  for (const [, , color] of items) {
    for (const files of player.programs()) files.set(`theme/${color.replaceAll(/[(),]/g, "-")}.css`, `html{background:${color}}`);
  }
  player.now = at(8, 0, 0) + 200;
  await shell();
  await until("some slide", () => front(tab));
  const session = await tab.context().newCDPSession(tab);
  const colours = [];
  session.on("Page.screencastFrame", ({ data, sessionId }) => {
    colours.push(middle(Buffer.from(data, "base64")));
    session.send("Page.screencastFrameAck", { sessionId }).catch(() => {});
  });
  await session.send("Page.startScreencast", { format: "png", everyNthFrame: 1 });
  await until("nine plays", () => player.plays.length > 8, 30000);
  await session.send("Page.stopScreencast");
  assert.ok(colours.length > 8, `${colours.length} frames`);
  for (const [r, g, b] of colours) {
    assert.ok(Math.max(r, g, b) > 120 && Math.min(r, g, b) < 80, `a frame of rgb(${r}, ${g}, ${b}) between two slides`);
  }
  assert.deepEqual(tab.faults, []);
});

test("a video with sound plays, and is recorded as a play", async () => {
  const body = `<video data-media preload="auto" src="../assets/v.webm"></video>`;
  const items = [["do", 2000, "red"], ["phim", 3000, "black", body]];
  player.list([program(items, { audio: true, files: [["assets/v.webm", video()]] })]);
  player.now = at(8, 0, 1);
  await shell();
  await stands(tab, "phim");
  const playing = await until("a moving picture", () => tab.evaluate(() => {
    const frame = document.querySelector("#face.second iframe:nth-child(2), #face:not(.second) iframe");
    const each = frame.contentDocument.querySelector("video");
    return each && each.currentTime > 0.5 && { muted: each.muted, volume: each.volume, heard: each.webkitAudioDecodedByteCount > 0 };
  }));
  assert.deepEqual(playing, { muted: false, volume: 0.7, heard: true });
  await until("its play", () => player.plays.some((play) => play.slide === "phim" && play.outcome === "shown" && play.painted));
  assert.deepEqual(tab.faults, []);
});

test("a broken video is skipped", async () => {
  const body = `<video data-media preload="auto"><source src="../assets/v.webm" type="video/webm"></video>`;
  const items = [["do", 3000, "red"], ["phim", 2000, "black", body], ["lam", 3000, "blue"]];
  player.list([program(items, { files: [["assets/v.webm", "no video at all"]] })]);
  player.now = at(8, 0, 1);
  await shell();
  for (const name of ["do", "lam"]) await stands(tab, name);
  await until("its report", () => player.plays.some((play) => play.slide === "phim" && play.outcome === "failed"));
});

// CHANGES=2000 is the long form (tests/long/swaps); the gate runs its start.
test("many changes leave nothing behind", async () => {
  const changes = Number(process.env.CHANGES ?? 30);
  const words = "<p>Một trang có chữ.</p>".repeat(50);
  player.list([program([["do", 1000, "red", words], ["xanh", 1000, "green", words]])]);
  player.now = at(8);
  await shell();
  const session = await tab.context().newCDPSession(tab);
  const count = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { nodes, documents } = await session.send("Memory.getDOMCounters");
    return { nodes, documents, history: await tab.evaluate(() => history.length) };
  };
  await until("a start", () => player.plays.length > 5, 30000);
  const first = await count();
  await until("all changes", () => player.plays.length > changes, changes * 1500 + 20000);
  const last = await count();
  assert.equal(last.history, first.history);
  assert.ok(last.documents <= first.documents + 4, JSON.stringify({ first, last }));
  assert.ok(last.nodes <= first.nodes * 1.5 + 500, JSON.stringify({ first, last }));
});
