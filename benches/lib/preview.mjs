// Saves a slide again and again and measures when Chromium shows it: `node preview.mjs BANGTIN CONTENT FILE SAVES`; prints the milliseconds
// of each save, of `saves`, and the CPU of the idle preview with three tabs, in percent, as JSON.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { launch, open, until } from "../../tests/browser/harness.mjs";

const [binary, content, file, saves] = process.argv.slice(2);
const soon = (ms) => new Promise((go) => setTimeout(go, ms));
const child = spawn(binary, ["--content", content, "--lang", "en", "preview", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
let printed = "";
for await (const part of child.stdout) if ((printed += part).includes("\n")) break;
const address = printed.match(/http:[^\s?]+/)[0];
const browser = await launch();

const view = `${address}?site=cum-00&period=2026-12&screen=a&t=`;
const tab = await open(browser, `${view}2026-12-03T09:00:00`, { width: 1280, height: 800 });
// When the front frame holds a text, in milliseconds since 1970.
await tab.evaluate(() => {
  window.seen = (text) => new Promise((go, fail) => {
    const end = performance.now() + 60_000;
    const look = () => {
      const shell = document.getElementById("shell").contentDocument;
      const face = shell?.getElementById("face");
      const front = face?.querySelectorAll("iframe")[face.classList.contains("second") ? 1 : 0];
      if (shell?.body?.dataset.state === "slide" && front.contentDocument?.body?.textContent.includes(text)) go(performance.timeOrigin + performance.now());
      else if (performance.now() > end) fail(new Error(`“${text}” is not on the screen after a minute`));
      else requestAnimationFrame(look);
    };
    look();
  });
});
await tab.evaluate(() => window.seen(" "));
const name = file.match(/slides\/(.*)\.md$/)[1];
await until("the row of the slide", () => tab.evaluate((id) => [...document.querySelectorAll("#list button")].find((each) => each.textContent.includes(id)), name).then(Boolean));
const whole = readFileSync(file, "utf8");
const times = [];
for (let save = 0; save < Number(saves); save++) {
  await tab.evaluate((id) => [...document.querySelectorAll("#list button")].find((each) => each.textContent.includes(id)).click(), `${name}.md`);
  await soon(700);
  // One word: between words the tool may put other spaces.
  const mark = `dau${save}x${Math.random().toString(36).slice(2)}`;
  const shown = tab.evaluate((text) => window.seen(text), mark);
  await soon(50);
  const written = performance.timeOrigin + performance.now();
  writeFileSync(file, `${whole}\n${mark}\n`);
  times.push((await shown) - written);
}
writeFileSync(file, whole);
await soon(1000);
const tabs = [tab];
for (const moment of ["2026-12-03T09:10:00", "2026-12-03T09:20:00"]) tabs.push(await open(browser, view + moment, { width: 1280, height: 800 }));
// Idle once no page is measured in the background any more.
const measures = () => Promise.all(tabs.map((each) => each.evaluate(() => document.querySelectorAll("iframe.measuring").length)));
for (let quiet = 0; quiet < 10; await soon(500)) quiet = (await measures()).some(Boolean) ? 0 : quiet + 1;
const ticks = () => readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).reduce((all, each) => all + Number(each), 0);
const before = ticks();
await soon(10000);
console.log(JSON.stringify({ saves: times, idle: (ticks() - before) / 10 }));
await browser.close();
child.kill();
