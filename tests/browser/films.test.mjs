// Films in Chromium, frame by frame: no control of the browser ever, and what is shown when a film ends, stalls or breaks.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { at, film, front, inFront, launch, open, Player, program, stands, until } from "./harness.mjs";
import { pixels } from "./picture.mjs";

let browser;
let player;
let tab;
let short;
let long;
before(async () => {
  browser = await launch();
  [short, long] = [film(3), film(20, "anoisesrc=r=44100")];
});
after(() => browser.close());
beforeEach(async () => { player = await Player.start(); });
afterEach(async () => {
  await tab?.context().close();
  await player.stop();
});

const pause = (ms) => new Promise((go) => setTimeout(go, ms));
const FILM = `<video data-media preload="auto" src="../assets/v.webm"></video>`;
// Where the film is on its page, but for its edge.
const BOX = { left: 6, top: 6, right: 250, bottom: 138 };

// The largest difference of a pixel of the film from its middle: the film has one colour.
function unevenness(png, { left, top, right, bottom } = BOX) {
  const { at: pixel } = pixels(png);
  const own = pixel((left + right) >> 1, (top + bottom) >> 1);
  let most = 0;
  for (let y = top; y < bottom; y += 2) {
    for (let x = left; x < right; x += 2) most = Math.max(most, ...pixel(x, y).map((part, index) => Math.abs(part - own[index])));
  }
  return most;
}

// Opens the shell and keeps every frame that is painted.
async function frames(items, files) {
  player.list([program(items, { files })]);
  tab = await open(browser, `${player.address}/screens/a/`);
  const session = await tab.context().newCDPSession(tab);
  const seen = [];
  session.on("Page.screencastFrame", ({ data, sessionId }) => {
    seen.push(Buffer.from(data, "base64"));
    session.send("Page.screencastFrameAck", { sessionId }).catch(() => {});
  });
  await session.send("Page.startScreencast", { format: "png", everyNthFrame: 1 });
  return seen;
}

const clean = (seen) => assert.deepEqual(seen.map((png) => unevenness(png)).filter((each) => each > 40), [], `of ${seen.length} frames`);
const moving = () => inFront(tab, () => document.querySelector("video")?.currentTime ?? 0);

test("a film has no control of the browser at its beginning, while it plays and after its end", async () => {
  player.now = at(8) + 500;
  const seen = await frames([["do", 2000, "red"], ["phim", 8000, "black", FILM]], [["assets/v.webm", short]]);
  await stands(tab, "phim");
  await until("the end", () => inFront(tab, () => document.querySelector("video").ended), 8000);
  // The browser hides its bar some seconds after a start, and shows it whenever a film stands.
  await pause(3000);
  assert.equal(await front(tab), "phim");
  seen.push(await tab.screenshot());
  assert.ok(seen.length > 15, `${seen.length} frames`);
  clean(seen);
});

test("a film has no control of the browser while it is paused, under the pointer and in focus", async () => {
  player.now = at(8) + 200;
  const seen = await frames([["phim", 20000, "black", FILM]], [["assets/v.webm", long]]);
  await stands(tab, "phim");
  await tab.mouse.move(100, 80);
  for (let round = 0; round < 3; round++) {
    await inFront(tab, () => {
      document.querySelector("video").pause();
      document.querySelector("video").focus();
    });
    seen.push(await tab.screenshot());
    await tab.mouse.move(120 + round, 120);
    await pause(300);
  }
  clean(seen);
});

test("a film that stalls has no control of the browser, is tried once more, and gives way to the card", async () => {
  player.stops = 65536;
  player.now = at(8) + 200;
  const seen = await frames([["phim", 40000, "black", FILM], ["do", 20000, "red"]], [["assets/v.webm", long]]);
  await stands(tab, "phim");
  let still = 0;
  for (let before = -1, now; before !== (now = await moving()); before = now) await pause(400);
  const since = performance.now();
  await until("the card", async () => {
    if ((await tab.evaluate(() => document.body.dataset.state)) === "card") return true;
    still = performance.now() - since;
    return false;
  }, 25000);
  assert.ok(still < 14000, `stood still for ${still} ms`);
  clean(seen.slice(0, -2));
  assert.ok(player.plays.some((play) => play.slide === "phim" && play.outcome === "failed"));
  // The timetable says what is next, and when.
  player.now = at(8, 0, 39);
  player.stops = Infinity;
  await stands(tab, "do", 8000);
});

test("after a film's end its last picture stands until the slide is over, and not longer", async () => {
  player.now = at(8) + 200;
  await frames([["phim", 5000, "black", FILM], ["do", 2000, "red"]], [["assets/v.webm", short]]);
  await stands(tab, "phim");
  await until("the end", () => inFront(tab, () => document.querySelector("video").ended), 6000);
  const [red, green] = pixels(await tab.screenshot()).at(120, 70);
  assert.ok(red > 200 && green > 100 && green < 200, `rgb(${red}, ${green}, …) after the end`);
  await stands(tab, "do", 4000);
  const late = player.now - at(8) - 5000;
  assert.ok(late < 700, `${late} ms late`);
  await until("its play", () => player.plays.some((play) => play.slide === "phim" && play.outcome === "shown"));
});

test("a film whose file does not say how long it is plays, also from the middle of its slide", async () => {
  const live = film(8, "anoisesrc=r=44100", ["-live", "1"]);
  for (const into of [200, 4000]) {
    player.now = at(8) + into;
    await frames([["phim", 8000, "black", FILM], ["do", 2000, "red"]], [["assets/v.webm", live]]);
    await stands(tab, "phim");
    await until("its place in the film", async () => Math.abs((await moving()) - (player.now - at(8)) / 1000) < 0.5, 3000);
    await stands(tab, "do", 9000);
    await tab.context().close();
  }
  assert.deepEqual(player.plays.filter((play) => play.slide === "phim").map((play) => play.outcome), ["shown", "shown"]);
});

// The files that `build` makes of one film slide with these keys, on faces of three sizes.
function built(keys, captions, from = "00:00.000") {
  const folder = mkdtempSync(join(tmpdir(), "bangtin-captions-"));
  const content = join(folder, "content");
  cpSync(new URL("../check/sound/content", import.meta.url), content, { recursive: true });
  cpSync(new URL("../../themes", import.meta.url), join(content, "themes"), { recursive: true });
  rmSync(join(content, "slides"), { recursive: true });
  const slides = join(content, "slides/du-lich");
  mkdirSync(slides, { recursive: true });
  const put = (name, change) => writeFileSync(join(content, name), change(readFileSync(join(content, name), "utf8")));
  put("bangtin.yaml", (text) => text.replace("theme: plain", "theme: caobang"));
  const faces = FACES.map(([width, height], index) => `  - {id: ${"abc"[index]}, width: ${width}, height: ${height}}`).join("\n");
  put("sites/ta-lung.yaml", (text) => text.replace(/screens:[^]*hours:/, `screens:\n${faces}\nhours:`));
  for (const period of ["2026-12", "evergreen"]) put(`playlists/${period}/province.yaml`, (text) => text.replace(/ {2}- slide: .*\n/, ""));
  writeFileSync(join(slides, "v.webm"), long);
  writeFileSync(join(slides, "v.vtt"), `WEBVTT\n\n${from} --> 00:20.000\n${captions}\n`);
  writeFileSync(join(slides, "phim.md"), `---\nagency: so-tttt\ncategory: du-lich\nlayout: video\nvideo: v.webm\ncaptions: v.vtt\n${keys}\n---\n`);
  const out = join(folder, "out");
  execFileSync(`${process.env.BANGTIN_BIN}/bangtin`, ["--content", content, "build", "--month", "2026-12", "--site", "ta-lung", "--out", out], { stdio: "pipe" });
  const root = join(out, "ta-lung/2026-12");
  const names = readdirSync(root, { recursive: true }).filter((name) => statSync(join(root, name)).isFile());
  const files = new Map(names.map((name) => [name, readFileSync(join(root, name))]));
  rmSync(folder, { recursive: true });
  return files;
}

// Lists a program of this one page; gives its address.
function list(files, width, height) {
  const own = program([["phim", 60000, "black"]], { width, height });
  own.files = files;
  const path = `slides/du-lich/phim@${width}x${height}.html`;
  own.manifest.slides.phim.pages[`${width}x${height}`] = path;
  player.list([own]);
  return `${player.address}/p/${own.digest}/${path}`;
}

const FACES = [[1280, 720], [640, 320], [384, 768]];
const LONG = "Lễ hội Lồng tồng của đồng bào Tày, Nùng ở các xã biên giới huyện Quảng Hòa và Trùng Khánh";
const SPOKEN = "Mỗi độ xuân về, bà con lại xuống đồng cày những đường cày đầu tiên của năm mới, cầu cho mưa thuận gió hòa, mùa màng tươi tốt";

for (const [name, keys, captions] of [
  ["a short title", "title: Lễ hội", "Xuân về."],
  ["a long title and long captions", `title: ${LONG}`, SPOKEN],
  ["a subtitle and a credit", `title: ${LONG}\nsubtitle: Một năm mới mùa màng tươi tốt\ncredit: Đài Truyền thanh và Truyền hình`, SPOKEN],
  ["captions of three lines", `title: ${LONG} năm 2026, từ mồng tám tháng Giêng\ncredit: Lan`, "Dòng một của phụ đề\nDòng hai của phụ đề\nDòng ba của phụ đề"],
]) {
  test(`captions stand clear of the title: ${name}`, async () => {
    const files = built(keys, captions);
    for (const [width, height] of FACES) {
      list(files, width, height);
      player.now = at(8) + 200;
      tab = await open(browser, `${player.address}/screens/a/`, { width, height });
      await until("the page", async () => (await front(tab)).endsWith("phim"), 40000);
      // What the captions paint is what changes when they are hidden; the browser tells no place.
      await until("captions", () => inFront(tab, () => document.querySelector("video").textTracks[0]?.activeCues?.length), 40000);
      const freeze = () => inFront(tab, () => document.querySelector("video").pause());
      await until("the end", () => inFront(tab, () => document.querySelector("video").currentTime > 1));
      await freeze();
      const shot = async (mode) => {
        await inFront(tab, new Function(`document.querySelector("video").textTracks[0].mode = "${mode}"`));
        await pause(250);
        return pixels(await tab.screenshot());
      };
      let top = height;
      await until(`${width}x${height}: captions that are seen`, async () => {
        const [without, with_] = [await shot("hidden"), await shot("showing")];
        for (let y = 0; y < height && top === height; y++) {
          for (let x = 0; x < width; x += 2) if (without.at(x, y).some((part, index) => Math.abs(part - with_.at(x, y)[index]) > 60)) top = Math.min(top, y);
        }
        return top < height;
      }, 40000);
      const texts = await inFront(tab, () => [".copy", ".credit"].flatMap((box) => [...document.querySelectorAll(box)]).map((box) => {
        const range = document.createRange();
        range.selectNodeContents(box);
        const { top, bottom } = range.getBoundingClientRect();
        return { top, bottom };
      }));
      const [title, credit = title] = texts;
      assert.ok(credit === title || credit.top >= title.bottom, `${width}x${height}: ${JSON.stringify(texts)}`);
      assert.ok(credit.bottom <= top, `${width}x${height}: title and credit end at ${credit.bottom}, the captions begin at ${top}`);
      await tab.context().close();
    }
  });
}

test("a page of the theme has no control of the browser where no shell shows it", async () => {
  const address = list(built("title: Lễ hội", "Xuân về.", "00:02.000"), 1280, 720);
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(address);
  await page.mouse.move(600, 300);
  await pause(500);
  assert.ok(unevenness(await page.screenshot(), { left: 100, top: 200, right: 1180, bottom: 660 }) < 40);
  await context.close();
});
