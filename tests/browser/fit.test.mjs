// Fitting and measuring: how far text grows and shrinks, what is said about a page that does not fit, and what the measure finds.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Player, at, launch, open, program, stands, until } from "./harness.mjs";

let browser;
let player;

before(async () => {
  browser = await launch();
  player = await Player.start();
});
after(async () => {
  await browser.close();
  await player.stop();
});

const words = (count) => Array.from({ length: count }, (_, index) => `chữ${index + 1}`).join(" ");
const box = (text) => `<div class="box" data-fit><p>${text}</p></div>`;

// Loads a page of these elements into a frame of a face's size, as the office's pages do, and measures it.
async function measured(body, { css = "", floor, files = [], width = 640, height = 360 } = {}) {
  const sheet = '<link rel="stylesheet" href="../theme/own.css">';
  player.list([program([["do", 60000, "teal", sheet + body]], { width, height, files: [["theme/own.css", css], ...files] })]);
  player.now = at(10);
  const tab = await open(browser, `${player.address}/screens/a/`, { width, height });
  await stands(tab, "do");
  const found = await tab.evaluate(async ([w, h, lowest]) => {
    const { faults, measured: measure } = await import("./measure.js");
    const shown = document.querySelector("#face.second iframe:nth-child(2), #face:not(.second) iframe");
    const frame = Object.assign(document.createElement("iframe"), { sandbox: "allow-same-origin" });
    Object.assign(frame.style, { position: "fixed", visibility: "hidden", width: `${w}px`, height: `${h}px` });
    document.body.append(frame);
    const loaded = new Promise((go) => frame.addEventListener("load", go, { once: true }));
    frame.contentWindow.location.replace(shown.contentWindow.location.href);
    await loaded;
    if (lowest) frame.contentDocument.documentElement.dataset.floor = lowest;
    const result = await measure(frame.contentDocument);
    return { ...result, faults: faults(result) };
  }, [width, height, floor]);
  await tab.context().close();
  return found;
}

test("text grows to fill its box, up to a quarter or the theme's own limit", async () => {
  assert.equal((await measured(box("Vài chữ"))).fit, 1.25);
  assert.equal((await measured(box("Vài chữ"), { css: ".box{--grow:1}" })).fit, 1);
  const { fit, faults } = await measured(box(words(30)));
  assert.ok(fit > 0.5 && fit < 1.25, `--fit ${fit}`);
  assert.deepEqual(faults, []);
});

test("fitting stops at the floor of the face, and the first lost words are told", async () => {
  for (const floor of [undefined, 12]) {
    const { fit, floor: lowest, overflow, smallest, faults } = await measured(box(words(900)), { floor });
    assert.equal(lowest, floor ?? 7.2);
    assert.ok(Math.abs(smallest.px - lowest) < 0.2, `letters of ${smallest.px} at a floor of ${lowest}`);
    assert.ok(fit > 0.2 && fit < 0.6);
    const [{ fitted, firstWords, px }] = overflow;
    const first = Number(firstWords.match(/^chữ(\d+) chữ/)[1]);
    assert.ok(fitted && px > 10 && first > 50 && first < 900, JSON.stringify(overflow));
    assert.deepEqual(faults.map(({ code, severity }) => [code, severity]), [["text-lost", "error"]]);
  }
});

test("lost words that stand elsewhere on the page too are told until they differ", async () => {
  const item = (_, number) => `<p>Nộp hồ sơ đăng ký tạm trú tại bộ phận một cửa của xã trong giờ làm việc (mục ${number})</p>`;
  const { overflow: [{ firstWords }] } = await measured(box(Array.from({ length: 60 }, item).join("")));
  assert.match(firstWords, /\(mục \d+\)/);
});

test("letters that are smaller than the floor by the theme grow to it", async () => {
  const { fit, smallest, faults } = await measured(box("<small>Nhỏ</small>"), { css: "small{font-size:calc(var(--fit,1)*5px)}", floor: 7 });
  assert.ok(fit > 1.25 && Math.abs(smallest.px - 7) < 0.2, JSON.stringify(smallest));
  assert.deepEqual(faults, []);
});

test("text that is not fitted is a warning below the floor and an error below half of it, and is lost where its box cuts it", async () => {
  const foot = (size) => measured(`<p class="foot">Chân trang</p>`, { css: `.foot{position:fixed;bottom:9px;font-size:${size}px}`, floor: 10 });
  assert.deepEqual((await foot(15)).faults, []);
  assert.deepEqual((await foot(10)).faults.map(({ code, severity, box: where }) => [code, severity, where]), [["letters-small", "warning", "foot"]]);
  assert.deepEqual((await foot(6)).faults.map(({ code, severity }) => [code, severity]), [["letters-small", "error"]]);
  const cut = ".foot{width:200px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;font-size:20px}";
  const { overflow } = await measured(`<p class="foot">Thông tin cơ sở của tỉnh nhà</p>`, { css: cut });
  assert.equal(overflow.length, 1);
  assert.match(overflow[0].firstWords, /tỉnh nhà$/);
  assert.deepEqual(await measured('<p class="foot">Thông tin</p>', { css: cut }).then(({ overflow: none }) => none), []);
  // What nobody is to read is not lost.
  const hidden = await measured('<p class="a">Ẩn</p><p class="b">Ẩn</p>', { css: ".a{display:none}.b{visibility:hidden;font-size:1px}" });
  assert.deepEqual([hidden.letters, hidden.overflow, hidden.smallest], [[], [], null]);
});

test("a date that its box cuts is lost", async () => {
  const date = (width) => measured('<p class="foot" data-date></p>', {
    css: `p{display:inline-block;contain:size layout paint;width:${width}px;height:1lh;margin:0;white-space:nowrap;font:20px/1.4 sans-serif}`,
  });
  const { overflow: [cut], faults } = await date(100);
  assert.equal(cut.firstWords, "Thứ Tư, ngày 23/12/2026");
  assert.ok(cut.px > 50, JSON.stringify(cut));
  assert.deepEqual(faults.map(({ code, severity }) => [code, severity]), [["text-lost", "error"]]);
  assert.deepEqual((await date(400)).overflow, []);
});

test("names torn at a line end, pictures cut by their box and characters that no font of the page has are found", async () => {
  const { brokenNames } = await measured("<p>ở Việt Nam đây</p>", { css: "p{width:3.4em;font-size:30px}" });
  assert.deepEqual(brokenNames, ["Việt Nam"]);
  assert.deepEqual((await measured("<p>ở Việt Nam đây</p>", { css: "p{width:9em}" })).brokenNames, []);
  const picture = readFileSync(new URL("../../content/slides/du-lich/ban-gioc.jpg", import.meta.url));
  const img = (height) => measured('<img src="../assets/a.png">', { css: `img{width:200px;height:${height}px;object-fit:cover}`, files: [["assets/a.png", picture]] });
  assert.deepEqual((await img(120)).cutPictures, []);
  const [{ src, seen }] = (await img(30)).cutPictures;
  assert.ok(src === "../assets/a.png" && seen > 0.1 && seen < 0.4, `seen ${seen}`);
  const font = readFileSync(new URL("../../themes/caobang/fonts/be-vietnam-pro-500.woff2", import.meta.url));
  const css = "@font-face{font-family:Own;font-weight:400;src:url(own.woff2)}p{font:30px Own,sans-serif}";
  const { missingGlyphs, faults } = await measured("<p>Chữ Ẫ, 漢 và 😀</p>", { css, files: [["theme/own.woff2", font]] });
  assert.equal(missingGlyphs, "漢😀");
  assert.deepEqual(faults.map(({ code, severity }) => [code, severity]), [["glyph-missing", "error"]]);
});

test("a slide that loses words is shown, and its play record says so", async () => {
  player.plays.length = 0;
  player.list([program([["dai", 2000, "teal", box(words(900))], ["vua", 2000, "navy", box("Vừa")]])]);
  player.now = at(10);
  const tab = await open(browser, `${player.address}/screens/a/`);
  await stands(tab, "dai");
  const plays = (name) => player.plays.filter(({ slide }) => slide === name);
  await until("a record of both", () => plays("dai").length && plays("vua").length, 20000);
  assert.deepEqual([plays("dai")[0].outcome, plays("dai")[0].overflow], ["shown", true]);
  assert.equal("overflow" in plays("vua")[0], false);
  assert.deepEqual(tab.faults, []);
  await tab.context().close();
});

test("what a player's screen loads stays small: modules and style, each gzipped", () => {
  const folder = new URL("../../player/", import.meta.url);
  const loaded = readdirSync(folder).filter((name) => /\.(js|css)$/.test(name) && !["measure.js", "operator.css", "operator.js"].includes(name));
  const bytes = loaded.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length, 0);
  assert.ok(bytes < 17 * 1024, `${bytes} bytes in ${loaded.length} files`);
});
