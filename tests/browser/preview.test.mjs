// The real `bangtin preview` on the sample content, in Chromium.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, open, until } from "./harness.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
const binary = join(process.env.BANGTIN_BIN ?? join(ROOT, "target/debug"), "bangtin");
let browser;
let folder;
let child;
let address;

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "bangtin-preview-test-"));
  for (const part of ["content", "themes"]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  child = spawn(binary, ["--content", join(folder, "content"), "--lang", "en", "preview", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  while (!printed.includes("\n")) printed += String((await once(child.stdout, "data"))[0]);
  address = printed.match(/http:\S+/)[0];
});
after(async () => {
  child.kill();
  await browser.close();
  rmSync(folder, { recursive: true });
});

const inFront = (tab) => tab.evaluate(() => {
  const shell = document.getElementById("shell").contentDocument;
  const face = shell?.getElementById("face");
  if (shell?.body?.dataset.state !== "slide") return "";
  return face.querySelectorAll("iframe")[face.classList.contains("second") ? 1 : 0].contentDocument?.body?.textContent ?? "";
});

test("a saved slide is seen without a reload, and its fault in its place", async () => {
  const tab = await open(browser, `${address}?site=ta-lung&period=2026-12&screen=a&t=2026-12-03T10:15:05`, { width: 1280, height: 800 });
  await until("a slide", () => inFront(tab), 60000);
  const file = (await tab.textContent("#who")).split(" · ").at(-1);
  await tab.evaluate(() => { window.same = true; });
  const path = join(folder, "content/slides", file);
  const whole = readFileSync(path, "utf8");
  writeFileSync(path, `${whole}\n\nDấu vết của lần lưu này.\n`);
  await until("the saved words", async () => (await inFront(tab)).includes("Dấu vết của lần lưu này"), 15000);
  writeFileSync(path, whole.replace("layout:", "layuot:"));
  await until("the fault", async () => (await inFront(tab)).includes("layuot"), 15000);
  await until("the list of faults", () => tab.isVisible("#faults"));
  writeFileSync(path, whole);
  await until("the fixed slide", async () => (await tab.isHidden("#faults")) && !(await inFront(tab)).includes("layuot"), 15000);
  assert.equal(await tab.evaluate(() => window.same), true);
  assert.deepEqual(tab.faults, []);
});
