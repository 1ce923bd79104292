// The kiosk's managed policy in Chromium: every key is known, every value is accepted, and only the player is reachable.
// Never compares a value of the file with itself. egress.test.mjs runs the show under the policy.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { until } from "./harness.mjs";

const POLICY = JSON.parse(readFileSync(new URL("../../player/system/chromium-policy.json", import.meta.url), "utf8"));
// Managed policy has one path on a machine; a mount namespace gives one browser a different file there.
const unshare = process.getuid() === 0 ? ["--mount"] : ["--map-root-user", "--mount"];
const skip = spawnSync("unshare", [...unshare, "true"]).status !== 0 && "no mount namespaces here";
let folder;
let server;
let player;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "bangtin-policy-"));
  mkdirSync(join(folder, "etc/policies/managed"), { recursive: true });
  const line = `mount --bind '${folder}/etc' /etc/chromium && exec ${process.env.CHROMIUM ?? "/usr/bin/chromium"} "$@"`;
  writeFileSync(join(folder, "chromium"), `#!/bin/sh\nexec unshare ${unshare.join(" ")} --kill-child sh -c '${line.replaceAll("'", "'\\''")}' chromium "$@"\n`);
  chmodSync(join(folder, "chromium"), 0o755);
  server = createServer((_, answer) => answer.end("<!doctype html><title>player</title>"));
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  player = `http://127.0.0.1:${server.address().port}`;
});
after(async () => {
  server.closeAllConnections();
  await new Promise((go) => server.close(go));
  rmSync(folder, { recursive: true, force: true });
});

// Chromium under the installed policy, except for the player's port and the changes given here.
const install = (change) => writeFileSync(join(folder, "etc/policies/managed/bangtin.json"), JSON.stringify({ ...POLICY, URLAllowlist: [player], ...change }));
const options = () => ({ executablePath: join(folder, "chromium"), args: ["--no-sandbox", "--disable-gpu"], timeout: 20000 });
// Allows a test to inspect the browser; the last test shows that the policy itself does not.
const WATCHED = { RemoteDebuggingAllowed: true, DeveloperToolsAvailability: 1 };

async function under(change, look) {
  install({ ...WATCHED, ...change });
  const browser = await chromium.launchPersistentContext(mkdtempSync(join(folder, "profile-")), options());
  try {
    return await look(browser);
  } finally {
    await browser.close();
  }
}

// Chromium's own policy page, by key.
const listed = (change) => under({ URLBlocklist: POLICY.URLBlocklist.filter((each) => !["*", "chrome://*"].includes(each)), ...change }, async (browser) => {
  const [tab] = browser.pages();
  await tab.goto("chrome://policy");
  const rows = () => tab.evaluate(() => {
    const found = [];
    const walk = (node) => {
      if (node.shadowRoot) walk(node.shadowRoot);
      if (node.classList?.contains("policy")) found.push([".name", ".messages"].map((cell) => node.querySelector(cell)?.textContent.trim()));
      for (const child of node.children ?? []) walk(child);
    };
    walk(document.documentElement);
    return found.filter(([name]) => name);
  });
  return Object.fromEntries(await until("the rows", async () => { const found = await rows(); return found.length > 20 && found; }));
});

test("a82 Chromium knows every key of the managed policy and takes its value", { skip }, async () => {
  const wrong = (told, keys) => keys.filter((key) => !["OK", "Deprecated"].includes(told[key]));
  assert.deepEqual(wrong(await listed({}), Object.keys(POLICY)), []);
  const bent = await listed({ NoSuchPolicy: 1, QuicAllowed: "no" });
  assert.deepEqual(wrong(bent, [...Object.keys(POLICY), "NoSuchPolicy"]), ["QuicAllowed", "NoSuchPolicy"], "the page names what is wrong");
});

test("a82 under the managed policy no other address, page of the browser or file is reached", { skip }, async () => {
  const others = ["https://example.org/", "http://127.0.0.2:1/", "http://127.0.0.1:1/", `${player.replace("127.0.0.1", "localhost")}/`, "chrome://version", "chrome://policy",
    "devtools://devtools/bundled/inspector.html", "file:///etc/passwd", "data:text/html,x", `view-source:${player}/`, "ftp://x/", "filesystem:http://x/y"];
  await under({}, async (browser) => {
    const reach = async (address) => {
      const tab = await browser.newPage();
      return tab.goto(address, { timeout: 10000 }).then(() => "reached", (failure) => failure.message.split(" at ")[0]);
    };
    assert.equal(await reach(`${player}/`), "reached");
    for (const address of others) assert.equal(await reach(address), "page.goto: net::ERR_BLOCKED_BY_ADMINISTRATOR", address);
  });
});

test("a82 under the managed policy no tool looks into the browser", { skip }, async () => {
  install({});
  await assert.rejects(chromium.launch(options()), /remote debugging is disallowed by the system admin/);
});
