// The page around the preview: selects site, program, screen and time; shows what plays and why, and the faults to fix.
// Never decides what plays: the timetable does, in the player's own module.

import { Faces } from "./faces.js";
import { itemStart } from "./moments.js";
import { listen } from "./news.js";
import { badge, sentence } from "./measuring.js";
import { MARK, MARKED, brief, fold, language, lay, make, named, short, slim, writeBadges, writeCounts, writeFacts, writeLine, writePath, writeText } from "./parts.js";
import { timetables, warn } from "./source.js";
import { offset, show } from "./timeline.js";
import { day, duration, moment, OUTCOMES, shortPeriod, weekday, WORDS } from "./words.js";

const element = (id) => document.getElementById(id);
const DAY = 86400000;
// What a wide window keeps below a slide for usual texts, in rem: the day with its hours, the title and where it is from.
const BELOW = 12;
// How many letters of a name stand in a field on a phone.
const PHONE = 44;
const chosen = Object.fromEntries(new URLSearchParams(location.search));
let lang = language();
let overview;
let schedule;
let details;
let now = null;
let dragging = false;
// What the address names and the content does not have: [kind, name]. Whoever opens a link that somebody sent must not take another site for it.
let unknown = [];
// What was chosen at a site that is not there; it is chosen again when a save brings it back, unless a person has chosen something else.
let wished = null;
// A typed time that is none.
let mistyped = "";

const word = (name, ...values) => {
  const found = WORDS[name][lang];
  return typeof found === "function" ? found(...values) : found;
};
const name = (names) => named(names, lang);
const manifest = () => schedule?.programs[0]?.manifest;
const site = () => overview.sites.find((each) => each.id === chosen.site);
// Whether there is something to show; a file with errors can take away programs, screens, sites or all of them.
const programmed = () => Boolean(site()?.periods.includes(chosen.period) && site().screens.some(({ id }) => id === chosen.screen));
const faulty = () => overview.faults.some(({ severity }) => severity === "error");
const json = async (url) => (await fetch(url, { cache: "no-store" })).json();
const complete = timetables();
// What the browser measures of the pages, at every face of the site.
const faces = new Faces(() => {
  drawFaults();
  if (now !== null) drawNow();
});
// The review serves this page too, of a program whose faults were judged before.
const inReview = location.pathname === "/times";

// Local wall time as if it were UTC, and back.
const local = (ms) => ms + (manifest() ? offset(manifest(), ms) * 1000 : 0);
const instant = (wall) => wall - (manifest() ? offset(manifest(), wall - offset(manifest(), wall) * 1000) * 1000 : 0);
const text = (ms) => new Date(local(ms)).toISOString().slice(0, 19);

function group(parent, entries, current, choose) {
  parent.replaceChildren(...entries.map(([value, label]) => {
    const [kind, own, more] = label;
    const button = make("button");
    make("span", "more", `${kind} `, button);
    button.append(own);
    make("small", "more", more, button);
    button.type = "button";
    button.setAttribute("aria-pressed", value === current);
    button.addEventListener("click", () => choose(value));
    return button;
  }));
}

function options(select, entries, current) {
  select.replaceChildren(...entries.map(([value, label]) => new Option(label, value, false, value === current)));
}

const periodName = (period) => (period === "evergreen" ? word("evergreen") : word("month", ...period.split("-").map(Number)));

// Keeps a choice that still exists, else selects the first option; where there is none, it waits for the next save.
function settle() {
  const keep = (kind, known) => {
    if (!known.length) return;
    if (chosen[kind] && !known.includes(chosen[kind])) unknown.push([kind, chosen[kind]]);
    if (!known.includes(chosen[kind])) chosen[kind] = known[0];
  };
  if (chosen.site && overview.sites.length && !site()) wished = { ...chosen };
  keep("site", overview.sites.map(({ id }) => id));
  const here = site();
  if (!here) return;
  keep("screen", here.screens.map(({ id }) => id));
  keep("period", here.periods);
}

function drawNotice() {
  // Where the address names another site, the one that is shown is called by its name.
  const here = unknown.some(([kind]) => kind === "site") ? name(site()?.name) : word("here");
  const named = (kind, value) => (kind === "outside" ? [moment(local(value), lang)] : [value, here, /^\d{4}-(0[1-9]|1[0-2])$/.test(value) ? periodName(value) : undefined]);
  // That its moments are outside of another program goes without saying of a program that is not there.
  const told = unknown.filter(([kind]) => kind !== "outside" || !unknown.some(([other]) => other === "period"));
  const lines = told.map(([kind, value]) => WORDS.unknown[kind][lang](...named(kind, value)));
  if (unknown.length && programmed()) {
    const period = lang === "vi" ? periodName(chosen.period).toLowerCase() : periodName(chosen.period);
    const found = [name(site().name), period, `${word("screen").toLowerCase()} ${chosen.screen}`].join(", ");
    lines.push(word("instead", found));
  }
  if (details?.gone) lines.push(word("gone", details.gone[lang]), word(manifest() ? "inPlace" : "cardInPlace"));
  element("notice").textContent = lines.join(" ");
  sizeFrame();
}

// Says below the field that the time in it is none; it stays there to be corrected.
function drawClock() {
  element("clock").textContent = mistyped && word("clock", mistyped);
  if (mistyped) element("time").setAttribute("aria-invalid", "true");
  else element("time").removeAttribute("aria-invalid");
}

function remember() {
  const { site: s, period, screen } = chosen;
  const query = new URLSearchParams({ site: s, period, screen });
  if (now !== null) query.set("t", text(now));
  history.replaceState(null, "", `?${query}`);
}

function drawHeader() {
  document.documentElement.lang = lang;
  document.querySelectorAll("[data-word]").forEach((each) => { each.textContent = word(each.dataset.word); });
  document.querySelectorAll("[data-lang]").forEach((each) => each.setAttribute("aria-pressed", each.dataset.lang === lang));
  for (const id of ["previous", "next", "sound"]) element(id).textContent = word(id);
  for (const id of ["date", "time", "slider"]) element(id).setAttribute("aria-label", word(id));
  element("shell").title = word("screen");
  if (inReview) document.querySelector("h1 span").textContent = word("times");
  document.title = `Bảng Tin · ${document.querySelector("h1 span").textContent}`;
  element("review").hidden = !inReview;
  element("health").hidden = inReview && !overview.outcome;
  element("name").textContent = name(overview.name);
  const names = overview.sites.map((each) => name(each.name));
  const most = short().matches ? 15 : slim().matches ? PHONE : Infinity;
  const fitting = short().matches || names.some(({ length }) => length > most) ? brief(names, most, lang) : names;
  options(element("site"), overview.sites.map(({ id }, index) => [id, fitting[index]]), chosen.site);
  element("site").title = name(site()?.name);
  document.querySelector("nav").hidden = !site();
  element("period").parentElement.hidden = !site()?.periods.length;
  options(element("period"), (site()?.periods ?? []).map((each) => [each, short().matches ? shortPeriod(each, lang) : periodName(each)]), chosen.period);
  const screens = (site()?.screens ?? []).map((each) => [each.id, [word("screen"), each.id, `${each.width}×${each.height}`]]);
  group(element("screens"), screens, chosen.screen, (screen) => pick({ screen }));
}

// The review has no news but its end.
async function watchReview() {
  const { outcome } = await json("/state.json").catch(() => ({ outcome: overview.outcome ?? "lost" }));
  if (outcome !== overview.outcome) {
    overview.outcome = outcome;
    drawHeader();
    drawFaults();
  }
  if (!outcome || outcome === "lost") setTimeout(watchReview, 1500);
}

function drawOutcome() {
  Object.assign(element("health"), { textContent: OUTCOMES[overview.outcome][lang], className: overview.outcome === "signed" ? "" : "bad", disabled: true, title: "" });
}

// Each fault once: those of the schedule that is shown are among those of all.
const once = (faults) => [...new Map(faults.map((fault) => [JSON.stringify([fault.code, fault.place, fault.cause]), fault])).values()];

function drawFaults() {
  if (inReview) return overview.outcome && drawOutcome();
  // As check does: while files are at fault, nothing is made of what that does to the schedules.
  const unplanned = faulty();
  const judged = once([...overview.faults, ...(details?.faults ?? []).filter(({ severity }) => severity === "error" || !unplanned)]);
  const all = [...judged.filter(({ severity }) => severity === "error"), ...judged.filter(({ severity }) => severity !== "error")];
  const health = element("health");
  const errors = all.filter((each) => each.severity === "error").length;
  const losing = schedule ? faces.losing() : [];
  const counts = [losing.length && word("losing", losing.length), errors && word("errors", errors), all.length - errors && word("warnings", all.length - errors)].filter(Boolean);
  const some = counts.length > 0;
  writeCounts(some ? counts : [word(overview.checked ? "fine" : "checking")], health);
  Object.assign(health, { title: word("beyond"), disabled: !some, className: errors || losing.length ? "bad" : some ? "doubtful" : "" });
  element("faults").className = health.className;
  element("faults").hidden = !some;
  writeCounts(counts, element("faults").querySelector("h2"));
  element("unplanned").textContent = unplanned ? word("unplanned") : "";
  // What has not changed stays: somebody may be reading it, or stand on one of its buttons.
  const lost = losing.map(lostRow);
  const key = JSON.stringify([lang, all, lost.map(({ outerHTML }) => outerHTML)]);
  if (key === drawnFaults) return;
  drawnFaults = key;
  const rows = all.map(faultRow);
  element("faults").querySelector("ol").replaceChildren(...lost, ...rows);
  rows.forEach((item, index) => fold(item, JSON.stringify(all[index]), unfolded, [word("unfold"), word("folded")]));
}

let drawnFaults = "";
// The faults that a person has unfolded.
const unfolded = new Set();

function faultRow({ severity, code, place, cause, help }) {
  const item = make("li", severity);
  make("span", `badge ${severity} severity`, word(severity), item);
  const path = `${place.path}${place.line ? `:${place.line}` : ""}`;
  writeLine([(fact) => writePath(path, fact), (fact) => fact.append(code)], make("div", "where", undefined, item));
  writeText(cause[lang], make("div", "cause long", undefined, item));
  if (place.source) make("pre", "", place.source, item);
  writeText(help[lang], make("div", "help long", undefined, item));
  return item;
}

// When a slide begins on this screen: in the loop that plays, else in the next one that has it; undefined if none has.
function startOf(slide) {
  const { kind, loops, screens } = manifest();
  const index = (loop) => loops[loop]?.items.findIndex(([id]) => id === slide) ?? -1;
  const { loop: playing } = show(schedule, chosen.screen, Math.floor(now));
  if (index(playing) >= 0) return itemStart(manifest(), chosen.screen, Math.floor(now), index(playing)) + 1;
  const week = 604800;
  const zero = kind === "evergreen" ? now - ((((local(now) / 1000 + 259200) % week) + week) % week) * 1000 : 0;
  const spans = screens.find(({ id }) => id === chosen.screen)?.spans ?? [];
  const starts = spans.filter(([, , loop]) => index(loop) >= 0).map(([from, , loop]) => [Math.ceil(zero + from * 1000), loop]);
  const [from, loop] = starts.find(([ms]) => ms > now) ?? starts[0] ?? [];
  return loop && itemStart(manifest(), chosen.screen, from, index(loop)) + 1;
}

// A page that loses words; its title leads to it.
function lostRow({ slide, size, fault }) {
  const { title, source } = details.slides[slide] ?? { title: slide, source: `${slide}.md` };
  const item = make("li", "lost");
  make("span", "badge error severity", word("lost"), item);
  const button = make("button", "", title, item);
  button.type = "button";
  button.disabled = !Object.values(manifest()?.loops ?? {}).some(({ items }) => items.some(([id]) => id === slide));
  button.addEventListener("click", () => jump(startOf(slide)));
  writeFacts([size], `slides/${source}`, make("div", "where", undefined, item));
  make("div", "cause", sentence(fault, lang), item);
  return item;
}

function sizeFrame() {
  const screen = site()?.screens.find((each) => each.id === chosen.screen);
  if (!screen) return;
  const scale = lay(element("stage"), screen, site().screens, { below: BELOW });
  Object.assign(element("frame").style, { width: `${Math.max(Math.floor(screen.width * scale), MARKED)}px`, height: `${Math.floor(screen.height * scale) + MARK}px` });
}

// Draws the windows of the selected day, as percentages of it.
function drawDay() {
  const face = manifest()?.screens.find((each) => each.id === chosen.screen);
  const windows = element("windows");
  windows.replaceChildren();
  if (!face || now === null) return;
  const midnight = instant(Math.floor(local(now) / DAY) * DAY);
  const week = manifest().kind === "evergreen";
  const start = week ? (((local(midnight) / 1000 + 259200) % 604800) + 604800) % 604800 : midnight / 1000;
  // Adjacent spans play different loops; together they are one window.
  const open = [];
  for (const [from, until] of face.spans) {
    if (open.at(-1)?.[1] === from) open.at(-1)[1] = until;
    else open.push([from, until]);
  }
  for (const [from, until] of open) {
    const [a, b] = [Math.max(0, (from - start) / 86400), Math.min(1, (until - start) / 86400)];
    if (b > a) Object.assign(make("i", "", undefined, windows).style, { left: `${a * 100}%`, width: `${(b - a) * 100}%` });
  }
}

let drawnItem;
function drawList(shown) {
  const list = element("list").querySelector("ol");
  element("heading").textContent = word("heading");
  const loop = manifest()?.loops[shown.loop];
  element("summary").textContent = loop ? word("summary", loop.items.length, duration(loop.ms, lang)) : shown.state === "dark" ? word("none") : "";
  drawRows(list, loop?.items ?? []);
  [...list.children].forEach((each, index) => {
    if (each.classList.toggle("on", index === shown.item) && drawnItem !== each) {
      drawnItem = each;
      // Scrolls the list to the current item, but never the page.
      list.scrollTop = each.offsetTop - list.offsetTop - list.clientHeight / 3;
    }
  });
}

// Makes only the rows that differ from what is drawn: a save changes few of a thousand.
let drawnFrom = [];
function drawRows(list, items) {
  const from = [details, items, lang, overview, faces.version];
  if (from.every((each, index) => each === drawnFrom[index])) return;
  drawnFrom = from;
  items.forEach(([id, ms], index) => {
    const slide = details.slides[id] ?? { title: id, source: `${id}.md` };
    const reasons = details.reasons[id] ?? details.reasons[id.replace(/\.[a-z]+$/, "")] ?? [];
    const found = faces.worst(id);
    const key = JSON.stringify([lang, ms, slide, overview.agencies[slide.agency], reasons, found]);
    const old = list.children[index];
    if (old?.key === key) return;
    const made = Object.assign(row(slide, { reasons, found, ms }, index), { key });
    if (old) old.replaceWith(made);
    else list.append(made);
  });
  while (list.children.length > items.length) list.lastChild.remove();
}

function row(slide, { reasons, found, ms }, index) {
  const item = make("li");
  const button = make("button", "", undefined, item);
  button.type = "button";
  make("span", "no", index + 1, button);
  const title = make("span", "slide", slide.title, button);
  title.lang = slide.language ?? "";
  make("span", "lang", slide.language, title);
  make("span", "ms", duration(ms, lang), button);
  const badges = found.length ? [{ text: badge(found, lang), kind: `${found[0].severity} measured` }] : [];
  writeBadges(badges, name(overview.agencies[slide.agency]), make("span", "who", undefined, button));
  writePath(`slides/${slide.source}`, make("small", "file why", undefined, button));
  for (const each of reasons) writeFacts([each.playlist, each.when[lang]], each.place, make("span", "why", undefined, button));
  button.addEventListener("click", () => jump(itemStart(manifest(), chosen.screen, Math.floor(now), index) + 1));
  return item;
}

function drawNow() {
  if (now === null || !schedule) return;
  const shown = show(schedule, chosen.screen, Math.floor(now));
  const slide = details.slides[shown.slide];
  element("what").textContent = slide ? slide.title : word(shown.state === "dark" ? "dark" : "card");
  element("what").lang = slide?.language ?? lang;
  // A program with faults has no timetable.
  const { until: end } = manifest()?.valid ?? {};
  const last = end != null && shown.until >= end * 1000;
  const opens = (ms) => word("opens", moment(local(ms), lang));
  const ends = () => [word("ends", periodName(chosen.period)), following() && opens(following())].filter(Boolean).join(". ");
  const later = shown.state !== "dark" || !shown.until ? "" : last ? ends() : opens(shown.until);
  if (slide) writeFacts([name(overview.agencies[slide.agency]), duration(shown.ms, lang)], `slides/${slide.source}`, element("who"));
  else element("who").textContent = later;
  const time = text(now).slice(11);
  faces.draw(element("measured"), shown.slide, lang);
  drawDays();
  if (!dragging) element("slider").value = Math.floor(local(now) / 1000) % 86400;
  if (document.activeElement !== element("date")) element("date").value = text(now).slice(0, 10);
  if (document.activeElement !== element("time") && !mistyped) element("time").value = time;
  drawClock();
  element("slider").setAttribute("aria-valuetext", `${day(local(now), lang, true)}, ${time}`);
  element("previous").disabled = shown.state !== "slide";
  element("next").disabled = !shown.until || (last && !nextPeriod());
  drawDay();
  drawList(shown);
}

// Offers the days of a month's program, or the week around the moment. A date field would write them in the form of the browser's language.
let drawnDays = "";
function drawDays() {
  const { from, until } = manifest()?.valid ?? {};
  const today = Math.floor(local(now) / DAY);
  const monday = today - ((today + 3) % 7);
  const [first, last] = until == null ? [monday, monday + 6] : [from * 1000, until * 1000 - 1].map((ms) => Math.floor(local(ms) / DAY));
  if (drawnDays === `${first} ${last} ${lang}`) return;
  drawnDays = `${first} ${last} ${lang}`;
  const days = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * DAY);
  options(element("date"), days.map((wall) => [new Date(wall).toISOString().slice(0, 10), until == null ? weekday(wall, lang) : day(wall, lang, true)]), text(now).slice(0, 10));
}

// The program of the month after a month's.
function nextPeriod() {
  const [year, month] = (chosen.period ?? "").split("-").map(Number);
  const next = month && new Date(Date.UTC(year, month)).toISOString().slice(0, 7);
  return site()?.periods.find((each) => each === next);
}

// When the next month's program shows its first slide; asked for when it is needed, and again after a save.
let firstSlide = null;
function following() {
  const url = nextPeriod() && `/view/${chosen.site}/${nextPeriod()}/${chosen.screen}/schedule.json`;
  if (!url) return null;
  const key = `${url} ${overview.reading}`;
  if (firstSlide?.key === key) return firstSlide.ms;
  firstSlide = { key, ms: null };
  const found = firstSlide;
  json(url).then(complete).then((later) => {
    let ms = (later.programs[0]?.manifest.valid.from ?? NaN) * 1000;
    for (let tries = 0; tries < 40 && ms; tries++) {
      const { state, until } = show(later, chosen.screen, ms);
      if (state === "slide") break;
      ms = until;
    }
    found.ms = ms || null;
    if (found === firstSlide) drawNow();
  }).catch(() => {});
  return null;
}

// At the end of a month's program the next month's goes on; without one the last second stays.
let turning = false;
function turn(ms) {
  const { until } = manifest()?.valid ?? {};
  if (until == null || ms < until * 1000) return false;
  if (turning) return true;
  if (!nextPeriod()) {
    element("shell").contentWindow.postMessage({ moment: until * 1000 - 1000 }, location.origin);
    return true;
  }
  turning = true;
  choose({ period: nextPeriod() }, text(ms)).finally(() => { turning = false; });
  return true;
}

function jump(ms) {
  mistyped = "";
  if (turn(ms)) return;
  now = ms;
  element("shell").contentWindow.postMessage({ moment: ms }, location.origin);
  remember();
  drawNow();
}

function step(ways) {
  const shown = show(schedule, chosen.screen, Math.floor(now));
  if (ways > 0 && shown.until) jump(shown.until);
  if (ways < 0 && shown.state === "slide") {
    const start = now - shown.into;
    const before = show(schedule, chosen.screen, Math.floor(start - 1));
    if (before.state === "slide") jump(start - before.ms + 1);
  }
}

// The requested moment, else now if something plays, else the next moment at which something does.
function first() {
  const asked = chosen.t && instant(Date.parse(`${chosen.t.slice(0, 19)}${chosen.t.length === 16 ? ":00" : ""}Z`));
  const { from = 0, until } = manifest()?.valid ?? {};
  const inside = (ms) => ms >= from * 1000 && (until == null || ms < until * 1000);
  if (asked && inside(asked)) return asked;
  if (chosen.t && manifest()) unknown.push(Number.isFinite(asked) ? ["outside", asked] : ["t", chosen.t]);
  let ms = inside(Date.now()) ? Date.now() : from * 1000;
  for (let tries = 0; manifest() && tries < 40; tries++) {
    const shown = show(schedule, chosen.screen, ms);
    if (shown.state === "slide" || !shown.until) break;
    ms = shown.until;
  }
  return ms;
}

const view = (screen = chosen.screen) => `/view/${chosen.site}/${chosen.period}/${screen}/`;

function drawEmpty() {
  element("what").textContent = word(site() ? "programless" : faulty() ? "unread" : "empty");
  element("what").lang = lang;
  element("who").textContent = faulty() ? word("first") : "";
  element("moment").hidden = element("controls").hidden = element("list").hidden = element("frame").hidden = element("measured").hidden = true;
}

async function load() {
  settle();
  drawHeader();
  // It speaks of a preview that is made all the same.
  element("unplanned").hidden = !programmed();
  if (!programmed()) {
    schedule = details = undefined;
    now = null;
    drawFaults();
    drawNotice();
    return drawEmpty();
  }
  element("moment").hidden = element("controls").hidden = element("list").hidden = element("frame").hidden = false;
  try {
    [schedule, details] = await Promise.all([json(`${view()}schedule.json`).then(complete), json(`${view()}details.json`)]);
  } finally {
    drawFaults();
  }
  if (!inReview) faces.survey(site(), view, { schedule, screen: chosen.screen }).catch((error) => warn("faces", error));
  drawNotice();
}

async function choose(change, at) {
  unknown = [];
  mistyped = "";
  if (at) chosen.t = at;
  else if (change.period || change.site) delete chosen.t;
  else if (now !== null) chosen.t = text(now);
  Object.assign(chosen, change);
  await load();
  if (!schedule) return;
  now = first();
  drawNotice();
  element("shell").src = `${view()}?t=${text(now)}`;
  remember();
  drawNow();
}

// What a person chooses may be gone from the folder, and the news of that still under way.
function pick(change) {
  wished = null;
  choose(change).catch((error) => warn("page", error));
}

let seen = 0;
let told = () => {};
// How many saves are on their way to the frame.
let coming = 0;
// Frame and page share one thread, and a list of a thousand rows takes it for longer than a slide: the slide goes first.
function frameFirst(number) {
  return seen >= number ? null : Promise.race([new Promise((go) => { told = go; }), new Promise((go) => setTimeout(go, 300))]);
}

let busy = Promise.resolve();
// The reading that the whole page shows.
let drawn = 0;
// One after the other: an answer must not overtake the next.
function news(number) {
  faces.hold();
  coming += 1;
  busy = busy.then(async () => {
    if (number !== drawn) await frameFirst(number);
    coming -= 1;
    if (number === drawn) return;
    overview = await json("/state.json");
    // What had no program may have one now; what was chosen may be gone, and its moment is kept until it is back.
    const back = overview.sites.some(({ id }) => id === wished?.site) && wished;
    if (back) {
      wished = null;
      await choose({ site: back.site, period: back.period, screen: back.screen }, back.t);
    } else if (now === null) await choose({});
    else if (!site()?.periods.length || !site().screens.length) await choose({}, text(now));
    else if (!programmed()) await choose({ period: chosen.period });
    else {
      await load();
      drawNow();
    }
    drawn = overview.number;
  }).catch(() => setTimeout(news, 1000, number)).finally(() => faces.release());
}

for (let hour = 0; hour <= 24; hour += 3) make("span", "", String(hour).padStart(2, "0"), element("ticks")).style.left = `${(hour / 24) * 100}%`;
element("site").addEventListener("change", ({ target }) => pick({ site: target.value }));
element("period").addEventListener("change", ({ target }) => pick({ period: target.value }));
element("previous").addEventListener("click", () => step(-1));
element("next").addEventListener("click", () => step(1));
element("health").addEventListener("click", () => element("side").scrollIntoView({ behavior: "smooth" }));
element("sound").addEventListener("click", ({ target }) => {
  const sound = target.getAttribute("aria-pressed") !== "true";
  target.setAttribute("aria-pressed", sound);
  element("shell").contentWindow.postMessage({ sound }, location.origin);
});
element("slider").addEventListener("input", ({ target }) => {
  dragging = true;
  jump(instant(Math.floor(local(now) / DAY) * DAY + target.value * 1000));
});
element("slider").addEventListener("change", () => { dragging = false; });
element("date").addEventListener("change", ({ target }) => jump(instant(Date.parse(`${target.value}Z`) + (local(now) % DAY))));
element("time").addEventListener("change", ({ target }) => {
  const [, hours, minutes, seconds] = target.value.trim().match(/^(\d{1,2})(?:[:.hg](\d{1,2}))?(?:[:.](\d{1,2}))?$/) ?? [];
  target.blur();
  if (hours < 24 && (minutes ?? 0) < 60 && (seconds ?? 0) < 60) {
    jump(instant(Math.floor(local(now) / DAY) * DAY + ((hours * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000));
  } else {
    mistyped = target.value.trim();
    drawNow();
  }
});
document.querySelectorAll("[data-lang]").forEach((each) => each.addEventListener("click", () => {
  lang = each.dataset.lang;
  localStorage.setItem("lang", lang);
  if (!overview) return;
  drawHeader();
  drawFaults();
  drawNotice();
  // What is still on its way is drawn once it is there.
  if (schedule) drawNow();
  else if (!programmed()) drawEmpty();
}));
addEventListener("resize", sizeFrame);
for (const form of [short(), slim()]) form.addEventListener("change", () => overview && drawHeader());
addEventListener("keydown", ({ key, target }) => {
  if (["SELECT", "INPUT"].includes(target.tagName)) return;
  if (key === "ArrowRight" && !element("next").disabled) step(1);
  if (key === "ArrowLeft") step(-1);
});
addEventListener("message", ({ origin, source, data }) => {
  if (origin !== location.origin || source !== element("shell").contentWindow) return;
  if (Number.isFinite(data?.seen)) {
    seen = data.seen;
    told();
  }
  if (!Number.isFinite(data?.now) || !schedule || dragging || coming || turn(data.now)) return;
  now = data.now;
  drawNow();
});

overview = await json("/state.json");
// What fails here is tried again with the first news.
await choose({}).then(() => { drawn = overview.number; }, (error) => warn("page", error));
if (inReview) watchReview();
else listen(news);
