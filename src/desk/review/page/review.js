// The review page: every slide of the exact program to sign, one after the other, and what changed in it.
// Never counts opened pages itself: the server does, when it is told that a page was looked at.

import { drawLosing, losing } from "./lost.js";
import { faults, measured } from "./measure.js";
import { Measuring, badge, sentence } from "./measuring.js";
import { DOT, MARK, brief, language, lay, make, named as inLanguage, short, slim, writeBadges, writeFacts } from "./parts.js";
import { clocks, loudness, play, ready, release } from "./slide.js";
import { Playing } from "./playing.js";
import { counts, pagesOf } from "./progress.js";
import { offset } from "./timeline.js";
import { WORDS } from "./review-words.js";
import { OUTCOMES, day as written, duration, shortPeriod } from "./words.js";

const element = (id) => document.getElementById(id);
const [frame, older] = document.querySelectorAll("iframe");
// How long a page stands in view before it counts, in milliseconds; the server measures it too.
const LOOK = 1000;
// What a wide window keeps below a slide for usual texts, in rem: its buttons, title, where it is from, whether it counts; and three lines of what
// has changed in it and is lost of it, if there is such a slide in the program.
const BELOW = 13.25;
const TOLD = 5.75;
const pause = (ms) => new Promise((go) => setTimeout(go, ms));
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
let inView = true;
let compared = false;
// The page that stands in the frame and may count: its program and path.
let standing = null;
let playing;
// The films and sounds of the page in the frame.
let films = null;
// What two films side by side may be out of step, in seconds.
const APART = 0.25;
// Media that are not there by then fail, in milliseconds.
const LATE = 15000;

const word = (name, ...values) => {
  const found = WORDS[name][lang];
  return typeof found === "function" ? found(...values) : found;
};
const named = (names) => inLanguage(names, lang);
const shown = () => told.programs[number];
// Local wall time as if it were UTC, by the program's own offsets.
const local = (ms) => new Date(ms + offset(shown(), ms) * 1000);
const day = (ms) => written(local(ms), lang);

// A page with a date shows one of the program's own, and a time whose digits differ, so that everybody sees a clock that is turned round.
const sampled = () => {
  const { from, until } = shown().report.valid;
  return new Date(local(until ? from * 1000 : Date.now()).setUTCHours(20, 58));
};

// The group of a slide in the list: what people changed stands first, what the theme alone changed after it.
const GROUPS = ["altered", "retimed", "restyled", "untouched"];
const groupOf = ({ state, theme_only: theme, airtime }) => (state !== "same" && !theme ? "altered" : airtime.length ? "retimed" : theme ? "restyled" : "untouched");
const badgeOf = (slide) => ({ retimed: "rescheduled", restyled: "theme" })[groupOf(slide)] ?? slide.state;

// Every page of the program, group by group.
function pages() {
  const all = pagesOf(shown());
  return GROUPS.flatMap((group) => all.filter(({ slide }) => groupOf(slide) === group));
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

// The next unopened page: after the current one, else from the start.
function unopened() {
  const all = pages();
  const at = all.findIndex(({ page }) => page.path === current) + 1;
  return [...all.slice(at), ...all.slice(0, at)].find(({ settled }) => !settled);
}

// A slide that the program no longer has, by the path of one of its approved pages.
const removed = (path) => shown().report.removed.find(({ pages: list }) => list.some((each) => each.path === path));

function drawHeader() {
  document.documentElement.lang = lang;
  document.title = `Bảng Tin · ${word("title")}`;
  document.querySelectorAll("[data-word]").forEach((each) => { each.textContent = word(each.dataset.word); });
  document.querySelectorAll("[data-lang]").forEach((each) => each.setAttribute("aria-pressed", each.dataset.lang === lang));
  for (const id of ["previous", "next", "unopened", "compare", "sound"]) element(id).textContent = word(id);
  [frame.title, older.title] = [word("frame"), word("older")];
  element("office").textContent = named(told.office);
  const names = told.programs.map(({ name, report }) => `${named(name)} · ${report.title}`);
  const fitting = slim().matches ? shortNames() : names;
  element("program").replaceChildren(...fitting.map((each, index) => new Option(each, index, false, index === number)));
  // One program leaves nothing to choose, and stands there all the same.
  element("program").hidden = names.length < 2;
  element("only").replaceChildren();
  if (names.length < 2) writeOnly(fitting[0]);
  element("choice").title = names[number];
  const { site, kind } = shown().report;
  element("times").href = `/times?site=${site}&kind=${kind}`;
}

// The one program there is; its month breaks at no hyphen.
function writeOnly(name) {
  const at = name.lastIndexOf(" · ") + 3;
  element("only").append(name.slice(0, at));
  make("bdi", "part", name.slice(at), element("only"));
}

// The programs as a narrow window holds them: what of the sites' names tells them apart, and the month.
function shortNames() {
  const all = told.programs.map(({ name }) => named(name));
  // One program alone is no choice: its name takes a second line.
  const sites = all.length > 1 ? brief(all, short().matches ? 15 : 26, lang) : all;
  return told.programs.map((program, index) => {
    const { kind, title, valid: { from } } = program.report;
    const month = new Date((from + offset(program, from * 1000)) * 1000).toISOString().slice(0, 7);
    const when = { monthly: month, evergreen: kind }[kind];
    return `${sites[index]} · ${when ? shortPeriod(when, lang) : title}`;
  });
}

function drawProgress() {
  const { pages: all, slides, settled, unplayed, unheard } = counts(told);
  const [sizes, lost] = [all / slides, losing(told).length];
  element("sum").textContent = sizes > 1 ? word("sum", slides, Number.isInteger(sizes) && sizes) : "";
  element("left").textContent = [unplayed && word("unplayed", unplayed), unheard && word("notHeard", unheard)].filter(Boolean).join(DOT);
  element("losing").textContent = lost ? word("losingAll", lost) : "";
  document.body.classList.toggle("done", settled === all);
  if (ended) return drawEnd();
  element("bar").value = settled / (all || 1);
  element("count").textContent = settled === all ? word("done") : word("count", settled, all);
  element("unopened").disabled = !told.programs.some((_, index) => index !== number) && !unopened();
}

function drawFacts() {
  const { report, name } = shown();
  element("name").textContent = named(name);
  element("title").textContent = report.title;
  const { from, until } = report.valid;
  element("window").textContent = until ? `${day(from * 1000)} – ${day(until * 1000 - 1)}` : word("evergreen");
  const [roles, exact] = document.querySelectorAll("#facts dl");
  for (const list of [roles, exact]) list.replaceChildren();
  const fact = (list, term, text, className) => {
    make("dt", "", term, list);
    make("dd", className, text, list);
  };
  for (const [role, { threshold, signed }] of Object.entries(report.needed)) {
    const own = report.roles.includes(role);
    const by = own && ended === "signed" ? [...signed, word("signedBy")] : signed;
    fact(roles, word("role", role), word("standing", by.length, threshold, by.join(", ")) + (own && !ended ? `${DOT}${word("you")}` : ""));
  }
  element("along").replaceChildren();
  if (report.decision) make("li", "", word("along", report.decision[lang]), element("along"));
  if (report.remark) make("li", "", word("remark", report.remark), element("along"));
  element("facts").querySelector("summary").textContent = word("exact");
  fact(exact, word("size"), word("sizes", report.files, (report.bytes / 1e6).toLocaleString(lang, { maximumFractionDigits: 1 })));
  fact(exact, word("digest"), report.program.match(/.{8}/g).join(" "), "mono");
  element("notes").replaceChildren(...report.notes.map((note) => make("li", "", note[lang])));
}

function drawChanges() {
  const { last, lapsed, parts } = shown().report;
  // What a person changed; the theme and files are told below, folded.
  const own = ({ about }) => about === "program" || about === "slides";
  const count = parts.filter(own).reduce((sum, { lines }) => sum + lines.length, 0);
  element("tab-slides").textContent = word("slides", shown().report.slides.length);
  element("tab-changes").textContent = last ? word("changes", count) : word("allNew");
  element("since").textContent = last ? word(lapsed ? "sinceLapsed" : "since", day(Date.parse(last[1])), last[0].slice(0, 12)) : word("first");
  element("parts").replaceChildren();
  if (last && !count) make("p", "", word(parts.length ? "themeOnly" : "nothing"), element("parts"));
  for (const part of [...parts.filter(own), ...parts.filter((each) => !own(each))]) {
    const holder = own(part) ? element("parts") : make("details", "", undefined, element("parts"));
    const { heading, about, lines } = part;
    make(own(part) ? "h3" : "summary", "", about === "files" ? `${heading[lang]} (${lines.length})` : heading[lang], holder);
    const list = make("ul", "", undefined, holder);
    for (const line of lines) make("li", "", line[lang], list);
  }
}

function drawList() {
  const list = element("list").querySelector("ol");
  const all = pages();
  const slides = [...new Set(all.map(({ slide }) => slide))];
  const several = new Set(slides.map(groupOf)).size > 1;
  const rows = [];
  slides.forEach((slide, index) => {
    if (several && (index === 0 || groupOf(slide) !== groupOf(slides[index - 1]))) rows.push(make("li", "head", word(groupOf(slide))));
    rows.push(row(slide, all.filter((each) => each.slide === slide)));
  });
  const { removed: gone } = shown().report;
  if (gone.length) rows.push(make("li", "head", word("gone")));
  rows.push(...gone.map(goneRow));
  // A row that has not changed stays: a click on one that is replaced under it is lost.
  const old = [...list.children];
  rows.forEach((item, at) => {
    if (!old[at]) list.append(item);
    else if (old[at].outerHTML !== item.outerHTML) old[at].replaceWith(item);
  });
  old.slice(rows.length).forEach((item) => item.remove());
}

// One slide that the program no longer has; its approved pages can be looked at where they are kept.
function goneRow({ title, language: tongue, agency, pages: kept }) {
  const item = make("li", `removed${kept.some(({ path }) => path === current) ? " on" : ""}`);
  item.dataset.pages = kept.map(({ path }) => path).join(" ");
  const button = make("button", "", undefined, item);
  Object.assign(button, { type: "button", disabled: !kept.length });
  make("span", "tick", "–", button);
  make("span", "slide", title, button).lang = tongue;
  writeBadges([{ text: word("removed"), kind: "error" }], [named(told.agencies[agency]) || agency, !kept.length && word("lost")].filter(Boolean).join(DOT), make("span", "who", undefined, button));
  button.addEventListener("click", () => go(kept[0].path));
  return item;
}

// How grave it is what a row's state says.
const KINDS = { new: "good", changed: "warning", rescheduled: "warning", theme: "note", same: "" };

// What is special about a slide, what has changed first.
function badgesOf(slide, own) {
  const [worst] = own.flatMap(({ page }) => faultsOf(page.path)).sort((one, other) => (one.severity > other.severity) - (one.severity < other.severity));
  return [
    { text: word(badgeOf(slide)), kind: KINDS[badgeOf(slide)] },
    slide.returned && { text: word("returned"), kind: "error back" },
    worst && { text: badge([worst], lang), kind: `${worst.severity} measured` },
    own.some(({ unheard }) => unheard) && { text: word("unheard"), kind: "warning unheard" },
  ].filter(Boolean);
}

// One slide, with a button for each page if screens differ in size.
function row(slide, own) {
  const settled = own.every((each) => each.settled);
  const state = own.some((each) => each.open) && settled ? "open" : settled ? "seen" : "";
  const item = make("li", [badgeOf(slide), state, own.some(({ page }) => page.path === current) ? "on" : ""].filter(Boolean).join(" "));
  item.dataset.pages = own.map(({ page }) => page.path).join(" ");
  const button = make("button", "", undefined, item);
  button.type = "button";
  make("span", "tick", settled ? "✓" : "○", button);
  const title = make("span", "slide", slide.title, button);
  title.lang = slide.language;
  make("span", "lang", slide.language, title);
  writeBadges(badgesOf(slide, own), named(told.agencies[slide.agency]), make("span", "who", undefined, button));
  if (slide.returned) make("span", "took", slide.returned[lang], button);
  if (state === "seen") make("span", "why", word("seen"), button);
  button.addEventListener("click", () => go((own.find((each) => !each.settled) ?? own[0]).page.path));
  if (own.length > 1) {
    const sizes = make("p", "sizes", undefined, item);
    for (const { page, settled: done } of own) {
      const size = make("button", done ? "done" : "", undefined, sizes);
      make("i", "", done ? "✓" : "○", size);
      size.append(page.size.replace("x", "×"));
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
  const note = { signed: "accepted", refused: "declined" }[ended] ?? "accepts";
  drawLosing(element("lost"), all, { heading: word("losing", all.length), note: word(note), open });
}

function drawNow() {
  const found = pages().find(({ page }) => page.path === current);
  const gone = found ? undefined : removed(current);
  drawMark();
  drawLook();
  element("compare").hidden = !found?.page.before;
  element("before").hidden = !compared || !found?.page.before;
  if (gone) {
    Object.assign(element("what"), { textContent: gone.title, lang: gone.language });
    writeFacts([named(told.agencies[gone.agency]) || gone.agency, word("gone")], gone.id, element("who"));
    for (const id of ["returned", "made", "altered"]) element(id).replaceChildren();
    size();
  }
  if (!found) return;
  const { slide, page } = found;
  Object.assign(element("what"), { textContent: slide.title, lang: slide.language });
  element("returned").replaceChildren();
  if (slide.returned) {
    make("span", "badge error back", word("returned"), element("returned"));
    element("returned").append(` ${slide.returned[lang]}`);
  }
  writeFacts([named(told.agencies[slide.agency]), slide.ms.map((ms) => duration(ms, lang)).join(", "), page.size.replace("x", "×")], `slides/${slide.source}`, element("who"));
  const made = [slide.authors.length && word("authors", slide.authors.join(", ")), slide.uncommitted && word("uncommitted")];
  element("made").textContent = made.filter(Boolean).join(DOT);
  const faulty = faultsOf(page.path);
  element("measured").hidden = !faulty.length;
  element("measured").replaceChildren(...faulty.map((fault) => make("li", fault.severity, sentence(fault, lang))));
  element("altered").replaceChildren(...[...slide.altered, ...slide.airtime].map((line) => make("li", "", line[lang])));
  size();
}

// Whether the shown page counts as opened, else what it takes and how much of that is done.
function drawLook(part) {
  const found = pages().find(({ page }) => page.path === current);
  const stuck = !found?.settled && Boolean(films?.stuck);
  element("look").hidden = !found;
  element("look").classList.toggle("done", Boolean(found?.settled));
  element("look").classList.toggle("stuck", stuck);
  if (part !== undefined) element("look").style.setProperty("--seen", part);
  const [state, doubt] = stuck ? [word("stuck")] : found ? lookTexts(found) : [""];
  element("look").querySelector("b").textContent = state;
  element("look").querySelector("em").textContent = doubt ? DOT + doubt : "";
}

// How far the page is, and what is to be done besides.
function lookTexts({ page, open, settled, unheard }) {
  if (open) return [word("looked"), unheard && word("turnOn")];
  if (settled) return [word("lookedBefore")];
  if (!inView) return [word("partly")];
  const { media } = shown();
  if (!(page.path in media)) return [word("look")];
  return [word("playing", ...(films?.time ?? [0, Infinity]).map(clock)), media[page.path] && !sound && films?.unheard !== false && word("turnOn")];
}

// Seconds as 1:05; unknown until the film is there.
const clock = (seconds) => (Number.isFinite(seconds) ? `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}` : "…");

// Whether a slide of the program has something that stands below it: what has changed in it, or what was measured.
const telling = () => shown().report.slides.some(({ altered, airtime, pages: list }) => altered.length || airtime.length || list.some(({ path }) => shown().measured[path] || faultsOf(path).length));

function size() {
  sizeWith(MARK);
  // Above a narrow slide a mark takes more lines.
  const mark = Math.max(element("mark").offsetHeight, element("before").firstElementChild.offsetHeight);
  if (mark > MARK) sizeWith(mark);
}

function sizeWith(mark) {
  const { slides, removed: gone } = shown().report;
  const known = [...slides, ...gone].flatMap(({ pages: list }) => list);
  const face = ({ size: text } = {}) => {
    const [width, height] = (text ?? "1920x1080").split("x").map(Number);
    return { width, height };
  };
  const { width, height } = face(known.find(({ path }) => path === current));
  const alone = element("before").hidden;
  const below = telling() ? BELOW + TOLD : BELOW;
  const scale = lay(element("stage"), { width, height }, known.map(face), { below, count: alone ? 1 : 2, most: 2, mark });
  // Whole pixels, so that no black edge shows.
  const [shownWidth, shownHeight] = [Math.floor(width * scale), Math.floor(height * scale)];
  for (const view of [frame, older]) {
    Object.assign(view.style, { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` });
    Object.assign(view.parentElement.style, { width: `${shownWidth}px`, height: `${shownHeight}px` });
    view.parentElement.parentElement.style.width = `${shownWidth}px`;
  }
  foldMark();
}

// Where the mark's two languages do not stand on one line, each has its own.
function foldMark() {
  element("mark").classList.remove("lines");
  const [own, other] = element("mark").querySelectorAll(".part");
  element("mark").classList.toggle("lines", Boolean(other) && other.offsetTop > own.offsetTop);
}

// Loads a page into the frame. Nothing is loaded ahead: the frame requests only what a person looks at. Once the command has ended, its
// server is gone, and what stands in the frame stays.
function go(path) {
  if (ended) return;
  if (frame.contentDocument) release(frame.contentDocument);
  current = path;
  // The one before is no longer waited for.
  settle();
  opening = new Promise((done) => {
    settle = done;
    setTimeout(done, 15000);
  });
  [standing, films] = [null, null];
  drawList();
  drawNow();
  drawLook(0);
  // In a narrow window the list is below the slide; scrolling to it would hide the slide.
  if (!slim().matches) document.querySelector("#list .on")?.scrollIntoView({ block: "nearest" });
  const { program, last } = shown().report;
  // Kept in the address, so that a page that is loaded again stands where it stood.
  history.replaceState(null, "", `#${program.slice(0, 8)}/${path}`);
  const gone = removed(path);
  frame.contentWindow.location.replace(new URL(gone ? `/approved/${last[0]}/${path}` : `/p/${program}/${path}`, location.href));
  loadOlder();
}

// Loads the approved page beside the new one.
function loadOlder() {
  const page = pages().find((each) => each.page.path === current)?.page;
  if (element("before").hidden || !page?.before) return;
  older.contentWindow.location.replace(new URL(`/approved/${shown().report.last[0]}/${page.before}`, location.href));
}

// Says that the page in the frame was looked at for a second, and what of its films and sounds was played to the end.
async function look() {
  if (!standing) return;
  const played = films?.whole ? films.files : [];
  for (const [path, heard] of played) await fetch(`/played/${standing.program}/${path}${heard ? "?heard" : ""}`, { cache: "no-store" }).catch(() => {});
  await fetch(`/seen/${standing.program}/${standing.path}`, { cache: "no-store" }).catch(() => {});
  await ask();
}

async function loaded() {
  const doc = frame.contentDocument;
  if (!doc || frame.contentWindow.location.href === "about:blank") return;
  const [program, path] = [shown().report.program, current];
  // While somebody steps on quickly, the page that is still in the frame is another than the one that was asked for, and has not its size.
  const here = () => frame.contentDocument === doc && current === path && decodeURI(doc.location.pathname).endsWith(`/${path}`);
  if (!here()) return;
  // A film that neither comes nor fails keeps nobody waiting for a word.
  await Promise.race([ready(doc), pause(LATE)]).catch(() => {});
  const all = await measured(doc).then(faults, () => []);
  if (!here()) return;
  clocks(doc, sampled());
  play(doc, 0, sound ? 1 : 0, () => {});
  films = playing.of(doc, shown().silent);
  abreast();
  element("sound").hidden = !films.audible;
  const gone = removed(path);
  if (!gone) await tell(program, path, all);
  settle();
  if (faultsOf(path).length) drawNow();
  if (!gone) standing = { program, path };
  await ask();
  await stay(() => standing && here() && !ended);
}

// While the page stands: says that it was looked at, once it has been in view for long enough and again once its films were played. The server
// records a page once all of it is sent, which may be shortly after it arrives here; it measures the look itself, and knows the films of other pages.
async function stay(here) {
  const own = () => pages().find(({ page }) => page.path === current);
  let [seen, told] = [0, false];
  while (here() && (!own()?.open || own().unheard)) {
    await pause(100);
    if (!here()) return;
    const visible = inView && document.visibilityState === "visible";
    seen = visible ? seen + 100 : 0;
    films.look(visible);
    const [played, length] = films.time;
    drawLook(Math.min(seen / LOOK, films.any ? played / length || 0 : 1, 1));
    const due = own()?.open ? !films.unheard : films.whole || !told;
    if (seen >= LOOK && due) {
      told = true;
      await look();
    }
  }
}

async function loadedOlder() {
  const doc = older.contentDocument;
  if (!doc || older.contentWindow.location.href === "about:blank") return;
  await ready(doc).catch(() => {});
  clocks(doc, sampled());
  play(doc, 0, 0, () => {});
  abreast();
}

// The films of the approved page keep step with those beside them, and stand still with them.
function abreast() {
  if (element("before").hidden) return;
  const [own, others] = [frame, older].map(({ contentDocument }) => [...(contentDocument?.querySelectorAll("[data-media]") ?? [])]);
  others.slice(0, own.length).forEach((film, index) => {
    const lead = own[index];
    const follow = () => {
      const apart = Math.abs(film.currentTime - lead.currentTime) > APART;
      if (apart && !(lead.currentTime >= film.duration)) film.currentTime = lead.currentTime;
      if (lead.paused) film.pause();
      else if (film.paused && !film.ended) film.play().catch(() => {});
    };
    lead.ontimeupdate = lead.onplay = lead.onpause = follow;
    follow();
  });
}

function step(ways) {
  const all = pages();
  const at = Math.max(all.findIndex(({ page }) => page.path === current), 0);
  go(all[Math.min(Math.max(at + ways, 0), all.length - 1)].page.path);
}

function onward() {
  const next = unopened();
  if (next) return go(next.page.path);
  if (ended) return;
  const other = told.programs.findIndex((program) => pagesOf(program).some(({ settled }) => !settled));
  if (other >= 0) choose(other);
}

function choose(index, path) {
  number = index;
  current = undefined;
  draw();
  go(path ?? (unopened() ?? pages()[0]).page.path);
}

// The page that the address names, else the first unopened one.
function begin() {
  const [program, ...rest] = location.hash.slice(1).split("/");
  const index = told.programs.findIndex(({ report }) => report.program.startsWith(program || "-"));
  if (index < 0) return choose(0);
  number = index;
  const path = rest.join("/");
  choose(index, pages().some(({ page }) => page.path === path) || removed(path) ? path : undefined);
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
    const known = (programs) => JSON.stringify(programs?.map(({ opened, unheard, measured }) => [opened, unheard, Object.values(measured).filter(Boolean)]));
    const news = known(answer.programs) !== known(told?.programs);
    const turned = told && (ended ?? null) !== (answer.outcome ?? null);
    told = answer;
    ended = told.outcome;
    if (turned) drawFacts();
    if (news || turned) {
      drawLook();
      drawList();
      drawLost();
      drawProgress();
    }
  } catch {
    if (!ended && told) {
      ended = "lost";
      drawFacts();
    }
  }
  drawEnd();
}

// How far the shown program is, and whether the slide in the frame belongs to it.
function drawMark() {
  const lacks = Object.keys(shown().report.lacking).length;
  const signed = lacks ? "BẠN ĐÃ KÝ, CHƯA ĐỦ CHỮ KÝ · SIGNED BY YOU, SIGNATURES MISSING" : "ĐỦ CHỮ KÝ, CHƯA PHÁT HÀNH · ALL SIGNED, NOT PUBLISHED";
  const gone = Boolean(current && removed(current));
  element("mark").classList.toggle("gone", gone);
  const mark = gone ? "BỎ KHỎI CHƯƠNG TRÌNH · REMOVED FROM THE PROGRAM" : ended === "signed" ? signed : "CHƯA DUYỆT · NOT APPROVED";
  // Each language on one line, where it fits.
  const [own, other] = mark.split(" · ").map((part) => make("span", "part", part));
  const line = make("span");
  line.append(own, make("i", "", " · "), other);
  if (!element("mark").firstChild.isEqualNode(line)) element("mark").replaceChildren(line);
  foldMark();
  document.body.classList.toggle("signed", ended === "signed" && !lacks);
  document.body.classList.toggle("waiting", ended === "signed" && lacks > 0);
}

function drawEnd() {
  document.body.classList.toggle("ended", Boolean(ended));
  // Without its server the page can load nothing.
  for (const part of [element("choice"), element("list").querySelector("ol")]) part.inert = Boolean(ended);
  if (!told?.programs.length) return;
  drawMark();
  if (ended) element("count").textContent = ended === "signed" ? signedText() : OUTCOMES[ended][lang];
}

function signedText() {
  const list = Object.entries(shown().report.lacking).map(([role, count]) => word("lacks", count, role)).join(", ");
  const [complete, lacking] = told.programs.length > 1 ? ["openComplete", "openLacking"] : ["complete", "lacking"];
  const { pages: all, settled } = counts(told);
  const unopened = all - settled;
  return [unopened ? word("signedUnseen", unopened) : word("signedAll"), list ? word(lacking, list) : word(complete), word("close")].join(" ");
}

function tab(name) {
  for (const each of ["slides", "changes"]) element(`tab-${each}`).setAttribute("aria-pressed", each === name);
  element("list").hidden = name !== "slides";
  element("changes").hidden = name !== "changes";
}

frame.addEventListener("load", loaded);
older.addEventListener("load", loadedOlder);
// All of the slide; less than that only by what a screen rounds off.
const WHOLE = 0.99;
new IntersectionObserver(([{ intersectionRatio }]) => {
  inView = intersectionRatio >= WHOLE;
  if (told?.programs.length) drawLook();
}, { threshold: [0, WHOLE, 1] }).observe(element("face"));
element("compare").addEventListener("click", ({ target }) => {
  compared = !compared;
  target.setAttribute("aria-pressed", compared);
  drawNow();
  loadOlder();
});
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
  if (sound) films?.again();
});
document.querySelectorAll("[data-lang]").forEach((each) => each.addEventListener("click", () => {
  lang = each.dataset.lang;
  localStorage.setItem("lang", lang);
  draw();
}));
for (const form of [short(), slim()]) form.addEventListener("change", () => told && drawHeader());
addEventListener("keydown", ({ key, target }) => {
  if (target.tagName === "SELECT") return;
  if (key === "ArrowRight") onward();
  if (key === "ArrowLeft") step(-1);
});

await ask();
if (told.programs.length) {
  playing = new Playing(told.programs.map(({ report }) => report.program));
  begin();
  opening.then(survey);
  // The command waits for a page that is open to learn how it ended.
  for (; !["signed", "refused"].includes(ended); await ask()) await new Promise((go) => setTimeout(go, document.body.classList.contains("done") ? 1000 : 3000));
}
