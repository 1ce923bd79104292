// A page that stays open for months: hidden and shown again, with a daemon that hangs or is upgraded, with what is withdrawn, and with films
// that stall or break. What each of them leaves on the screen.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { at, DAY, film, front, HOUR, inFront, launch, launchWindow, open, Player, program, stands, until } from "./harness.mjs";

let browser;
let player;
let tab;
let movie;
before(async () => {
  browser = await launch();
  movie = film(20);
});
after(() => browser.close());
beforeEach(async () => { player = await Player.start(); });
afterEach(async () => {
  await tab?.context().close();
  await player.stop();
});

// In the page: a tenth of every wait of 2 to 12 seconds, such as the one between two looks at the schedule. A slide keeps its time to load, because
// Chromium is no faster.
function hasten() {
  const [set, repeat, limit] = [setTimeout, setInterval, AbortSignal.timeout];
  const wait = (ms) => (ms < 2000 || ms > 12000 ? ms : ms / 10);
  globalThis.setTimeout = (call, ms, ...rest) => set(call, wait(ms), ...rest);
  globalThis.setInterval = (call, ms) => repeat(call, wait(ms));
  AbortSignal.timeout = (ms) => limit.call(AbortSignal, wait(ms));
}
const shell = async (before = hasten) => { tab = await open(browser, `${player.address}/screens/a/`, undefined, before); };
const state = () => tab.evaluate(() => document.body.dataset.state);
const pause = (ms) => new Promise((go) => setTimeout(go, ms));
const never = new Promise(() => {});
const FILM = `<video data-media preload="auto" src="../assets/v.webm"></video>`;
const QUICK = [["do", 1000, "red"], ["xanh", 1000, "green"], ["lam", 1000, "blue"]];

// Looks for a while whether a slide with content is in front at every look.
async function neverBlack(ms) {
  for (const end = performance.now() + ms; performance.now() < end;) {
    assert.notEqual(await front(tab), "", "black");
    await pause(20);
  }
}

test("a page in a hidden tab is not black when it is shown again", async () => {
  const { context, close } = await launchWindow();
  try {
    await context.addInitScript(hasten);
    const other = context.pages()[0];
    const page = await context.newPage();
    const hidden = (is) => until(is ? "a hidden page" : "a visible page", () => page.evaluate((is) => document.hidden === is, is));
    player.list([program([["do", 600, "red"], ["xanh", 600, "green"]])]);
    player.now = at(8);
    await page.goto(`${player.address}/screens/a/`);
    await until("some slide", () => front(page));
    await other.bringToFront();
    await hidden(true);
    // Each change waits for a paint that does not come; three of them use both stages.
    const before = player.plays.length;
    await until("changes while hidden", () => player.plays.slice(before).filter((play) => play.ms).length > 2, 15000);
    await page.bringToFront();
    await hidden(false);
    for (const end = performance.now() + 1000; performance.now() < end; await pause(20)) assert.notEqual(await front(page), "", "black");
  } finally {
    await close();
  }
});

test("a page that was frozen goes on with what is due", async () => {
  player.list([program([["do", 1000, "red"], ["xanh", 2000, "green"]])]);
  player.now = at(8);
  await shell();
  await stands(tab, "do");
  const session = await tab.context().newCDPSession(tab);
  for (const wait of [900, 100, 1300]) {
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await pause(wait);
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await neverBlack(300);
  }
  await stands(tab, (player.now - at(8)) % 3000 < 1000 ? "do" : "xanh", 1000);
});

test("a change that throws costs one slide, not the show", async () => {
  player.list([program(QUICK)]);
  player.now = at(8);
  await shell();
  await stands(tab, "xanh");
  await tab.evaluate(() => {
    const toggle = DOMTokenList.prototype.toggle;
    DOMTokenList.prototype.toggle = () => {
      DOMTokenList.prototype.toggle = toggle;
      throw new Error("made by a test");
    };
  });
  await stands(tab, "do", 3000);
  await stands(tab, "xanh", 3000);
  await until("its record", () => player.plays.some((play) => play.slide === "lam" && play.outcome === "failed"));
});

test("whatever a step throws, the page goes on asking for the time", async () => {
  player.list([program([["do", 60000, "red"], ["xanh", 60000, "green"]])]);
  player.now = at(8, 0, 1);
  await shell();
  await stands(tab, "do");
  // Each step throws, also the one that the clock makes when it learns of another time.
  await tab.evaluate(() => {
    window.kept = window.URL;
    window.URL = class { constructor() { throw new Error("made by a test"); } };
  });
  player.now = at(8, 0, 11);
  player.requests.length = 0;
  await until("the time", () => player.requests.includes("/clock"), 8000);
  await pause(300);
  await tab.evaluate(() => { window.URL = window.kept; });
  player.now = at(8, 1, 5);
  await stands(tab, "xanh", 9000);
});

test("media that have lost their length stop nobody", async () => {
  player.list([program([["phim", 60000, "black", FILM]], { files: [["assets/v.webm", movie]] })]);
  player.now = at(8, 0, 1);
  await shell();
  await stands(tab, "phim");
  // As while a browser begins anew with a film.
  await inFront(tab, () => {
    const video = document.querySelector("video");
    Object.defineProperty(video, "duration", { value: NaN });
    document.body.dataset.looks = 0;
    Object.defineProperty(video, "playbackRate", { set() { document.body.dataset.looks++; } });
  });
  await pause(2500);
  assert.equal(await inFront(tab, () => document.body.dataset.looks), "0");
  assert.deepEqual(tab.faults, []);
});

test("what is withdrawn leaves at once though the next slide fails, or hangs", async () => {
  const shown = program([["do", 60000, "red"], ["xanh", 60000, "green"]]);
  // A page that hangs would fail after 15 s.
  for (const [trouble, limit, before] of [[404, 2000, hasten], [never, 8000, () => {}]]) {
    player.withdrawn = { programs: [], slides: {} };
    player.trouble.set("slides/xanh@640x360.html", trouble);
    player.list([shown]);
    player.now = at(8, 0, 1);
    await shell(before);
    await stands(tab, "do");
    player.withdrawn = { programs: [], slides: { [shown.digest]: ["do"] } };
    await until("the card", async () => (await state()) === "card", limit);
    assert.ok(await tab.evaluate(() => [...document.querySelectorAll("iframe")].every((frame) => !frame.contentWindow.location.href.includes("/do@"))));
    await tab.context().close();
  }
});

test("a program that is no longer listed leaves though the next slide fails", async () => {
  const next = program([["xanh", 60000, "green"]], { salt: "2" });
  player.list([program([["do", 60000, "red"]])]);
  player.now = at(8, 0, 1);
  await shell();
  await stands(tab, "do");
  player.trouble.set("slides/xanh@640x360.html", 404);
  player.list([next]);
  await until("the card", async () => (await state()) === "card", 4000);
});

test("a daemon that accepts and never answers stops nothing once it answers again", async () => {
  player.list([program(QUICK)]);
  player.now = at(8);
  await shell();
  await until("a play", () => player.plays.length > 0);
  for (const name of ["play", "clock", "schedule.json"]) player.trouble.set(name, never);
  await until("a play that hangs", () => player.requests.at(-1) === "/play");
  await neverBlack(1500);
  player.trouble.clear();
  player.volume = 20;
  const before = player.plays.length;
  await until("plays again", () => player.plays.length > before + 2, 5000);
  const asked = player.requests.filter((each) => each.endsWith("schedule.json")).length;
  await until("a look again", () => player.requests.filter((each) => each.endsWith("schedule.json")).length > asked, 5000);
});

test("a page that could not keep all plays says how many are lost, and loses none besides", async () => {
  player.list([program(QUICK)]);
  player.now = at(8);
  await shell();
  player.trouble.set("play", 503);
  const added = 2030;
  await tab.evaluate(async (added) => {
    const { Report } = await import("./report.js");
    const report = Object.assign(new Report("/play"), { token: "t0k3n" });
    for (let number = 1; number <= added; number++) report.add({ number });
  }, added);
  await until("a try", () => player.requests.at(-1) === "/play");
  player.trouble.clear();
  const told = () => player.plays.filter(({ number }) => number);
  await until("all plays", () => told().at(-1)?.number === added, 120000);
  assert.equal(told().length, 2000);
  // The first was on its way; the one behind what was dropped tells.
  assert.deepEqual(told().filter(({ lost }) => lost).map(({ number, lost }) => [number, lost]), [[32, 30]]);
  assert.deepEqual(told().slice(0, 2).map(({ number }) => number), [1, 32]);
});

test("a film that stalls is brought back into step, and the operator's volume holds at once", async () => {
  player.list([program([["phim", 20000, "black", FILM]], { audio: true, files: [["assets/v.webm", movie]] })]);
  player.now = at(8) + 300;
  await shell();
  await stands(tab, "phim");
  const look = () => inFront(tab, () => {
    const { currentTime, paused, playbackRate, volume } = document.querySelector("video");
    return { at: currentTime, paused, speed: playbackRate, volume };
  });
  const gap = async () => (player.now - at(8)) / 1000 - (await look()).at;
  assert.equal((await look()).volume, 0.7);
  player.volume = 20;
  await until("a lower volume", async () => (await look()).volume === 0.2, 4000);
  await inFront(tab, () => document.querySelector("video").pause());
  await until("a film that plays", async () => !(await look()).paused, 2000);
  // A small gap is closed by its speed.
  await inFront(tab, () => { document.querySelector("video").currentTime -= 0.6; });
  await until("a higher speed", async () => (await look()).speed > 1, 2500);
  const before = await gap();
  await until("a smaller gap", async () => await gap() < before - 0.03, 8000);
  assert.ok((await look()).speed <= 1.1);
  // A large one by a jump.
  await inFront(tab, () => { document.querySelector("video").currentTime = 0; });
  await until("a film in step", async () => Math.abs(await gap()) < 0.3, 2500);
});

test("a film far behind is not thrown back to its beginning by a server that gives no parts", async () => {
  player.ranges = false;
  player.list([program([["phim", 20000, "black", FILM]], { files: [["assets/v.webm", movie]] })]);
  player.now = at(8, 0, 6);
  await shell();
  await stands(tab, "phim");
  const look = () => inFront(tab, () => document.querySelector("video").currentTime);
  const from = await look();
  await pause(2500);
  assert.ok(await look() > from + 1.5, `${from} s, then ${await look()} s`);
});

test("a film that breaks is loaded once more, then the card takes its place", async () => {
  player.list([program([["phim", 20000, "black", FILM], ["do", 20000, "red"]], { files: [["assets/v.webm", movie]] })]);
  player.now = at(8) + 300;
  await shell();
  await stands(tab, "phim");
  const broke = () => inFront(tab, () => document.querySelector("video").dispatchEvent(new Event("error")));
  await inFront(tab, () => { document.body.dataset.old = 1; });
  await broke();
  await until("another page", () => inFront(tab, () => !document.body.dataset.old), 2000);
  assert.equal(await front(tab), "phim");
  await until("its place in the film", async () => Math.abs((player.now - at(8)) / 1000 - await inFront(tab, () => document.querySelector("video").currentTime)) < 0.5, 2000);
  const [play] = await until("its record", () => player.plays.length && player.plays);
  assert.deepEqual([play.slide, play.outcome, play.painted], ["phim", "failed", true]);
  await broke();
  await until("the card", async () => (await state()) === "card", 2000);
  player.now = at(8, 0, 19);
  await stands(tab, "do", 8000);
});

test("a new shell is loaded while the screen is dark, and each day", async () => {
  const evening = [[DAY + 8 * HOUR, DAY + 8 * HOUR + 4, "1", 0], [DAY + 60 * HOUR, DAY + 61 * HOUR, "1", 0]];
  player.list([program([["do", 4000, "red"]], { spans: evening })]);
  player.now = at(8);
  await shell();
  const mark = () => tab.evaluate(() => { window.same = true; });
  const same = () => tab.evaluate(() => window.same).catch(() => false);
  const renewed = (what) => until(what, async () => !(await same()) && (await state().catch(() => "")) === "dark", 5000);
  await stands(tab, "do");
  await mark();
  player.shell = "s2";
  await pause(1300);
  assert.equal(await front(tab), "do");
  assert.equal(await same(), true);
  await renewed("the new shell");
  await mark();
  await pause(1500);
  assert.equal(await same(), true, "loaded again without a reason");
  // Not while the page can't be had.
  player.trouble.set("screens/a/", 503);
  const day = 21 * HOUR * 1000;
  player.now = player.now + day;
  await tab.evaluate((ms) => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + ms;
  }, day);
  await pause(1200);
  assert.equal(await same(), true, "loaded though it can't be had");
  player.trouble.clear();
  await renewed("the page of a new day");
});

test("a late load event settles nothing that was asked for after it", async () => {
  player.list([program([["do", 60000, "red"]])]);
  player.now = at(8);
  await shell();
  await stands(tab, "do");
  const url = await tab.evaluate(() => [...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow.location.href).find((href) => href.includes("slides")));
  const states = await tab.evaluate(async (url) => {
    const { Stages } = await import("./stage.js");
    const face = document.createElement("div");
    face.append(document.createElement("iframe"), document.createElement("iframe"));
    document.body.append(face);
    const stages = new Stages(face, () => {});
    const behind = face.children[1];
    const seen = [];
    stages.prepare({ key: "1", url });
    await new Promise((go) => behind.addEventListener("load", go, { once: true }));
    while (stages.state("1") !== "ready") await new Promise((go) => setTimeout(go, 10));
    stages.prepare({ key: "2", url });
    // As if the first page's event had been waiting.
    behind.dispatchEvent(new Event("load"));
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    seen.push(behind.contentDocument.readyState === "complete" ? stages.state("2") : "gone");
    while (stages.state("2") === "loading") await new Promise((go) => setTimeout(go, 10));
    seen.push(stages.state("2"));
    return seen;
  }, url);
  assert.deepEqual(states, ["loading", "ready"]);
});
