// The review page: every slide of the exact program to sign, one after the other, and what changed in it.
// Never counts opened pages itself: the server does.

import { drawLosing, losing } from "./lost.js";
import { faults, measured } from "./measure.js";
import { Measuring, badge, sentence } from "./measuring.js";
import { language, make, named as inLanguage } from "./parts.js";
import { clocks, loudness, play, ready, release } from "./slide.js";
import { offset } from "./timeline.js";
import { WORDS } from "./review-words.js";
import { OUTCOMES } from "./words.js";

const element = (id) => document.getElementById(id);
const frame = document.querySelector("iframe");
let lang = language();
let told;
let number = 0;
let current;
let sound = false;
let ended = null;
// What was measured of each page here, by program and path.
const found = new Map();
// Resolves when the page that is being opened was measured and the server told: it counts as opened before.
let opening = Promise.resolve();
let settle = () => {};

const word = (name, ...values) => {
  const found = WORDS[name][lang];
  return typeof found === "function" ? found(...values) : found;
};
const named = (names) => inLanguage(names, lang);
const shown = () => told.programs[number];
// Local wall time as if it were UTC, by the program's own offsets.
const local = (ms) => new Date(ms + offset(shown(), ms) * 1000);
// A day as the reports write it.
const day = (ms) => {
  const iso = local(ms).toISOString().slice(0, 10);
  return lang === "vi" ? iso.split("-").reverse().join("/") : iso;
};

// Every page of the program, new and changed ones first.
function pages() {
  const { report, opened } = shown();
  const all = report.slides.flatMap((slide) => slide.pages.map((page) => ({ slide, page, open: opened.includes(page.path), settled: page.seen || opened.includes(page.path) })));
  return [...all.filter(({ slide }) => slide.state !== "same"), ...all.filter(({ slide }) => slide.state === "same")];
}

const faultsOf = (path) => found.get(`${shown().report.program}/${path}`) ?? [];

// The server keeps what is lost: the command asks about it before it signs.
async function tell(program, path, all) {
  found.set(`${program}/${path}`, all);
  const lost = all.find(({ code }) => code === "text-lost");
  await fetch(`/measured/${program}/${path}?${encodeURIComponent(lost?.firstWords ?? "")}`).catch(() => {});
}

// Pages that nobody has opened yet are measured out of sight, from where that does not count as opened.
const measuring = new Measuring(async ({ program, path }, all) => {
  await tell(program, path, all);
  if (all.length) await ask().then(draw);
});

function survey() {
  measuring.want(told.programs.flatMap(({ report: { program, slides }, measured }) => slides.flatMap(({ pages: list }) => list.filter(({ path }) => !(path in measured)).map(({ path, size }) => {
    const [width, height] = size.split("x").map(Number);
    return { program, path, width, height, url: new URL(`/times/p/${program}/${path}`, location.href).href };
  }))));
}

const unopened = () => pages().find(({ settled }) => !settled);

function drawHeader() {
  document.documentElement.lang = lang;
  document.querySelectorAll("[data-word]").forEach((each) => { each.textContent = word(each.dataset.word); });
  document.querySelectorAll("[data-lang]").forEach((each) => each.setAttribute("aria-pressed", each.dataset.lang === lang));
  for (const id of ["previous", "next", "unopened", "sound"]) element(id).textContent = word(id);
  element("office").textContent = named(told.office);
  element("choice").hidden = told.programs.length < 2;
  element("program").replaceChildren(...told.programs.map(({ name, report }, index) => new Option(`${named(name)} · ${report.title}`, index, false, index === number)));
  const { site, kind } = shown().report;
  element("times").href = `/times?site=${site}&kind=${kind}`;
}

function drawProgress() {
  const every = told.programs.flatMap(({ report, opened }) => report.slides.flatMap(({ pages: list }) => list.map(({ path, seen }) => seen || opened.includes(path))));
  const count = every.filter(Boolean).length;
  document.body.classList.toggle("done", count === every.length);
  if (ended) return drawEnd();
  element("bar").value = count / (every.length || 1);
  element("count").textContent = count === every.length ? word("done") : word("count", count, every.length);
  element("unopened").disabled = !told.programs.some((_, index) => index !== number) && !unopened();
}

function drawFacts() {
  const { report, name } = shown();
  element("name").textContent = named(name);
  element("title").textContent = report.title;
  const { from, until } = report.valid;
  element("window").textContent = until ? `${day(from * 1000)} – ${day(until * 1000 - 1)}` : word("evergreen");
  const list = document.querySelector("dl");
  list.replaceChildren();
  const fact = (term, text, className) => {
    make("dt", "", term, list);
    make("dd", className, text, list);
  };
  for (const [role, { threshold, signed }] of Object.entries(report.needed)) {
    const own = report.roles.includes(role) ? ` · ${word("you")}` : "";
    fact(word("role", role), word("standing", signed.length, threshold, signed.join(", ")) + own);
  }
  fact(word("size"), word("sizes", report.files, (report.bytes / 1e6).toLocaleString(lang, { maximumFractionDigits: 1 })));
  fact(word("digest"), report.program.match(/.{8}/g).join(" "), "mono");
  element("notes").replaceChildren(...report.notes.map((note) => make("li", "", note[lang])));
}

function drawChanges() {
  const { last, parts } = shown().report;
  const count = parts.reduce((sum, { lines }) => sum + lines.length, 0);
  element("tab-slides").textContent = word("slides", shown().report.slides.length);
  element("tab-changes").textContent = word("changes", count);
  element("since").textContent = last ? word("since", day(Date.parse(last[1])), last[0].slice(0, 12)) : word("first");
  element("parts").replaceChildren();
  if (last && !count) make("p", "", word("nothing"), element("parts"));
  for (const { heading, lines } of parts) {
    make("h3", "", heading[lang], element("parts"));
    const list = make("ul", "", undefined, element("parts"));
    for (const line of lines) make("li", "", line[lang], list);
  }
}

function drawList() {
  const list = element("list").querySelector("ol");
  const all = pages();
  const slides = [...new Set(all.map(({ slide }) => slide))];
  const both = new Set(slides.map(({ state }) => state === "same")).size > 1;
  list.replaceChildren();
  slides.forEach((slide, index) => {
    if (both && (index === 0 || (slide.state === "same") !== (slides[index - 1].state === "same"))) {
      make("li", "head", word(slide.state === "same" ? "untouched" : "altered"), list);
    }
    list.append(row(slide, all.filter((each) => each.slide === slide)));
  });
}

// One slide, with a button for each page if screens differ in size.
function row(slide, own) {
  const settled = own.every((each) => each.settled);
  const state = own.some((each) => each.open) && settled ? "open" : settled ? "seen" : "";
  const item = make("li", [slide.state, state, own.some(({ page }) => page.path === current) ? "on" : ""].filter(Boolean).join(" "));
  const button = make("button", "", undefined, item);
  button.type = "button";
  make("span", "tick", settled ? "✓" : "○", button);
  const title = make("span", "slide", slide.title, button);
  title.lang = slide.language;
  make("span", "lang", slide.language, title);
  make("span", "badge", word(slide.state), button);
  const [worst] = own.flatMap(({ page }) => faultsOf(page.path)).sort((one, other) => (one.severity > other.severity) - (one.severity < other.severity));
  if (worst) make("span", `measured ${worst.severity}`, badge([worst], lang), button);
  if (slide.returned) {
    make("span", "back", word("returned"), button);
    make("span", "took", slide.returned[lang], button);
  }
  make("span", "who", named(told.agencies[slide.agency]), button);
  if (state === "seen") make("span", "why", word("seen"), button);
  button.addEventListener("click", () => go((own.find((each) => !each.settled) ?? own[0]).page.path));
  if (own.length > 1) {
    const sizes = make("p", "sizes", undefined, item);
    for (const { page, settled: done } of own) {
      const size = make("button", done ? "done" : "", `${done ? "✓ " : ""}${page.size.replace("x", "×")}`, sizes);
      size.type = "button";
      size.setAttribute("aria-pressed", page.path === current);
      size.addEventListener("click", () => go(page.path));
    }
  }
  return item;
}

function drawLost() {
  const all = losing(told);
  const open = ({ index, path }) => {
    if (index !== number) choose(index);
    go(path);
  };
  drawLosing(element("lost"), all, { heading: word("losing", all.length), note: word("accepts"), open });
}

function drawNow() {
  const found = pages().find(({ page }) => page.path === current);
  if (!found) return;
  const { slide, page } = found;
  Object.assign(element("what"), { textContent: slide.title, lang: slide.language });
  element("returned").replaceChildren();
  if (slide.returned) {
    make("span", "back", word("returned"), element("returned"));
    element("returned").append(` ${slide.returned[lang]}`);
  }
  element("who").textContent = `${named(told.agencies[slide.agency])} · slides/${slide.source} · ${page.size.replace("x", "×")}`;
  const made = [slide.authors.length && word("authors", slide.authors.join(", ")), slide.uncommitted && word("uncommitted")];
  element("made").textContent = made.filter(Boolean).join(" · ");
  const faulty = faultsOf(page.path);
  element("measured").hidden = !faulty.length;
  element("measured").replaceChildren(...faulty.map((fault) => make("li", fault.severity, sentence(fault, lang))));
  element("altered").replaceChildren(...slide.altered.map((line) => make("li", "", line[lang])));
  size();
}

function size() {
  const [width, height] = (pages().find(({ page }) => page.path === current)?.page.size ?? "1920x1080").split("x").map(Number);
  const wide = element("stage").clientWidth - (innerWidth > 900 ? 48 : 32);
  const others = document.querySelector("header").offsetHeight + element("now").offsetHeight + element("altered").offsetHeight + element("measured").offsetHeight + 106;
  // Long texts below leave the slide its readable size: then the stage scrolls.
  const high = innerWidth > 900 ? Math.max(innerHeight - others, innerHeight * 0.45) : innerHeight * 0.6;
  const scale = Math.min(wide / width, high / height, 1.5);
  Object.assign(frame.style, { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` });
  // Whole pixels, so that no black edge shows.
  Object.assign(element("face").style, { width: `${Math.floor(width * scale)}px`, height: `${Math.floor(height * scale)}px` });
  element("frame").style.width = `${Math.floor(width * scale)}px`;
}

// Loads a page into the only frame. Nothing is loaded ahead: the frame requests only what a person looks at.
function go(path) {
  if (frame.contentDocument) release(frame.contentDocument);
  current = path;
  opening = new Promise((done) => {
    settle = done;
    setTimeout(done, 15000);
  });
  drawList();
  drawNow();
  // In a narrow window the list is below the slide; scrolling to it would hide the slide.
  if (innerWidth > 900) document.querySelector("#list .on")?.scrollIntoView({ block: "nearest" });
  frame.contentWindow.location.replace(new URL(`/p/${shown().report.program}/${path}`, location.href));
}

async function loaded() {
  const doc = frame.contentDocument;
  if (!doc || frame.contentWindow.location.href === "about:blank") return;
  const [program, path] = [shown().report.program, current];
  await ready(doc).catch(() => {});
  const all = await measured(doc).then(faults, () => []);
  if (frame.contentDocument !== doc) return;
  // A page with a date shows one of the program's own.
  const { from, until } = shown().report.valid;
  clocks(doc, local(until ? from * 1000 : Date.now()));
  play(doc, 0, sound ? 1 : 0, () => {});
  await tell(program, path, all);
  settle();
  if (faultsOf(path).length) drawNow();
  // The server records a page once all of it is sent, which may be shortly after it arrives here.
  for (let tries = 0; tries < 20 && frame.contentDocument === doc; tries++) {
    await ask();
    if (pages().some(({ page, open }) => open && page.path === current)) break;
    await new Promise((go) => setTimeout(go, 100));
  }
}

function step(ways) {
  const all = pages();
  const at = all.findIndex(({ page }) => page.path === current);
  go(all[Math.min(Math.max(at + ways, 0), all.length - 1)].page.path);
}

function onward() {
  const next = unopened();
  if (next) return go(next.page.path);
  const other = told.programs.findIndex(({ report, opened }) => report.slides.some(({ pages: list }) => list.some(({ path, seen }) => !seen && !opened.includes(path))));
  if (other >= 0) choose(other);
}

function choose(index) {
  number = index;
  draw();
  go((unopened() ?? pages()[0]).page.path);
}

function draw() {
  drawHeader();
  drawFacts();
  drawChanges();
  drawList();
  drawLost();
  drawNow();
  drawProgress();
}

async function ask() {
  try {
    await opening;
    const answer = await (await fetch("/review.json")).json();
    const known = (programs) => JSON.stringify(programs?.map(({ opened, measured }) => [opened, Object.values(measured).filter(Boolean)]));
    const news = known(answer.programs) !== known(told?.programs);
    const back = ended && !answer.outcome;
    told = answer;
    ended = told.outcome;
    if (news || back) {
      drawList();
      drawLost();
      drawProgress();
    }
  } catch {
    if (!ended) ended = "lost";
  }
  drawEnd();
}

function drawEnd() {
  document.body.classList.toggle("ended", Boolean(ended));
  document.body.classList.toggle("signed", ended === "signed");
  element("mark").textContent = ended === "signed" ? "ĐÃ KÝ, CHƯA PHÁT HÀNH · SIGNED, NOT PUBLISHED" : "CHƯA DUYỆT · NOT APPROVED";
  if (ended) element("count").textContent = OUTCOMES[ended][lang];
}

function tab(name) {
  for (const each of ["slides", "changes"]) element(`tab-${each}`).setAttribute("aria-pressed", each === name);
  element("list").hidden = name !== "slides";
  element("changes").hidden = name !== "changes";
}

frame.addEventListener("load", loaded);
addEventListener("resize", size);
element("program").addEventListener("change", ({ target }) => choose(Number(target.value)));
element("previous").addEventListener("click", () => step(-1));
element("next").addEventListener("click", () => step(1));
element("unopened").addEventListener("click", onward);
element("tab-slides").addEventListener("click", () => tab("slides"));
element("tab-changes").addEventListener("click", () => tab("changes"));
element("sound").addEventListener("click", ({ target }) => {
  sound = !sound;
  target.setAttribute("aria-pressed", sound);
  if (frame.contentDocument) loudness(frame.contentDocument, sound ? 1 : 0);
});
document.querySelectorAll("[data-lang]").forEach((each) => each.addEventListener("click", () => {
  lang = each.dataset.lang;
  localStorage.setItem("lang", lang);
  draw();
}));
addEventListener("keydown", ({ key, target }) => {
  if (target.tagName === "SELECT") return;
  if (key === "ArrowRight") onward();
  if (key === "ArrowLeft") step(-1);
});

await ask();
if (told.programs.length) {
  choose(0);
  opening.then(survey);
  // The command waits for a page that is open to learn how it ended.
  for (; !["signed", "refused"].includes(ended); await ask()) await new Promise((go) => setTimeout(go, document.body.classList.contains("done") ? 1000 : 3000));
}
