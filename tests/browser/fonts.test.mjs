// Fonts that pages take by need, in Chromium: cut down to a page's characters, they draw it as the whole fonts do.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch } from "./harness.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
const TYPES = { html: "text/html; charset=utf-8", css: "text/css", jpg: "image/jpeg", png: "image/png", woff2: "font/woff2" };
// The Latin marks of Vietnamese and of the other languages of the province; some letters have no character of their own.
const MARKS = "Ỗ Ẫ ỵ ạ̃ ẃ m̀ n̂ ẽ̂ Ữ, fi AV To.";
const SLIDE = "an-ninh/giu-moc-gioi";
let browser;
let folder;

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "bangtin-fonts-test-"));
  for (const part of ["content", "themes"]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  appendFileSync(join(folder, `content/slides/${SLIDE}.md`), `\n${MARKS}\n`);
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

function build(name) {
  const args = ["--content", join(folder, "content"), "build", "--month", "2026-12", "--site", "trung-khanh", "--out", join(folder, name)];
  execFileSync(`${process.env.BANGTIN_BIN}/bangtin`, args, { stdio: "pipe", env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") } });
  return join(folder, name, "trung-khanh/2026-12");
}

// Every weight of every font, cut for its page: the main fonts too.
function takeAllByNeed() {
  const theme = join(folder, "themes/caobang");
  const sheet = readFileSync(join(theme, "theme.css"), "utf8");
  const rules = sheet.match(/@font-face \{[^}]*\}\n/g);
  writeFileSync(join(theme, "theme.css"), sheet.replace(/@font-face \{[^}]*\}\n/g, ""));
  const byNeed = rules.map((rule) => rule.replaceAll("fonts/", "").replace(/;? \}/, "; unicode-range: U+20-2115,U+2117-218F,U+2194-245F,U+2500-25CE; }"));
  writeFileSync(join(theme, "fonts/main.css"), byNeed.join(""));
}

async function pictures(program) {
  const server = createServer((request, answer) => {
    const path = decodeURIComponent(request.url);
    try {
      const bytes = readFileSync(join(program, path));
      answer.writeHead(200, { "content-type": TYPES[path.split(".").pop()] ?? "text/plain" }).end(bytes);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const context = await browser.newContext({ viewport: { width: 640, height: 320 }, bypassCSP: true });
  const tab = await context.newPage();
  const [lost, shots] = [[], []];
  tab.on("response", (response) => { if (!response.ok() && response.url().includes("/theme/")) lost.push(response.url()); });
  for (const page of [`${SLIDE}@640x320`, `${SLIDE}.zh@640x320`, "co-so/chao-mung.zh@640x320"]) {
    await tab.goto(`http://127.0.0.1:${server.address().port}/slides/${page}.html`);
    // A system that fits glyphs to the grid of pixels does so by all glyphs of a font.
    await tab.addStyleTag({ content: "*, *::before, *::after { text-rendering: geometricPrecision !important; }" });
    await tab.evaluate(() => document.fonts.ready.then(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))));
    const failed = await tab.evaluate(() => [...document.fonts].filter((font) => font.status === "error").length);
    assert.equal(failed, 0, page);
    shots.push(await tab.screenshot());
  }
  await context.close();
  server.close();
  assert.deepEqual(lost, []);
  return shots;
}

test("a page looks the same with whole fonts and with fonts cut down to its characters", async () => {
  const before = await pictures(build("some"));
  takeAllByNeed();
  const program = build("all");
  const fonts = readdirSync(join(program, "theme/fonts")).filter((name) => name.endsWith(".woff2"));
  assert.ok(fonts.length > 10 && fonts.every((name) => /-[0-9a-f]{16}\.woff2$/.test(name)), fonts.join(" "));
  const now = await pictures(program);
  now.forEach((shot, index) => assert.ok(shot.equals(before[index]), `page ${index}`));
  // With the fonts of the theme as they are, in place of those that were cut.
  for (const name of fonts) cpSync(join(ROOT, "themes/caobang/fonts", name.replace(/-[0-9a-f]{16}/, "")), join(program, "theme/fonts", name));
  (await pictures(program)).forEach((shot, index) => assert.ok(shot.equals(before[index]), `page ${index}, whole`));
});
