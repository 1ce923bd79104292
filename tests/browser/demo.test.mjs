// The whole chain: `bangtin demo` at a chosen moment, its player's shell in Chromium, and `bangtin at` name the same slide.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { front, launch, open, until } from "./harness.mjs";

const bangtin = `${process.env.BANGTIN_BIN}/bangtin`;
const content = fileURLToPath(new URL("../../content", import.meta.url));

let browser;
let demo;
before(async () => { browser = await launch(); });
after(async () => {
  await browser.close();
  demo?.kill();
});

test("the shell shows what `at` names at that moment", async () => {
  demo = spawn(bangtin, ["--content", content, "demo", "--json", "--site", "ta-lung", "--at", "2026-12-03T10:15"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await new Promise((done) => createInterface({ input: demo.stdout }).once("line", (text) => done([text])));
  const { address } = JSON.parse(line).sites[0];
  const tab = await open(browser, `${address}screens/a/`, { width: 1920, height: 1080 });
  await until("a slide", () => front(tab), 20000);
  // Asks between two equal observations of the page, so that no change of slide falls in between.
  let agreed;
  for (let tries = 0; !agreed && tries < 10; tries++) {
    const shown = await front(tab);
    const { now } = await (await fetch(`${address}clock`)).json();
    if (shown !== (await front(tab))) continue;
    const moment = new Date(now).toISOString().replace(/\.\d+Z/, "Z");
    const told = JSON.parse(execFileSync(bangtin, ["--content", content, "at", "ta-lung", moment, "--screen", "a", "--json"], { encoding: "utf8" }));
    const left = told.ms - told.into;
    if (left > 1500 && told.into > 500) agreed = { shown, told: told.slide };
    else await new Promise((go) => setTimeout(go, 700));
  }
  assert.ok(agreed, "no quiet moment between two changes");
  assert.ok(agreed.shown.includes(agreed.told), `${agreed.shown} in Chromium, ${agreed.told} by the timetable`);
  assert.deepEqual(tab.faults, []);
});
