// A withdrawn slide leaves the screen while a download of hours goes on: the real player on a slow server, the real shell in Chromium.
// Prints the seconds from the moment at which the withdrawal is written to the store until the slide is gone. POLL: seconds between looks.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { front, launch, open, until } from "./harness.mjs";
import { publish } from "./store.mjs";

const POLL = Number(process.env.POLL ?? 60);
const PLAYER = join(process.env.BANGTIN_BIN ?? "target/debug", "bangtin-player");
// Bytes of the film that comes, and of it a second: three hours.
const [FILM, RATE] = [60_000_000, 5_000];

const page = (name) => `<!doctype html><html lang="vi"><meta charset="utf-8"><title>${name}</title><body><h1>${name}</h1>`;

// Serves a store; what is big comes slowly.
async function serve(store) {
  const server = createServer((request, answer) => {
    const path = join(store, request.url);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return answer.writeHead(404).end();
    if (size < 1_000_000) {
      answer.writeHead(200, { "content-length": size });
      return createReadStream(path).pipe(answer);
    }
    const from = Number(request.headers.range?.match(/^bytes=(\d+)-/)?.[1] ?? 0);
    answer.writeHead(from ? 206 : 200, { "content-length": size - from, ...(from && { "content-range": `bytes ${from}-${size - 1}/${size}` }) });
    const [body, began] = [readFileSync(path), from];
    let at = began;
    const more = setInterval(() => { answer.write(body.subarray(at, at += RATE)); }, 1000);
    answer.on("close", () => clearInterval(more));
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  return server;
}

test("a withdrawn slide leaves the screen within a look while a download of hours goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bangtin-dark-"));
  const names = ["do", "xanh"];
  // The slide on the screen is due for the rest of the hour, so nothing but the withdrawal takes it away.
  const site = publish(folder, Object.fromEntries(names.map((name) => [name, page(name)])), { itemMs: 40 * 3600000 });
  const server = await serve(join(folder, "store"));
  writeFileSync(site.config, JSON.stringify({ ...JSON.parse(readFileSync(site.config)), poll_seconds: POLL, store: [`http://127.0.0.1:${server.address().port}`] }));
  const child = spawn(PLAYER, ["run", "--config", site.config], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const browser = await launch();
  try {
    const address = (await new Promise((go) => createInterface({ input: child.stdout }).once("line", go))).trim();
    const tab = await open(browser, `${address}screens/a/`);
    const shown = await until("a slide", () => front(tab), 30000);
    site.next(Object.fromEntries([...names, "phim"].map((name) => [name, page(name)])), { "assets/v.webm": randomBytes(FILM) });
    const parts = () => readdirSync(join(folder, "data/store"), { recursive: true }).filter((name) => name.startsWith("parts/")).reduce((sum, name) => sum + statSync(join(folder, "data/store", name)).size, 0);
    await until("the download", () => parts() > 0, (POLL + 20) * 1000);
    const before = parts();
    site.withdraw(site.program, [shown]);
    const began = performance.now();
    await until("the slide to leave", async () => (await front(tab)) !== shown, (POLL + 15) * 1000);
    const took = (performance.now() - began) / 1000;
    console.log(`gone ${took.toFixed(1)} s after the withdrawal was written, with ${POLL} s between looks, under a slow download`);
    await until("the slide after it", async () => names.includes(await front(tab)), 10000);
    assert.notEqual(await front(tab), shown);
    await until("the rest of the download", () => parts() > before, 70000);
    // It stays away when the page is loaded anew.
    await tab.reload();
    await until("a slide", () => front(tab));
    assert.notEqual(await front(tab), shown);
  } finally {
    await browser.close();
    child.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
