// A day of one screen in a time that runs faster: what is on the screen is compared with the timetable all the time.
// Never asks the shell what should be shown; the expectation is written here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { at, DAY, front, HOUR, launch, open, Player, program, until } from "./harness.mjs";

const FAST = Number(process.env.FAST ?? 30);
// A part of the day, in hours.
const [FROM, UNTIL] = [Number(process.env.FROM ?? 7.4), Number(process.env.UNTIL ?? 31.75)];
const NIGHT = FAST * 20;
// A slide may be this late: two frames, the look itself, and some load on the machine, in real milliseconds.
const SLACK = 200;

const OPEN = [[7.5, 11], [13.5, 17]];
const SPANS = [0, 24].flatMap((day) => OPEN.map(([from, until]) => [DAY + (day + from) * HOUR, DAY + (day + until) * HOUR, "1", 0]));
const OLD = [["do", 20000, "red"], ["xanh", 45000, "green"], ["lam", 30000, "blue"]];
const NEW = [["tim", 25000, "purple"], ["vang", 40000, "orange"]];
const TURN = 15;

// The slide at a moment, "" if the screen is dark.
function expected(ms) {
  const hours = (ms / 1000 - DAY) / HOUR;
  const span = SPANS.find(([from, until]) => from * 1000 <= ms && ms < until * 1000);
  if (!span) return "";
  const items = hours < TURN ? OLD : NEW;
  let into = (ms - span[0] * 1000) % items.reduce((sum, [, length]) => sum + length, 0);
  return items.find(([, length]) => (into -= length) < 0)[0];
}

// Runs in the page: its timers and its clock, `speed` times as fast.
function hasten() {
  const [now, set, repeat, timeout] = [performance.now.bind(performance), setTimeout, setInterval, AbortSignal.timeout.bind(AbortSignal)];
  let [speed, base, since] = [1, 0, 0];
  performance.now = () => base + (now() - since) * speed;
  globalThis.hurry = (next) => { [base, since, speed] = [performance.now(), now(), next]; };
  globalThis.setTimeout = (call, ms, ...rest) => set(call, ms / speed, ...rest);
  globalThis.setInterval = (call, ms) => repeat(call, ms / speed);
  // A request takes as long as it takes.
  AbortSignal.timeout = (ms) => timeout(ms);
  hurry(30);
}

test("a day with a new program, an outage, a killed browser, steps of the clock and a new shell", async () => {
  const player = await Player.start();
  const [old, fresh] = [program(OLD, { spans: SPANS }), program(NEW, { spans: SPANS, salt: "new" })];
  player.list([old]);
  player.speed = FAST;
  player.now = at(FROM);
  let browser = await launch();
  let tab = await open(browser, `${player.address}/screens/a/`, undefined, hasten);
  let loads = 0;
  const watch = () => tab.on("domcontentloaded", () => { loads += 1; });
  watch();
  const pace = async (speed) => {
    if (player.speed === speed) return;
    player.speed = speed;
    await tab.evaluate((next) => hurry(next), speed);
  };
  const events = [
    [at(9), () => { player.down = true; }],
    [at(9, 40), () => { player.down = false; }],
    [at(10), () => player.list([old], [fresh, DAY + TURN * HOUR])],
    [at(12), () => { player.shell = "s2"; }],
    [at(14), async () => {
      const gone = new Promise((go) => browser.once("disconnected", go));
      // It never answers.
      (await browser.newBrowserCDPSession()).send("Browser.crash").catch(() => {});
      await gone;
      browser = await launch();
      tab = await open(browser, `${player.address}/screens/a/`, undefined, hasten);
      watch();
      await until("some slide", () => front(tab));
    }],
    [at(16), () => { player.now = player.now - 90000; }, 20000],
    [at(16, 20), () => { player.now = player.now + 600000; }, 20000],
  ];
  const seen = { looks: 0, slides: 0, wrong: [] };
  let quiet = 0;
  if (expected(player.now)) await until("some slide", () => front(tab));
  try {
    while (player.now < at(UNTIL) && seen.wrong.length < 20) {
      if (events.length && player.now >= events[0][0]) {
        const [, happen, settle = 0] = events.shift();
        await happen();
        quiet = player.now + settle;
      }
      const near = [player.now, player.now + 240000].some((ms) => expected(ms));
      await pace(near ? FAST : NIGHT);
      const began = player.now;
      const shown = await front(tab).catch(() => "");
      const ended = player.now;
      seen.looks += 1;
      seen.slides += shown !== "";
      const may = new Set();
      for (let ms = began - SLACK * player.speed; ms <= ended; ms += 500) may.add(expected(ms));
      may.add(expected(ended));
      if (player.now > quiet && !may.has(shown)) seen.wrong.push([new Date(began + 7 * HOUR * 1000).toISOString().slice(11, 19), shown, [...may].join("|")]);
      await new Promise((go) => setTimeout(go, 20));
    }
  } finally {
    await browser.close();
    await player.stop();
  }
  console.log(`${seen.looks} looks, ${seen.slides} at a slide, ${seen.wrong.length} wrong, ${loads} loads`);
  assert.deepEqual(seen.wrong, []);
  assert.equal(loads, FROM < 12 && UNTIL > 13 ? 1 : 0, "times that the page loaded itself anew");
});
