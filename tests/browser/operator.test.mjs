// The operator's page of a real player in Chromium: it can be read on every width, and it keeps what it said when the player is gone.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { contrast, launch, open, until } from "./harness.mjs";
import { publish } from "./store.mjs";

const program = `${process.env.BANGTIN_BIN}/bangtin-player`;
const WIDTHS = [360, 768, 1366, 1920];
const ID = "xuc-tien-dau-tu/cua-khau-ta-lung-bien-gioi";

let browser;
let folder;
let player;
before(async () => {
  browser = await launch();
  // As deep as a data folder may well be.
  folder = join(mkdtempSync(join(tmpdir(), "bangtin-operator-")), "thu-muc-du-lieu-cua-dau-phat-tai-cua-khau-quoc-te-ta-lung");
  mkdirSync(folder);
  publish(folder, { [ID]: "<!doctype html><title>x</title>" }, { itemMs: 60000, screens: ["a", "b", "c"] });
});
after(async () => {
  await browser.close();
  await stop();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

// Starts the player with these changes to its configuration, on the port that it had.
async function start(change = {}) {
  const path = join(folder, "player.json");
  const listen = player ? player.address.slice("http://".length, -1) : "127.0.0.1:0";
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path)), name: "Cửa khẩu Tà Lùng", listen, ...change }));
  const child = spawn(program, ["run", "--config", path], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await new Promise((done) => createInterface({ input: child.stdout }).once("line", (text) => done([text])));
  player = { child, address: `${line.trim().replace(/\/$/, "")}/` };
  await until("the program", async () => (await (await fetch(`${player.address}health.json`)).json()).programs.length);
}

async function stop() {
  if (!player || player.child.exitCode !== null) return;
  const ended = new Promise((go) => player.child.once("exit", go));
  player.child.kill();
  await ended;
}

const at = (width, look) => async () => {
  const tab = await open(browser, player.address, { width, height: 800 });
  try {
    return await look(tab);
  } finally {
    await tab.context().close();
  }
};

test("the page says which player it is, and shows equal screens once, on every width", async () => {
  await start();
  for (const width of WIDTHS) {
    await at(width, async (tab) => {
      assert.equal(await tab.title(), "Cửa khẩu Tà Lùng · ta-lung-1");
      assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth), width);
      assert.equal(await tab.locator("section").count(), 1);
      assert.match(await tab.locator("h2").innerText(), /^Màn hình a, b, c\s+Screens a, b, c$/);
      assert.deepEqual(await tab.locator("a").evaluateAll((all) => all.map((each) => each.getAttribute("href"))), ["/watch/a/", "/watch/b/", "/watch/c/"]);
      assert.match(await tab.locator(".note").innerText(), /evergreen program “Thử”/);
      // No id, and no part of a long one, is torn at a hyphen.
      assert.equal(await tab.locator("header .whole").first().textContent(), "ta-lung-1");
      const lines = await tab.locator("header .whole, .id .whole").evaluateAll((parts) => parts.map((part) => Math.round(part.offsetHeight / parseFloat(getComputedStyle(part).lineHeight))));
      assert.deepEqual(lines, [1, 1, 1]);
      for (const part of ["header p", "h1", "header [lang=en]", "h2", ".note [lang=en]", "a", "dt", "dt [lang=en]", "dd"]) assert.ok((await contrast(tab, part)) >= 4.5, part);
      assert.deepEqual(tab.faults, []);
    })();
  }
});

test("the page stays when the player ends, says so and what to do, and follows when the player is back", async () => {
  await at(768, async (tab) => {
    const head = () => tab.locator("h1").first().innerText();
    const before = await head();
    await stop();
    await until("the news", async () => (await head()).startsWith("Mất liên lạc với đầu phát từ "), 20000);
    assert.match(await tab.locator("header p").first().innerText(), /^Cửa khẩu Tà Lùng · ta-lung-1$/);
    assert.match(await tab.locator("aside").first().innerText(), /Kiểm tra nguồn điện của máy/);
    assert.equal(await tab.locator("h1").nth(1).innerText(), before, "what it said last");
    assert.equal(await tab.locator("section").count(), 1);
    await new Promise((go) => setTimeout(go, 4000));
    assert.equal(await tab.locator("header").count(), 2, "told once");
    await start();
    await until("the player", async () => (await tab.locator("header").count()) === 1, 20000);
    assert.equal(await head(), before);
  })();
});

test("a fault with a long path has a short headline, and nothing is wider than the window", async () => {
  await stop();
  writeFileSync(join(folder, "data/state.a"), "hỏng");
  await start({ store: ["http://127.0.0.1:9/"] });
  for (const width of WIDTHS) {
    await at(width, async (tab) => {
      assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth), width);
      assert.match(await tab.locator("h1").innerText(), /^Cần xử lý: không đọc được một bản trạng thái, đã cất thành state\.a\.\w+$/);
      assert.ok((await tab.locator("aside").innerText()).includes(join(folder, "data/state.a.")));
    })();
  }
});
