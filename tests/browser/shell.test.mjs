// The shell in Chromium with a player whose clock the test controls: the right slide at the right second, and nothing else.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { at, DAY, front, HOUR, launch, open, Player, program, stands, until } from "./harness.mjs";
import { pixels } from "./picture.mjs";

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

const shell = async (size) => { tab = await open(browser, `${player.address}/screens/a/`, size); };
const THREE = [["do", 10000, "red"], ["xanh", 20000, "green"], ["lam", 30000, "blue"]];

test("the right slide is shown at the right second", async () => {
  player.list([program(THREE)]);
  for (const [moment, name] of [[at(7, 30, 3), "do"], [at(7, 30, 25), "xanh"], [at(9, 15, 45), "lam"], [at(10, 59, 33), "lam"]]) {
    player.now = moment;
    await shell();
    await stands(tab, name);
    assert.deepEqual(tab.faults, []);
    await tab.context().close();
  }
});

test("a change comes at its moment and is recorded as a play", async () => {
  player.list([program(THREE)]);
  player.now = at(8, 0, 7);
  await shell();
  await stands(tab, "do");
  await stands(tab, "xanh");
  const [play] = await until("a play", () => player.plays.length && player.plays);
  assert.ok(Math.abs(play.end - at(8, 0, 10)) < 50, `ended ${play.end - at(8, 0, 10)} ms from its moment`);
  assert.deepEqual({ ...play, start: 0, end: 0, ms: 0, program: "" },
    { token: "t0k3n", screen: "a", program: "", slide: "do", start: 0, end: 0, ms: 0, painted: true, outcome: "shown" });
  assert.ok(Math.abs(play.ms - (play.end - play.start)) < 30);
  assert.deepEqual(tab.faults, []);
});

test("no program, no span, one slide and two slides are all right", async () => {
  player.now = at(8);
  await shell();
  await until("the card", () => tab.evaluate(() => document.body.dataset.state === "card"));
  player.list([program([])]);
  await until("the dark", () => tab.evaluate(() => document.body.dataset.state === "dark"));
  player.list([program([["mot", 1500, "red"]], { salt: "1" })]);
  await stands(tab, "mot");
  await until("three plays of the one slide", () => player.plays.length > 2);
  assert.ok(player.plays.every((play) => play.slide === "mot" && play.outcome === "shown"), JSON.stringify(player.plays));
  player.list([program([["mot", 1500, "red"], ["hai", 1500, "green"]], { salt: "2" })]);
  for (const name of ["hai", "mot", "hai"]) await stands(tab, name);
  assert.deepEqual(tab.faults, []);
});

test("a slide of which too little is left when the show begins is not called skipped, unless it fails", async () => {
  let arrive;
  player.list([program(THREE)]);
  player.now = at(8, 0, 9);
  player.trouble.set("slides/do@640x360.html", new Promise((go) => { arrive = go; }));
  await shell();
  await stands(tab, "xanh");
  arrive();
  await tab.context().close();
  player.now = at(8, 1, 9);
  player.trouble.set("slides/do@640x360.html", 404);
  await shell();
  await stands(tab, "xanh");
  const plays = () => player.plays.filter((play) => play.slide === "do").map((play) => [play.start, play.outcome]);
  await until("the play", () => plays().length);
  assert.deepEqual(plays(), [[at(8, 1), "failed"]]);
});

test("outside opening hours the screen is black and holds nothing", async () => {
  player.list([program(THREE)]);
  player.now = at(10, 59, 58);
  await shell();
  await until("some slide", () => front(tab));
  await until("the dark", () => tab.evaluate(() => document.body.dataset.state === "dark"));
  const held = await until("empty stages", () => tab.evaluate(() => {
    const all = [...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow.location.href);
    return all.every((each) => each === "about:blank") && all;
  }));
  assert.equal(held.length, 2);
  player.now = at(7, 29, 48) + 24 * HOUR * 1000;
  player.list([program(THREE, { spans: [[DAY + 31.5 * HOUR, DAY + 35 * HOUR, "1", 0]] })]);
  await stands(tab, "do", 20000);
  const play = await until("the first play of the morning", () => player.plays.find((each) => each.start >= at(31, 30)), 15000);
  assert.ok(play.start - at(31, 30) < 60, `began ${play.start - at(31, 30)} ms after opening`);
});

test("a slide that is late leaves the current one standing", async () => {
  let arrive;
  player.trouble.set("slides/xanh@640x360.html", new Promise((go) => { arrive = go; }));
  player.list([program(THREE)]);
  player.now = at(8, 0, 8);
  await shell();
  await stands(tab, "do");
  await until("its moment to pass", () => player.now > at(8, 0, 11));
  assert.equal(await front(tab), "do");
  arrive();
  await stands(tab, "xanh");
  await until("the end of its time", () => player.plays.length > 1, 25000);
  assert.deepEqual(player.plays.map((play) => [play.slide, play.outcome]), [["do", "shown"], ["xanh", "late"]]);
});

test("f09 a slide that cannot be had or decoded is skipped, and the next is in step", async () => {
  const broken = `<img src="../assets/broken.png">`;
  const items = [["do", 3000, "red"], ["mat", 3000, "green"], ["hong", 3000, "blue", broken], ["lam", 3000, "purple"]];
  player.list([program(items, { files: [["assets/broken.png", "this is no picture"]] })]);
  player.trouble.set("slides/mat@640x360.html", 404);
  player.now = at(8, 0, 1);
  await shell();
  await stands(tab, "do");
  await until("the failed slide's time", () => player.now > at(8, 0, 5));
  assert.equal(await front(tab), "do");
  await stands(tab, "lam");
  assert.ok(Math.abs(player.now - at(8, 0, 9)) < 300);
  await until("the plays", () => player.plays.length > 2);
  assert.deepEqual(player.plays.slice(0, 3).map((play) => [play.slide, play.outcome]).sort(),
    [["do", "shown"], ["hong", "failed"], ["mat", "failed"]]);
});

test("f34 a new program takes over at its moment without a reload", async () => {
  const old = program(THREE);
  player.list([old]);
  player.now = at(8, 0, 1);
  await shell();
  await stands(tab, "do");
  await tab.evaluate(() => { window.same = true; });
  const turn = DAY + 8 * HOUR + 6;
  player.list([old], [program([["moi", 60000, "teal"]], { salt: "new" }), turn]);
  await stands(tab, "moi");
  assert.ok(Math.abs(player.now - turn * 1000) < 300, `${player.now - turn * 1000} ms from its moment`);
  assert.equal(await tab.evaluate(() => window.same), true);
  assert.deepEqual(tab.faults, []);
});

test("a timetable is loaded once, and one that cannot be had changes nothing but what is withdrawn", async () => {
  const [old, fresh] = [program([["do", 60000, "red"], ["xanh", 60000, "green"]]), program([["moi", 60000, "teal"]], { salt: "new" })];
  player.list([old]);
  player.now = at(8, 0, 1);
  await shell();
  await stands(tab, "do");
  const asked = (path) => player.requests.filter((each) => each.endsWith(path)).length;
  await until("further polls", () => asked("schedule.json") > 3);
  assert.equal(asked("timetable/a.json"), 1);
  player.trouble.set("timetable/a.json", 404);
  player.list([fresh]);
  await until("a second try", () => asked(`${fresh.digest}/timetable/a.json`) > 1);
  assert.equal(await front(tab), "do");
  player.withdrawn = { programs: [], slides: { [old.digest]: ["do"] } };
  await stands(tab, "xanh");
  // The next schedule no longer speaks of the old program, which plays on without what was withdrawn.
  player.withdrawn = { programs: [], slides: {} };
  const polls = asked("schedule.json");
  await until("a schedule that withdraws nothing", () => asked("schedule.json") > polls + 1);
  player.now = at(9, 0, 3);
  await until("a time at which the withdrawn slide was due, and the page knows it", () => player.now > at(9, 0, 11));
  assert.equal(await front(tab), "xanh");
  player.trouble.clear();
  await stands(tab, "moi");
});

test("f16 a step of the clock neither freezes nor hastens the show", async () => {
  // The first is long: a page asks for the time every five seconds, and a slide that is almost over is not begun.
  player.list([program([["do", 10000, "red"], ["xanh", 5000, "green"], ["lam", 5000, "blue"]])]);
  player.now = at(8, 0, 7);
  await shell();
  await stands(tab, "do");
  await stands(tab, "xanh");
  // A time shown a moment ago comes again: it is not shown again.
  player.now = player.now - 1000;
  await stands(tab, "lam");
  player.now = at(8, 30, 1);
  await stands(tab, "do", 7000);
  await until("three records", () => player.plays.length > 2);
  const order = player.plays.map((play) => play.slide);
  assert.deepEqual(order, ["do", "xanh", "lam"]);
});

test("f14 an untrusted clock goes on with the evergreen week and shows no time", async () => {
  const monday = 10 * HOUR;
  const evergreen = program([["quanh-nam", 4000, "teal", `<p data-clock="HH:MM">x</p>`]], { kind: "evergreen", spans: [[0, monday, "1", 0]] });
  evergreen.manifest.valid = { from: 0, until: null };
  player.list([evergreen, DAY]);
  player.trusted = false;
  player.now = 1000;
  await shell();
  await stands(tab, "quanh-nam");
  const text = () => tab.frames().map((frame) => frame.evaluate(() => document.querySelector("[data-clock]")?.textContent).catch(() => null));
  await until("no time", async () => (await Promise.all(text())).includes(""));
});

test("clocks on slides show local time", async () => {
  player.list([program([["gio", 60000, "teal", `<p data-clock="HH:MM"></p><p data-date></p>`]])]);
  player.now = at(8, 41, 2);
  await shell();
  await stands(tab, "gio");
  const [clock, date] = await tab.evaluate(() => {
    const doc = document.querySelector("#face.second iframe:nth-child(2), #face:not(.second) iframe").contentDocument;
    return [...doc.querySelectorAll("p")].map((each) => each.textContent);
  });
  assert.equal(clock, "08:41");
  assert.match(date, /^Thứ Năm, ngày 03.12.2026$/);
});

// A font whose digits are blocks. It puts a block as large as the screen in place of 10:15 (by ccmp, rlig, liga, clig, calt, rclt, locl, tnum) and of the 6 of
// 10:16 (by the feature that its scripts require, which no style sheet turns off), and moves the rest of 10:17 far away (by kern).
const WORDS = readFileSync(new URL("fonts/words.woff2", import.meta.url));
const STYLE = `@font-face { font-family: words; font-display: block; src: url(words.woff2) format("woff2"); }
  html, body { margin: 0; height: 100%; background: #00f; color: #fff; font: 20px/20px words; overflow: hidden; }
  p { position: absolute; left: 300px; top: 180px; width: 50px; height: 20px; margin: 0; overflow: visible; overflow-clip-margin: 1000px; contain: none; }`;

test("a96 a font that has other words for one minute shows the time", async () => {
  // The first line of every sheet of a program.
  const still = readFileSync(new URL("../../src/build/render/clocks.rs", import.meta.url), "utf8").match(/"(@layer .*)\\n"/s)[1].replaceAll("\\\n", "");
  const faces = async (body, sheet, minute) => {
    player.list([program([["gio", 3600000, "blue", body]], { files: [["theme/words.css", sheet], ["theme/words.woff2", WORDS]] })]);
    player.now = at(10, minute, 1);
    await shell({ width: 640, height: 360 });
    await stands(tab, "gio");
    const { at: pixel } = pixels(await tab.screenshot());
    await tab.context().close();
    return pixel;
  };
  const link = `<link rel="stylesheet" href="../theme/words.css">`;
  const white = (pixel) => String(pixel) === "255,255,255";
  // Whether a digit is drawn in each of the five cells but that of the colon, 10 px wide: a block from 2 to 8.
  const digits = (pixel) => [0, 1, 3, 4].map((cell) => [5, 9].map((x) => white(pixel(300 + cell * 10 + x, 192))).join() === "true,false");
  const outside = (pixel) => [[20, 20], [620, 20], [280, 190], [360, 190], [325, 170], [325, 210]].some(([x, y]) => white(pixel(x, y)));
  for (const minute of [14, 15, 16, 17]) {
    // As any other text: the font does what it is made for.
    const plain = await faces(`${link}<p>10:${minute}</p>`, STYLE, minute);
    assert.equal(outside(plain) || digits(plain).includes(false), minute !== 14, `plain 10:${minute}`);
    const clock = await faces(`${link}<p data-clock="HH:MM"></p>`, still + STYLE, minute);
    assert.deepEqual([outside(clock), ...digits(clock)], [false, true, true, true, true], `10:${minute}`);
    assert.deepEqual(tab.faults, []);
  }
});

test("a96 no style sheet turns a clock round or takes a part of it away", async () => {
  const still = readFileSync(new URL("../../src/build/render/clocks.rs", import.meta.url), "utf8").match(/"(@layer .*)\\n"/s)[1].replaceAll("\\\n", "");
  for (const rule of [
    "", "direction: rtl", "direction: rtl; unicode-bidi: bidi-override", "writing-mode: vertical-rl", "transform: scaleX(-1)", "rotate: 180deg", "scale: -1 1",
    "offset-path: circle(1px); offset-rotate: 180deg", "text-indent: -20px",
  ]) {
    const sheet = `${still} p { position: absolute; left: 300px; top: 180px; margin: 0; font: 20px monospace; ${rule.replaceAll(/;|$/g, " !important;")} }`;
    const body = `<link rel="stylesheet" href="../theme/a.css"><p data-clock="HH:MM"></p>`;
    player.list([program([["gio", 3600000, "blue", body]], { files: [["theme/a.css", sheet]] })]);
    player.now = at(10, 25, 1);
    await shell({ width: 640, height: 360 });
    await stands(tab, "gio");
    const boxes = await tab.evaluate(() => {
      const frame = document.querySelector("#face.second iframe:nth-child(2), #face:not(.second) iframe");
      const all = [...frame.contentDocument.querySelector("p").shadowRoot.querySelectorAll("span")];
      return all.map((box) => ({ text: box.textContent, ...box.getBoundingClientRect().toJSON() }));
    });
    assert.equal(boxes.map(({ text }) => text).join(""), "10:25");
    assert.equal(Math.round(boxes[0].left), 300, rule);
    for (const [at, box] of boxes.entries()) assert.ok(at === 0 || box.left > boxes[at - 1].left && box.top === boxes[0].top, rule);
    assert.deepEqual(tab.faults, []);
    await tab.context().close();
  }
});

test("text is fitted to its box on a small face", async () => {
  const words = "Nước chảy đá mòn. ".repeat(20);
  player.list([program([["chu", 60000, "teal", `<div class="box" data-fit><p>${words}</p></div>`]], { width: 640, height: 320 })]);
  player.now = at(8);
  await shell({ width: 640, height: 320 });
  await stands(tab, "chu");
  const box = await tab.evaluate(() => {
    const frame = document.querySelector("#face.second iframe:nth-child(2), #face:not(.second) iframe");
    const each = frame.contentDocument.querySelector("[data-fit]");
    return { over: each.scrollHeight - each.clientHeight, fit: Number(each.style.getPropertyValue("--fit")), width: frame.clientWidth };
  });
  assert.ok(box.over <= 1, `overflows by ${box.over}`);
  assert.ok(box.fit > 0.4 && box.fit < 1, `--fit ${box.fit}`);
  assert.equal(box.width, 640);
  assert.deepEqual(tab.faults, []);
});

test("the screen is where the canvas says", async () => {
  player.list([program(THREE, { width: 320, height: 160, canvas: { w: 640, h: 360, x: 64, y: 32 } })]);
  player.now = at(8);
  await shell();
  await stands(tab, "do");
  const rect = await tab.evaluate(() => { const { x, y, width, height } = document.getElementById("face").getBoundingClientRect(); return [x, y, width, height]; });
  assert.deepEqual(rect, [64, 32, 320, 160]);
});

test("nothing is settable from the address", async () => {
  player.list([program(THREE)]);
  player.now = at(8, 0, 3);
  tab = await open(browser, `${player.address}/screens/a/?t=2026-12-03T09:15:45`.replace("?", "#"));
  await stands(tab, "do");
  assert.ok(!player.requests.some((each) => each.includes("preview")));
});

test("a page that goes away warns of nothing that it gave up, and one that stays does", async () => {
  player.list([program([["mot", 60000, "teal"]])]);
  player.now = at(8, 0, 3);
  const leave = [() => tab.reload(), () => tab.goto("about:blank"), () => tab.evaluate(() => (location.href = "about:blank"))];
  for (const go of leave) {
    await shell();
    await stands(tab, "mot");
    let asked = 0;
    let ended = 0;
    // The first request gets no answer.
    await tab.route("**/schedule.json", (route) => (asked++ ? route.continue() : undefined));
    tab.on("requestfailed", () => ended++);
    await until("a request", () => asked > 0, 20000);
    await go();
    await until("the end of the request", () => ended > 0);
    assert.deepEqual(tab.faults, []);
    await tab.context().close();
  }
  await shell();
  await stands(tab, "mot");
  await tab.route("**/schedule.json", (route) => route.abort());
  await until("a warning", () => tab.faults.some((fault) => fault.startsWith("schedule ")), 20000);
});
