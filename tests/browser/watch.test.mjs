// What people see who look at a screen from elsewhere: the mark above the picture, whatever the face and the window; and the built-in card.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Player, at, launch, marked, open, program, stands, until } from "./harness.mjs";

let browser;
let player;

before(async () => {
  browser = await launch();
  player = await Player.start();
  player.mark = { vi: "Chỉ xem, không ghi\u00a0vào\u00a0nhật\u00a0ký", en: "View only, not recorded" };
});
after(async () => {
  await browser.close();
  await player.stop();
});

const WINDOWS = [[360, 640], [768, 1024], [1366, 768], [1920, 1080]];

// Where the mark and the face are, and what stands in front at five places of the mark.
const placed = (tab) =>
  tab.evaluate(() => {
    const rect = (id) => document.getElementById(id).getBoundingClientRect();
    const [mark, face] = [rect("mark"), rect("face")];
    const front = [0.02, 0.25, 0.5, 0.75, 0.98].map((part) => document.elementFromPoint(innerWidth * part, mark.height / 2).id);
    const [left, right] = [face.left, innerWidth - face.right];
    return { front, below: face.top >= mark.bottom, within: face.bottom <= innerHeight + 0.5 && left >= -0.5, off: Math.abs(left - right) };
  });

test("the mark stands whole above the picture, which is centred below it", async () => {
  for (const [width, height] of [[1920, 1080], [384, 768], [1000, 200]]) {
    player.list([program([["do", 60000, "teal"]], { width, height, canvas: { w: 3840, h: 1080, x: 64, y: 32 } })]);
    for (const [wide, high] of WINDOWS) {
      for (const [hour, state] of [[8, "slide"], [20, "dark"]]) {
        player.now = at(hour);
        const tab = await open(browser, `${player.address}/screens/a/`, { width: wide, height: high });
        await until(state, () => tab.evaluate((wanted) => document.body.dataset.state === wanted, state));
        if (state === "slide") await stands(tab, "do");
        const found = await placed(tab);
        const where = `${width}×${height}, ${state}, in ${wide}×${high}`;
        assert.deepEqual(found.front, Array(5).fill("mark"), where);
        assert.ok(found.below && found.within && found.off < 1, `${where}: ${JSON.stringify(found)}`);
        const { whole, px } = await marked(tab);
        assert.ok(whole && px >= 11, `${where}: ${px} px, ${whole ? "whole" : "cut"}`);
        await tab.context().close();
      }
    }
  }
});

test("outside opening hours the mark says so, and a screen for the public stays black", async () => {
  player.list([program([["do", 60000, "teal"]])]);
  player.now = at(20);
  const { mark } = player;
  for (const [own, said] of [[mark, true], [null, false]]) {
    player.mark = own;
    const tab = await open(browser, `${player.address}/screens/a/`);
    await until("dark", () => tab.evaluate(() => document.body.dataset.state === "dark"));
    const { below } = await marked(tab);
    const seen = await tab.locator("#mark").isVisible();
    assert.ok(below.includes("Ngoài giờ hoạt động · Outside opening hours") && seen === said, below);
    await tab.context().close();
  }
  player.mark = mark;
});

test("the built-in card can be read on every face: a small one has only its one sentence, large and whole", async () => {
  player.list();
  const { mark } = player;
  player.mark = null;
  for (const [width, height, all, least] of [[1920, 1080, true, 100], [384, 768, true, 32], [640, 320, true, 32], [1000, 200, false, 60], [192, 96, false, 22], [128, 64, false, 16], [96, 192, false, 12]]) {
    const tab = await open(browser, `${player.address}/screens/a/`, { width, height });
    await until("card", () => tab.evaluate(() => document.body.dataset.state === "card"));
    const found = await tab.evaluate(() => {
      const floor = 0.02 * Math.min(innerWidth, innerHeight);
      return [...document.querySelectorAll("#card > *")].filter((each) => each.offsetHeight).map((each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        const size = parseFloat(getComputedStyle(each).fontSize);
        const whole = each.scrollWidth <= each.clientWidth && left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
        // Capitals take seven tenths of the size.
        return { name: each.tagName, size, whole, legible: size * 0.7 >= floor };
      });
    });
    const where = `${width}×${height}: ${JSON.stringify(found)}`;
    assert.equal(found.length, all ? 4 : 1, where);
    assert.ok(found.every(({ whole, legible }) => whole && legible), where);
    assert.ok(found.find(({ name }) => name === "H1").size >= least, where);
    await tab.context().close();
  }
  player.mark = mark;
});
