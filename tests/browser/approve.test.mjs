// The review page of `bangtin approve` in Chromium: the command signs only after a person has opened every page.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { OUTCOMES } from "../../src/desk/live/page/words.js";
import { contrast, film, launch, misplaced, open, places, until } from "./harness.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
const binary = join(process.env.BANGTIN_BIN ?? join(ROOT, "target/debug"), "bangtin");
let browser;
let folder;
let child;

const slide = (title, text) => `---\ntitle: ${title}\nagency: so-tttt\ncategory: du-lich\nlayout: text\nduration: 12s\n---\n${text}\n`;
const list = (entries) => `title: Chương trình\nagency: so-tttt\nentries:\n${entries.map((each) => `  - slide: ${each}\n`).join("")}`;
const FILES = {
  "bangtin.yaml": `name: {vi: Tỉnh thử, en: Test province}
time_zone: Asia/Ho_Chi_Minh
languages: [vi]
theme: caobang
tool: 1.0.0
approval:
  roles:
    chief: {threshold: 1, kinds: [monthly, evergreen, urgent, kit]}
  requires: {monthly: [chief], evergreen: [chief], urgent: [chief], kit: [chief]}
`,
  "agencies.yaml": "so-tttt: {name: {vi: Sở TT&TT, en: Department}, kind: department, roles: [chief]}\n",
  "calendar/2026.yaml": "days: []\n",
  "calendar/2027.yaml": "days: []\n",
  "sites/ta-lung.yaml": `name: {vi: Tà Lùng, en: Tà Lùng}
operator: so-tttt
screens: [{id: a, width: 640, height: 320}]
hours: {workday: ["07:30-18:00"], weekend: ["08:00-17:00"], holiday: ["08:00-17:00"]}
shares: [{playlist: province, share: 1}]
`,
  "slides/du-lich/mot.md": slide("Thác Bản Giốc", "Thác nước lớn nhất Đông Nam Á."),
  "slides/du-lich/hai.md": slide("Hồ Thang Hen", "Hồ trên núi."),
  "slides/du-lich/ba.md": slide("Suối Lê-nin", "Nước trong xanh."),
  "playlists/2026-12/province.yaml": list(["du-lich/mot.md", "du-lich/hai.md", "du-lich/ba.md"]),
  "playlists/evergreen/province.yaml": list(["du-lich/mot.md"]),
};
const bangtin = (...args) => execFileSync(binary, args, { cwd: folder, encoding: "utf8" });

// The rows of the list: headings, and slides with their badges.
const listed = (tab) => tab.locator("#list li").evaluateAll((all) => all.map((each) => {
  const title = each.querySelector(".slide")?.firstChild.textContent;
  return title ? `${title}: ${each.querySelector(".badge").textContent}` : each.textContent;
}));

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "bangtin-approve-test-"));
  cpSync(join(ROOT, "themes"), join(folder, "themes"), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, "content", name)), { recursive: true });
    writeFileSync(join(folder, "content", name), text);
  }
  for (const key of ["root", "publish", "chief"]) bangtin("keys", "new", `${key}.key`, "--no-password");
  bangtin("trust", "init", "--root-key", "root.key", "--publish-key", "publish.key.pub", "--review", "chief=chief.key.pub");
});
after(async () => {
  child?.kill();
  await browser.close();
  rmSync(folder, { recursive: true });
});

test("a51 every page is opened by a person in the browser, then the command signs", async () => {
  const args = ["--lang", "en", "approve", "--month", "2026-12", "--key", "chief.key", "--yes", "--now", "2026-11-25T09:00"];
  // At a terminal: elsewhere nobody can be asked to open the pages.
  child = spawn("script", ["-qec", [binary, ...args].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const ended = once(child, "exit");
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  const tab = await open(browser, address, { width: 1280, height: 800 });
  const count = () => tab.textContent("#count");
  const inFrame = () => tab.evaluate(() => document.querySelector("iframe").contentDocument?.body?.textContent.replaceAll("\u2060", "").replaceAll("\u00a0", " ") ?? "");
  // The command speaks English, and so does its page.
  await until("the first page", async () => (await count()) === "1 of 3 pages opened");
  assert.match(await inFrame(), /Suối Lê-nin/);
  assert.equal(await tab.textContent("#mark"), "CHƯA DUYỆT · NOT APPROVED");
  assert.doesNotMatch(await inFrame(), /NOT APPROVED/);
  // The file stands last, small.
  assert.match(await tab.textContent("#who"), /· 12\u00a0s\u00a0· 640×320\u00a0· slides\/du-lich\/ba\.md$/);
  assert.equal(await tab.textContent("#who .file"), "slides/du-lich/ba.md");
  // The digits of the page's clock differ: whoever looks sees one that is turned round.
  assert.match(await inFrame(), /20:58/);
  // The timetable view in another tab preloads the same pages; that does not count.
  const times = await tab.context().newPage();
  const [href, slides] = [await tab.getAttribute("#times", "href"), []];
  times.on("response", (answer) => answer.url().includes("/slides/") && slides.push(answer.url()));
  await times.goto(`${address.replace(/\/$/, "")}${href}`);
  await until("two slides by the hour", () => slides.length > 1, 20000);
  assert.ok(slides.every((url) => url.includes("/times/p/")), slides.join("\n"));
  assert.equal(await count(), "1 of 3 pages opened");
  assert.equal(await tab.textContent("#look"), "✓ Opened");
  // Nor does a page that is loaded again, nor one that is passed over, in whichever way.
  for (let times = 0; times < 3; times++) {
    await tab.reload();
    await until("the same page", async () => /Suối Lê-nin/.test(await inFrame()));
    await tab.waitForTimeout(1500);
    assert.equal(await count(), "1 of 3 pages opened");
  }
  const ways = {
    button: ["next", "next", "previous", "previous"],
    unopened: ["unopened", "unopened", "unopened", "unopened", "previous", "previous"],
    key: ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"],
  };
  for (const [way, steps] of Object.entries(ways)) {
    await tab.evaluate((all) => all.forEach((each) => {
      if (each.startsWith("Arrow")) document.body.dispatchEvent(new KeyboardEvent("keydown", { key: each, bubbles: true }));
      else document.getElementById(each).click();
    }), steps);
    await tab.waitForTimeout(1500);
    assert.match(await inFrame(), /Suối Lê-nin/, way);
    assert.equal(await count(), "1 of 3 pages opened", way);
  }
  await tab.keyboard.press("ArrowRight");
  assert.equal(await tab.textContent("#look"), "Counts as opened after a second in view");
  await until("the second page to be told", async () => (await tab.textContent("#look")) === "✓ Opened");
  await until("the second page", async () => (await count()) === "2 of 3 pages opened");
  assert.deepEqual(readdirSync(join(folder, "content")).includes("approvals"), false);
  await tab.click("#unopened");
  const [code] = await ended;
  assert.equal(code, 0, printed);
  assert.match(printed, /Signed /);
  await until("its end on the page", async () => (await count()) === "You have signed. All signatures are there; it can be published. You can close this page.", 10000);
  assert.equal(await tab.textContent("#mark"), "ĐỦ CHỮ KÝ, CHƯA PHÁT HÀNH · ALL SIGNED, NOT PUBLISHED");
  assert.match(await tab.textContent("dl"), /1 of 1 signed: you have signed/);
  // Without its server the page loads nothing more: what stands in the frame stays.
  const last = await inFrame();
  for (const each of ["#next", "#list li:first-child button"]) await tab.click(each, { force: true, timeout: 1000 }).catch(() => {});
  await tab.keyboard.press("ArrowLeft");
  assert.equal(await inFrame(), last);
  await until("its end by the hour", async () => /^(Signed|No connection)/.test(await times.textContent("#health")), 10000);
  assert.deepEqual(tab.faults.filter((fault) => !fault.includes("ERR_CONNECTION_REFUSED")), []);
});

test("slides of which only the theme differs stand apart, after what people changed, and say so in a sentence", async () => {
  const [style, second] = [join(folder, "themes/caobang/theme.css"), join(folder, "content/slides/du-lich/hai.md")];
  const kept = [style, second].map((path) => [path, readFileSync(path, "utf8")]);
  writeFileSync(style, `${kept[0][1]}\nh1 { color: #123456; }\n`);
  writeFileSync(second, kept[1][1].replace("trên núi", "giữa núi"));
  const args = ["--lang", "vi", "approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T08:00"];
  child = spawn("script", ["-qec", [binary, ...args].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  assert.match(printed, /\* 2 trang chiếu chỉ khác giao diện \(kiểu trình bày\); nội dung như cũ/);
  const tab = await open(browser, address, { width: 1280, height: 800 });
  for (const [lang, rows, sentence, tabName] of [
    ["vi", ["Mới và đã sửa", "Hồ Thang Hen: đã sửa", "Chỉ khác giao diện", "Suối Lê-nin: chỉ khác giao diện", "Thác Bản Giốc: chỉ khác giao diện"], "chỉ khác giao diện (kiểu trình bày); nội dung như cũ", "Thay đổi (1)"],
    ["en", ["New and changed", "Hồ Thang Hen: changed", "Only the theme differs", "Suối Lê-nin: theme only", "Thác Bản Giốc: theme only"], "content as before, only the style of the theme differs", "Changes (1)"],
  ]) {
    await tab.click(`[data-lang=${lang}]`);
    await until("the list", async () => (await tab.locator("#list .slide").count()) === 3);
    assert.deepEqual(await listed(tab), rows);
    // A person's change is opened first, and the count is of those.
    await tab.locator("#list li:not(.head) > button").first().click();
    await until("the changed slide", async () => (await tab.textContent("#what")) === "Hồ Thang Hen");
    // All buttons on a phone.
    for (const width of [390, 360]) {
      await tab.setViewportSize({ width, height: 800 });
      await until(`no sideways scrolling at ${width}`, () => tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 3000);
    }
    await tab.setViewportSize({ width: 1280, height: 800 });
    await tab.locator("#list .theme > button").first().click();
    await until("a slide with another style", async () => (await tab.textContent("#what")) === "Suối Lê-nin");
    assert.equal(await tab.textContent("#altered"), sentence);
    assert.equal(await tab.textContent("#tab-changes"), tabName);
    assert.ok((await contrast(tab, "#list .theme .badge")) >= 4.5);
  }
  await tab.click("#tab-changes");
  assert.deepEqual(await tab.locator("#parts summary").allTextContents(), ["2 slides, content as before, only the style of the theme differs", "Theme, pictures, films, other files (1)"]);
  assert.equal(await tab.locator("#parts details li").first().isVisible(), false);
  await tab.locator("#parts summary").first().click();
  assert.equal(await tab.locator("#parts details li").first().isVisible(), true);
  await tab.close();
  child.kill();
  for (const [path, text] of kept) writeFileSync(path, text);
});

test("a slide that is only played otherwise stands where its change is, and says what has changed", async () => {
  const path = join(folder, "content/slides/du-lich/hai.md");
  const kept = readFileSync(path, "utf8");
  writeFileSync(path, kept.replace("duration: 12s", "duration: 15s"));
  child = spawn("script", ["-qec", [binary, "--lang", "vi", "approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T08:00"].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:[^\s)]+/)?.[0]);
  assert.match(printed, /@ 1 trang chiếu chỉ khác lịch chiếu/);
  const tab = await open(browser, address, { width: 1280, height: 800 });
  for (const [lang, rows, sentence] of [
    ["vi", ["Chỉ khác lịch chiếu", "Hồ Thang Hen: khác lịch chiếu", "Như cũ", "Suối Lê-nin: như cũ", "Thác Bản Giốc: như cũ"], /^chiếu 15 giây, trước đây 12 giây/],
    ["en", ["Only played otherwise", "Hồ Thang Hen: played otherwise", "As before", "Suối Lê-nin: as before", "Thác Bản Giốc: as before"], /^is shown for 15 s, was 12 s/],
  ]) {
    await tab.click(`[data-lang=${lang}]`);
    await until("the list", async () => (await tab.locator("#list .slide").count()) === 3);
    assert.deepEqual(await listed(tab), rows);
    await tab.locator("#list .rescheduled > button").first().click();
    await until("the slide", async () => (await tab.textContent("#what")) === "Hồ Thang Hen");
    assert.match(await tab.textContent("#altered"), sentence);
    assert.ok((await contrast(tab, "#list .rescheduled .badge")) >= 4.5);
  }
  await tab.close();
  child.kill();
  writeFileSync(path, kept);
});

test("a slide that is back after a withdrawal carries its badge in the list and where it is open, with number, time and reason", async () => {
  bangtin("withdraw", "--slide", "du-lich/ba", "--reason", "sai ngày", "--key", "chief.key", "--now", "2026-12-01T09:00");
  bangtin("revise", "--withdrawal", "1");
  // Without --yes it asks at its terminal, and goes on serving the page.
  const args = ["approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T10:00"];
  child = spawn("script", ["-qec", [binary, ...args].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  for (const [lang, badge, why] of [
    ["vi", "trở lại sau khi thu hồi", "văn bản thu hồi số 1, ký lúc 09:00 ngày 01/12/2026, lý do: “sai ngày”"],
    ["en", "back after a withdrawal", "withdrawal 1, signed 2026-12-01 09:00, reason: “sai ngày”"],
  ]) {
    for (const width of [1280, 390]) {
      const tab = await open(browser, address, { width, height: 800 });
      await tab.click(`[data-lang=${lang}]`);
      await until("the list", async () => (await tab.locator("#list .slide").count()) === 3);
      assert.equal(await tab.locator("#list .back").count(), 1);
      const entry = tab.locator("#list li", { has: tab.locator(".back") });
      assert.equal(await entry.locator(".back").textContent(), badge);
      assert.match(await entry.textContent(), /Suối Lê-nin/);
      assert.equal(await entry.locator(".took").isVisible(), true, "it is open");
      assert.equal(await entry.locator(".took").textContent(), why);
      assert.equal(await tab.textContent("#returned"), `${badge} ${why}`);
      assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      await tab.keyboard.press("ArrowLeft");
      await tab.locator("#list li:not(.on) .slide", { hasText: "Hồ Thang Hen" }).click();
      await until("another slide", async () => (await tab.textContent("#what")) === "Hồ Thang Hen");
      assert.equal(await tab.textContent("#returned"), "");
      await tab.close();
    }
  }
});

test("long texts stay within reach under a slide of a readable size, in the words and dates of each language", async () => {
  const long = "Quý hành khách mang theo hàng hóa phải khai báo, ngoại tệ, vàng, động vật, thực vật hãy khai hải quan tại cửa khẩu";
  const [site, changed] = [join(folder, "content/sites/ta-lung.yaml"), join(folder, "content/slides/du-lich/ba.md")];
  writeFileSync(site, readFileSync(site, "utf8").replace("height: 320}", "height: 320}, {id: b, width: 384, height: 768}"));
  writeFileSync(changed, readFileSync(changed, "utf8").replace("Suối Lê-nin", long).replace("du-lich", "su-kien"));
  child.kill();
  child = spawn("script", ["-qec", [binary, "--lang", "vi", "approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T10:00"].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  const tab = await open(browser, address, { width: 1280, height: 720 });
  const page = (size) => tab.locator("#list li", { hasText: long }).getByRole("button", { name: size }).click();
  await until("the list", () => tab.locator("#list .slide").count());
  await page("384×768");
  await until("the slide", async () => (await tab.textContent("#what")) === long);
  const left = (selector) => tab.locator(selector).evaluate((each) => Math.round(each.getBoundingClientRect().left));
  for (const [width, height] of [[1280, 720], [1280, 800], [1366, 768]]) {
    await tab.setViewportSize({ width, height });
    const high = async () => (await tab.locator("#face").boundingBox()).height;
    await until(`a slide that is not tiny at ${width}×${height}`, async () => (await high()) > height * 0.44, 2000);
    assert.ok((await tab.locator("#altered li").count()) > 2);
    const last = tab.locator("#altered li").last();
    await last.evaluate((line) => line.scrollIntoView());
    const { y, height: own } = await last.boundingBox();
    assert.ok(y + own <= height, `the changes are cut off at ${width}×${height}`);
    assert.equal(await left("#frame"), await left("#what"), `an upright slide and its caption at ${width}×${height}`);
    // Its mark takes two lines there, and no dot ends the first.
    const [upper, lower] = await tab.locator("#mark .part").evaluateAll((all) => all.map((each) => each.offsetTop));
    assert.deepEqual([upper < lower, await tab.isVisible("#mark i")], [true, false]);
    // At least three lines of what has changed, the same slide for every page, and nothing of it under a box's edge.
    const { clientHeight, line } = await tab.locator("#altered").evaluate((each) => ({ clientHeight: each.clientHeight, line: parseFloat(getComputedStyle(each).lineHeight) }));
    assert.ok(clientHeight >= 3 * line - 1, `${clientHeight} px of changes at ${width}×${height}`);
    for (const each of ["#next", "#tab-slides", "#list li:last-child button"]) await tab.locator(each).first().focus();
    // The slide takes its new size a moment after the window.
    await until(`the header at ${width}×${height}`, async () => (await tab.locator("header").boundingBox()).y === 0, 2000);
  }
  // No text moves or resizes the slide and its buttons, and nothing is cut off, also at 200 % and on a phone.
  const short = tab.locator("#list li", { hasText: "Hồ Thang Hen" }).getByRole("button", { name: "384×768" });
  for (const [width, height] of [[1280, 720], [1280, 1000], [1024, 768], [683, 384], [683, 768], [390, 844]]) {
    await tab.setViewportSize({ width, height });
    for (const lang of ["en", "vi"]) {
      await tab.click(`[data-lang=${lang}]`);
      const stand = [];
      for (const choose of [() => page("384×768"), () => short.click()]) {
        await choose();
        await until(`the page in ${lang} at ${width}×${height}`, () => tab.evaluate(() => document.getElementById("look").classList.contains("done")), 15000);
        await tab.evaluate(() => document.querySelectorAll("html, #stage").forEach((each) => { each.scrollTop = 0; }));
        stand.push(await places(tab, "#face, #previous, #next, #unopened, #bar"));
        assert.deepEqual(await misplaced(tab), [], `${lang} at ${width}×${height}`);
        assert.equal(await left("#frame"), await left("#what"), `an upright slide and its caption at ${width}×${height}`);
      }
      assert.equal(stand[1], stand[0], `${lang} at ${width}×${height}`);
    }
  }
  await page("384×768");
  await until("the slide again", async () => (await tab.textContent("#what")) === long);
  await tab.setViewportSize({ width: 1280, height: 1000 });
  const right = (selector) => tab.locator(selector).first().evaluate((each) => each.getBoundingClientRect().right);
  assert.ok((await right("#list li.on")) <= (await right("#tabs")), "the open slide sticks out");
  for (const each of ["#list .on .who", "#list .on .tick", "#list li:not(.on) .tick"]) assert.ok((await contrast(tab, each)) >= 4.5, each);
  assert.deepEqual(await tab.locator("#list .slide, #what").evaluateAll((all) => [...new Set(all.map(({ lang }) => lang))]), ["vi"]);
  assert.equal(await tab.textContent("#sum"), "3 trang chiếu × 2 cỡ");
  assert.ok((await tab.locator("#list .sizes button").first().boundingBox()).height >= 24, "a size is hard to touch");
  assert.equal(await tab.textContent("#window"), "01/12/2026 – 31/12/2026");
  assert.match(await tab.textContent("#since"), /ngày 25\/11\/2026 /);
  assert.match(await tab.textContent("#altered"), /tiêu đề: Suối Lê-nin → Quý /);
  // A reviewer reads no HTML: its files are left to --all.
  for (const each of ["#altered", "#changes"]) assert.doesNotMatch(await tab.textContent(each), /\.html/, each);
  await tab.click("[data-lang=en]");
  assert.equal(await tab.textContent("#window"), "2026-12-01 – 2026-12-31");
  assert.match(await tab.textContent("#since"), /approved on 2026-11-25 /);
  // The page by the hour says what it is, and leads back.
  await tab.goto(`${address.replace(/\/$/, "")}${await tab.getAttribute("#times", "href")}`);
  await until("the page by the hour", async () => (await tab.textContent("h1 span")) === "By the hour");
  // As in the preview, it says from which playlist a slide comes, and with which share.
  await until("why a slide plays", async () => /Chương trình.*1\/1 of the time.*playlists\/2026-12\/province\.yaml:\d/.test(await tab.textContent("#list")));
  assert.equal(await tab.isVisible("#health"), false);
  // Whoever leaves before the slide stands cuts its requests short.
  await until("the slide of that hour", () => tab.evaluate(() => document.getElementById("shell").contentDocument?.body?.dataset.state === "slide"));
  await tab.click("text=Back to the review");
  await until("the review", () => tab.locator("#bar").count());
  assert.deepEqual(tab.faults, []);
  await until("all pages opened", async () => {
    if (await tab.isDisabled("#unopened")) return true;
    await tab.keyboard.press("ArrowRight");
    await tab.waitForTimeout(1300);
  }, 30000);
  await until("the question", () => /Ký duyệt “.*\[c\/K\]/s.test(printed), 20000);
  child.stdin.write("K\n");
  await until("the refusal on the page", async () => (await tab.textContent("#count")) === OUTCOMES.refused[(await tab.getAttribute("html", "lang"))], 10000);
  assert.equal(await tab.textContent("#mark"), "CHƯA DUYỆT · NOT APPROVED");
  // All can be read, and nothing says that it was done or can be done.
  assert.doesNotMatch(await tab.textContent("dl"), /you sign|bạn ký/);
  for (const gone of ["#controls", "#times", "#look"]) assert.equal(await tab.isVisible(gone), false, gone);
  const faded = await tab.locator("#list, #list ol, #list li").evaluateAll((all) => all.some((each) => getComputedStyle(each).opacity !== "1"));
  assert.equal(faded, false);
});

test("in a small window, as at 200 %, slide and buttons stand in it, and a page counts only while all of it is in view", async () => {
  child?.kill();
  child = spawn("script", ["-qec", [binary, "--lang", "vi", "approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T10:00"].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  const tab = await open(browser, address, { width: 683, height: 384 });
  const [count, look] = [() => tab.textContent("#count"), () => tab.textContent("#look")];
  await until("a page that counts", async () => (await look()) === "✓ Đã xem");
  for (const size of ["640×320", "384×768"]) {
    await tab.locator("#list .sizes button", { hasText: size }).first().evaluate((button) => button.click());
    await until(size, async () => (await tab.textContent("#who")).includes(size));
    await tab.evaluate(() => document.documentElement.scrollTo(0, 0));
    const [header, frame, next] = await Promise.all(["header", "#frame", "#unopened"].map((each) => tab.locator(each).boundingBox()));
    assert.ok(frame.y >= header.y + header.height && frame.y + frame.height <= next.y && next.y + next.height <= 384, JSON.stringify([header, frame, next]));
    assert.ok(frame.height > 384 * 0.6, `a slide of ${frame.height} px`);
  }
  await tab.evaluate(() => { document.getElementById("frame").style.transform = "translateY(200px)"; });
  await tab.keyboard.press("ArrowRight");
  await until("that the page is not whole", async () => /^Chỉ được tính khi cả trang chiếu nằm trong cửa sổ/.test(await look()));
  const was = await count();
  await tab.waitForTimeout(1600);
  assert.equal(await count(), was);
  await tab.evaluate(() => { document.getElementById("frame").style.transform = ""; });
  await until("the page in view", async () => (await look()) === "✓ Đã xem");
  assert.notEqual(await count(), was);
  // An address that leads nowhere leads back.
  await tab.goto(`${address.replace(/\/$/, "")}/nope`);
  assert.match(await tab.textContent("body"), /Không có trang này.*There is no such page/s);
  await tab.click("text=Trở lại trang đầu");
  await until("the review", () => tab.locator("#bar").count());
  await tab.close();
});

test("pages that lose words are listed with a count before the signature, and asked for explicitly", async () => {
  const path = join(folder, "content/slides/du-lich/hai.md");
  writeFileSync(path, slide("Hồ Thang Hen", Array.from({ length: 40 }, (_, index) => `Đoạn ${index + 1} của một bài quá dài.`).join("\n\n")));
  child.kill();
  child = spawn("script", ["-qec", [binary, "--lang", "vi", "approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T10:00"].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  const tab = await open(browser, address, { width: 1366, height: 768 });
  // Before the pages are opened: the browser measures them out of sight, which does not count.
  await until("the count", async () => (await tab.isVisible("#lost")) && (await tab.textContent("#lost h2")) === "2 trang theo cỡ bị mất chữ", 30000);
  assert.equal(await tab.textContent("#losing"), "mất chữ: 2");
  assert.ok((await contrast(tab, "#losing")) >= 4.5);
  const listed = await tab.locator("#lost li").allTextContents();
  assert.deepEqual(listed.map((each) => each.match(/640×320|384×768/)[0]).sort(), ["384×768", "640×320"]);
  for (const each of listed) assert.match(each, /^Hồ Thang Hen.*“.*Đoạn \d+/);
  // Below that, its box has no empty lines.
  const blank = await tab.locator("#lost").evaluate((each) => each.getBoundingClientRect().bottom - each.querySelector("li:last-child").getBoundingClientRect().bottom);
  assert.ok(blank <= 16, `${blank} px below the lost words`);
  // One page was seen before, one is open.
  await until("the open page to count", async () => (await tab.textContent("#count")) === "Đã xem 2/6 trang theo cỡ");
  await tab.locator("#lost button").first().click();
  await until("the page that loses words", async () => (await tab.isVisible("#measured")) && /^Hãy rút ngắn hoặc tách thành hai trang: mất chữ từ “[^”]{1,60} …”, thừa /.test(await tab.textContent("#measured")));
  assert.equal(await tab.locator("#list li", { hasText: "Hồ Thang Hen" }).locator(".measured.error").textContent(), "mất chữ");
  assert.ok((await contrast(tab, "#lost button b")) >= 4.5);
  // Both lists beside the slide hold three lines in view, and the slide is as large as that of a page without them.
  const high = async () => Math.round((await tab.locator("#face").boundingBox()).height);
  for (const each of ["#measured", "#altered"]) {
    const { own, line, bottom } = await tab.locator(each).evaluate((list) => {
      const style = getComputedStyle(list);
      return { own: list.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom), line: parseFloat(style.lineHeight), bottom: list.getBoundingClientRect().bottom };
    });
    const needed = await tab.locator(each).evaluate((list) => list.scrollHeight <= list.clientHeight);
    assert.ok(needed || own >= 3 * line - 1, `${each}: ${own} px`);
    assert.ok(bottom <= 768, `${each} ends at ${bottom}`);
  }
  const size = (await tab.textContent("#who")).match(/\d+×\d+/)[0];
  const withThem = await high();
  await tab.locator("#list li", { hasText: "Thác Bản Giốc" }).getByRole("button", { name: size }).click();
  await until("another page", async () => (await tab.textContent("#what")) === "Thác Bản Giốc");
  assert.equal(await high(), withThem);
  // What is known of the program scrolls away above the list: five rows at least, and the digest is folded.
  assert.equal(await tab.locator("#facts dd.mono").isVisible(), false);
  const inner = await tab.locator("#side").evaluate((side) => side.clientHeight - document.getElementById("tabs").offsetHeight - 24);
  const row = (await tab.locator("#list li.on").boundingBox()).height;
  assert.ok(inner / row >= 5, `rows of ${row} px in ${inner} px`);
  assert.equal(await tab.locator("#list").evaluate((list) => getComputedStyle(list).overflowY), "visible");
  // Above the tabs nothing of the list shows through: their ground reaches the header.
  const strip = await tab.locator("#side").evaluate((side) => {
    // Low enough for a short list to scroll below them.
    side.style.height = "200px";
    side.scrollTop = side.scrollHeight;
    const above = document.getElementById("tabs").getBoundingClientRect().top - side.getBoundingClientRect().top;
    side.style.height = "";
    side.scrollTop = 0;
    return above;
  });
  assert.ok(strip <= 12, `${strip} px above the tabs`);
  await tab.locator("#facts summary").click();
  await until("the digest", () => tab.locator("#facts dd.mono").isVisible());
  // Also in a narrow window site and month stand in the first view.
  for (const [width, height] of [[683, 384], [390, 844]]) {
    await tab.setViewportSize({ width, height });
    await until(`site and month at ${width}`, async () => /Tà Lùng.* · 12\/2026$/.test(await tab.textContent("#only")) && (await tab.isVisible("#only")), 3000);
    const { right, bottom, cut } = await tab.locator("#only").evaluate((each) => ({ ...each.getBoundingClientRect().toJSON(), cut: each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 }));
    assert.ok(right <= width && bottom <= height && !cut, `${right} ${bottom} ${cut} at ${width}`);
    // Nor does the list of lost words stick out.
    await until(`nothing misplaced at ${width}`, async () => !(await misplaced(tab)).length, 3000);
  }
  await tab.setViewportSize({ width: 1366, height: 768 });
  await tab.locator("#lost button").first().click();
  await tab.setViewportSize({ width: 390, height: 844 });
  await until("no sideways scrolling", () => tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 3000);
  await until("all pages opened", async () => {
    if (await tab.isDisabled("#unopened")) return true;
    await tab.keyboard.press("ArrowRight");
    await tab.waitForTimeout(1300);
  }, 30000);
  await until("the explicit question", () => printed.includes("Vẫn ký dù 2 trang theo cỡ bị mất chữ? [c/K]"), 20000);
  assert.match(printed, /MẤT CHỮ ở 2 trang theo cỡ, từ chỗ:\r?\n {2}ta-lung: “.+” \(du-lich\/hai\): 384×768: “.*Đoạn/);
  assert.doesNotMatch(printed, /Ký duyệt “/);
  child.stdin.write("c\n");
  await until("the question", () => /Ký duyệt “.*\[c\/K\]/s.test(printed), 20000);
  assert.equal(await tab.textContent("#lost p"), "Ký là chấp nhận chiếu các trang này như vậy; lệnh sẽ hỏi riêng.");
  // A slip of the finger does not cost what was opened.
  child.stdin.write("x\n");
  await until("another question", () => printed.includes("Gõ c (có) hoặc k (không): "), 5000);
  child.stdin.write("K\n");
  const [code] = await ended;
  assert.equal(code, 1, printed);
  await until("the end on the page", async () => (await tab.textContent("#lost p")) === "Chưa ký. Nên sửa các trang này trước khi duyệt lại.", 10000);
});

test("a signature without a look says of how many pages, and only a slide with a film or sound offers to switch it on", async () => {
  writeFileSync(join(folder, "content/slides/du-lich/phim.webm"), film(3));
  writeFileSync(join(folder, "content/slides/du-lich/hai.md"), slide("Hồ Thang Hen", "").replace("layout: text", "layout: video\nvideo: phim.webm"));
  child.kill();
  child = spawn("script", ["-qec", [binary, "--lang", "vi", "approve", "--month", "2026-12", "--key", "chief.key", "--unseen", "--now", "2026-12-01T11:00"].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the question", () => printed.match(/Ký duyệt “.*\(xem tại (http:[^)]+)\) \[c\/K\]/s)?.[1], 20000);
  const tab = await open(browser, address, { width: 1366, height: 768 });
  const row = (title) => tab.locator("#list li > button", { hasText: title }).click();
  await until("the list", () => tab.locator("#list .slide").count());
  await row("Hồ Thang Hen");
  await until("the film", () => tab.isVisible("#sound"));
  // What is switched on does not look like the button that leads on.
  const ground = (id) => tab.locator(id).evaluate((each) => getComputedStyle(each).backgroundColor);
  const places = () => tab.locator("#previous, #next, #unopened").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().left));
  await tab.click("#sound");
  assert.notEqual(await ground("#sound"), await ground("#unopened"));
  assert.ok((await contrast(tab, "#sound")) >= 4.5);
  const before = await places();
  await row("Thác Bản Giốc");
  await until("a slide without sound", async () => !(await tab.isVisible("#sound")));
  assert.deepEqual(await places(), before, "the buttons move under the pointer");
  child.stdin.write("c\n");
  await until("its end on the page", async () => /^Bạn đã ký khi chưa xem [1-6] trang theo cỡ\. Đã đủ chữ ký để phát hành\. Có thể đóng trang này\.$/.test(await tab.textContent("#count")), 10000);
});

test("a page with a film or a sound counts once all of it was played in view, in parts too, and says where nothing plays or nobody heard it", async () => {
  child?.kill();
  const put = (name, bytes) => writeFileSync(join(folder, "content", name), bytes);
  put("sites/ta-lung.yaml", FILES["sites/ta-lung.yaml"].replace("height: 320}]", "height: 320}, {id: b, width: 384, height: 768}]"));
  put("slides/du-lich/phim.webm", film(5));
  put("slides/du-lich/phim.md", "---\ntitle: Phim thử\nagency: so-tttt\ncategory: du-lich\nlayout: video\nvideo: phim.webm\n---\n");
  execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", "sine=440:d=4", "-c:a", "libvorbis", join(folder, "content/slides/du-lich/dan.ogg")]);
  put("slides/du-lich/dan.md", slide("Đàn tính", "Tiếng đàn.").replace("layout: text", "layout: text\naudio: dan.ogg"));
  put("playlists/2026-12/province.yaml", list(["du-lich/phim.md", "du-lich/dan.md"]));
  child = spawn("script", ["-qec", [binary, "--lang", "en", "approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T10:00"].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  const tab = await open(browser, address, { width: 1280, height: 800 });
  const [count, look] = [() => tab.textContent("#count"), () => tab.textContent("#look")];
  const show = async (title, size) => {
    const row = tab.locator("#list li", { has: tab.locator(".slide", { hasText: title }) });
    await row.locator(".sizes button", { hasText: size }).click();
    await until(`${title} at ${size}`, () => tab.evaluate((end) => document.querySelector("iframe").contentDocument?.location.pathname.endsWith(end), `@${size.replace("×", "x")}.html`));
  };
  const into = () => tab.evaluate(() => document.querySelector("iframe").contentDocument?.querySelector("[data-media]")?.currentTime ?? 0);
  // Where nothing plays, nothing counts, and the page says what helps.
  await tab.route(/\/assets\//, (route) => route.abort());
  await show("Phim thử", "640×320");
  await until("the film that does not play", async () => /^The film or sound does not play, .*--unseen/.test(await look()), 20000);
  assert.ok((await contrast(tab, "#look")) >= 4.5);
  await tab.waitForTimeout(1500);
  assert.equal(await count(), "0 of 4 pages opened");
  await tab.unroute(/\/assets\//);
  await tab.reload();
  await show("Phim thử", "384×768");
  await show("Phim thử", "640×320");
  await until("two seconds of the film", async () => (await into()) > 2);
  assert.match(await look(), /^Counts as opened once film and sound were played to the end, at once or in parts: 0:0\d\/0:05.*press Sound to hear it$/);
  // In a window that does not show it, it stands still.
  await tab.evaluate(() => { document.getElementById("frame").style.transform = "translateX(-3000px)"; });
  await tab.waitForTimeout(700);
  const stood = await into();
  await tab.waitForTimeout(700);
  assert.equal(await into(), stood);
  await tab.evaluate(() => { document.getElementById("frame").style.transform = ""; });
  assert.equal(await count(), "0 of 4 pages opened");
  // Why the command does not sign yet stands beside the count.
  const left = () => tab.textContent("#left");
  assert.equal(await left(), "film or sound to play: 4");
  assert.ok((await contrast(tab, "#left")) >= 4.5);
  // Loading the page again loses nothing of what was played, and adds nothing.
  const seconds = async () => Number((await look()).match(/: 0:0(\d)\/0:05/)?.[1]);
  const [was, since] = [await until("what was played", seconds), performance.now()];
  await tab.reload();
  const after = await until("the film after loading the page again", into);
  assert.ok(after >= stood - 0.5, `it goes on at ${after} s, not at ${stood} s`);
  const is = await until("what was played, again", seconds);
  assert.ok(is >= was && is <= was + 1 + (performance.now() - since) / 1000, `${was} s, then ${is} s`);
  const digest = await tab.evaluate(async () => (await (await fetch("/review.json")).json()).programs[0].report.program);
  assert.deepEqual(await tab.evaluate(() => Object.keys(sessionStorage)), [`played ${digest}`]);
  await show("Đàn tính", "384×768");
  await show("Phim thử", "640×320");
  const again = await until("the film again", into);
  assert.ok(again >= stood - 0.5, `it goes on at ${again} s, not at ${stood} s`);
  await until("the whole film", async () => (await count()) === "1 of 4 pages opened", 15000);
  assert.match(await look(), /^✓ Opened.*sound not heard: press Sound/);
  assert.equal(await left(), "film or sound to play: 3\u00a0· sound not heard: 1");
  const unheard = () => tab.locator("#list .unheard").allTextContents();
  await until("the badge", async () => (await unheard()).join() === "sound not heard");
  // It is the same film at another size, where no screen plays its sound.
  await show("Phim thử", "384×768");
  await until("the film at another size", async () => (await count()) === "2 of 4 pages opened", 4000);
  assert.equal(await look(), "✓ Opened");
  // With the sound on it plays once more, and is heard.
  await show("Phim thử", "640×320");
  await until("the film", async () => (await into()) > 0.3);
  await tab.click("#sound");
  await until("the sound", async () => (await unheard()).length === 0, 15000);
  assert.equal(await look(), "✓ Opened");
  await tab.click("#sound");
  await show("Đàn tính", "640×320");
  await until("half of the sound", async () => (await into()) > 2);
  assert.equal(await count(), "2 of 4 pages opened");
  await until("all of the sound", async () => (await count()) === "3 of 4 pages opened", 15000);
  await show("Đàn tính", "384×768");
  // Before it signs, the command says what nobody heard.
  await until("the question", () => /\[y\/N\]/.test(printed), 20000);
  assert.match(printed, /SOUND NOT HEARD of 1 page:\r?\n {2}ta-lung: “Đàn tính” \(du-lich\/dan\): 640×320/);
  child.stdin.write("n\n");
  await until("its end", () => /not signed/.test(printed));
});

test("a film without a track of sound is never told as unheard, and offers no sound to switch on", async () => {
  child?.kill();
  const put = (name, bytes) => writeFileSync(join(folder, "content", name), bytes);
  put("sites/ta-lung.yaml", FILES["sites/ta-lung.yaml"]);
  put("slides/du-lich/cam.webm", film(3, "sine=440", ["-an"]));
  put("slides/du-lich/cam.md", "---\ntitle: Phim câm\nagency: so-tttt\ncategory: du-lich\nlayout: video\nvideo: cam.webm\n---\n");
  put("playlists/2026-12/province.yaml", list(["du-lich/cam.md", "du-lich/dan.md"]));
  child = spawn("script", ["-qec", [binary, "--lang", "en", "approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T10:00"].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  const tab = await open(browser, address, { width: 1280, height: 800 });
  await until("the list", () => tab.locator("#list .slide").count());
  await tab.locator("#list li > button", { hasText: "Phim câm" }).click();
  const look = () => tab.textContent("#look");
  await until("the film", async () => (await tab.textContent("#what")) === "Phim câm" && /: 0:0[12]\/0:03/.test(await look()), 15000);
  assert.doesNotMatch(await look(), /heard/);
  assert.equal(await tab.isVisible("#sound"), false);
  await until("all of it", async () => (await look()) === "✓ Opened", 15000);
  assert.equal(await tab.locator("#list .unheard").count(), 0);
  assert.equal(await tab.textContent("#left"), "film or sound to play: 1");
  await tab.locator("#list li > button", { hasText: "Đàn tính" }).click();
  await until("the sound", () => tab.isVisible("#sound"));
  await tab.click("#sound");
  await until("the question", () => /\[y\/N\]/.test(printed), 30000);
  assert.doesNotMatch(printed, /NOT HEARD/);
  await until("nothing left", async () => (await tab.textContent("#left")) === "");
  child.stdin.write("n\n");
  await until("its end", () => /not signed/.test(printed));
});

test("beside the approved page both slides are seen at once, and their films keep step", async () => {
  child?.kill();
  const path = join(folder, "content/slides/du-lich/cam.md");
  bangtin("approve", "--month", "2026-12", "--key", "chief.key", "--unseen", "--yes", "--now", "2026-12-01T11:30");
  bangtin("approve", "--evergreen", "--key", "chief.key", "--unseen", "--yes", "--now", "2026-12-01T11:30");
  bangtin("publish", "--key", "publish.key", "--to", "store", "--new-store", "--month", "2026-12", "--at", "now", "--now", "2026-12-01T11:35");
  writeFileSync(path, readFileSync(path, "utf8").replace("Phim câm", "Phim câm mới"));
  child = spawn("script", ["-qec", [binary, "--lang", "vi", "approve", "--month", "2026-12", "--key", "chief.key", "--now", "2026-12-01T12:00"].join(" "), "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part) => { printed += part; });
  const address = await until("the address", () => printed.match(/http:\S+/)?.[0]);
  const tab = await open(browser, address, { width: 683, height: 384 });
  await until("the film", () => tab.isVisible("#compare"));
  await tab.waitForTimeout(1000);
  await tab.click("#compare");
  for (const [width, height] of [[683, 384], [1366, 768]]) {
    await tab.setViewportSize({ width, height });
    await until(`both slides at ${width}`, async () => {
      const [own, other] = [await tab.locator("#frame").boundingBox(), await tab.locator("#before").boundingBox()];
      return other && own.x + own.width <= other.x && other.x + other.width <= width && [own, other].every((each) => each.y >= 0 && each.y + each.height <= height);
    });
  }
  const times = () => tab.evaluate(() => [...document.querySelectorAll("iframe")].map(({ contentDocument }) => contentDocument?.querySelector("[data-media]")?.currentTime));
  await until("two films in step", async () => {
    const [own, other] = await times();
    return own > 0 && Math.abs(own - other) < 0.4;
  });
  // What people changed stands first.
  await tab.click("#tab-changes");
  assert.match(await tab.locator("#parts h3").first().textContent(), /^Đã sửa “Phim câm mới”/);
  await tab.close();
});
