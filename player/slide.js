// Works inside a slide's document, which has no script: waits until it can be painted and its text is fitted, plays media, fills in
// clocks. Never decides when a slide is shown.

import { fit } from "./fit.js";

// A gap to the timetable up to the first is left alone, over the second closed by a jump; in seconds.
const GAP = 0.12;
const JUMP = 1;
// After this many looks without progress, one a second, media have failed.
const STUCK = 5;
const still = new WeakMap();
const UTC = { timeZone: "UTC" };
const CHARACTERS = new Intl.Segmenter();

const media = (doc) => doc.querySelectorAll("[data-media]");

// Resolves when all can be painted without further waiting, to whether words are lost; rejects when something cannot be decoded.
export async function ready(doc) {
  // Where scripts may not run, a browser shows its own.
  doc.styleSheets[0]?.insertRule("video::-webkit-media-controls { display: none !important; }");
  for (const each of media(doc)) each.muted = true;
  await Promise.all([laidOut(doc), ...[...media(doc)].map(playable)]);
  return fit(doc);
}

// Resolves when fonts and pictures are there.
export async function laidOut(doc) {
  await doc.fonts.ready;
  await Promise.all([...doc.images].map(picture));
}

function picture(image) {
  image.loading = "eager";
  // Otherwise the compositor may show the page first and the picture some frames later.
  image.decoding = "sync";
  return image.decode();
}

function playable(element) {
  return new Promise((go, fail) => {
    const look = () => {
      if (element.error || element.networkState === 3) fail(new Error("media"));
      else if (element.readyState > 2) go();
    };
    element.addEventListener("canplay", look);
    // The error event of a <source> does not bubble.
    element.addEventListener("error", () => setTimeout(look), true);
    look();
  });
}

// Starts all media at `into` ms; `volume` is 0 (mute) to 1. If the browser forbids sound, the media play muted.
export function play(doc, into, volume, failed) {
  for (const each of media(doc)) {
    if (into > 500) each.currentTime = Math.min(into / 1000, each.duration || 0);
    sound(each, volume);
    each.addEventListener("error", failed, true);
    start(each);
  }
}

function start(element) {
  element.play().catch(() => {
    element.muted = true;
    return element.play().catch(() => {});
  });
}

// Brings media that fell behind or ran ahead into step, `into` ms after their beginning: by a speed that nobody notices, or by a jump.
// Media that stand still fail. A hidden page is left alone: the browser may pause its media.
export function follow(doc, into) {
  for (const each of doc.hidden ? [] : media(doc)) {
    if (each.ended) continue;
    const { at, looks } = still.get(each) ?? {};
    const stuck = at === each.currentTime ? looks + 1 : 0;
    still.set(each, { at: each.currentTime, looks: stuck });
    if (stuck === STUCK) each.dispatchEvent(new Event("error"));
    if (each.paused) start(each);
    // Media that the browser begins to load again have no length until their first bytes are there.
    if (each.seeking || Number.isNaN(each.duration)) continue;
    const due = Math.min(into / 1000, each.duration);
    const gap = due - each.currentTime;
    // Without ranges a jump would lead to the beginning.
    if (Math.abs(gap) > JUMP && each.seekable.length && each.seekable.end(0) >= due) each.currentTime = due;
    else each.playbackRate = Math.abs(gap) < (each.playbackRate === 1 ? GAP : GAP / 4) ? 1 : 1 + Math.max(-0.1, Math.min(gap / 10, 0.1));
  }
}

function sound(element, volume) {
  element.volume = volume;
  element.muted = !volume;
}

export function loudness(doc, volume) {
  for (const each of media(doc)) sound(each, volume);
}

// Frees the decoder before the document is dropped.
export function release(doc) {
  for (const each of media(doc)) {
    each.pause();
    each.querySelectorAll("source").forEach((source) => source.remove());
    each.removeAttribute("src");
    each.load();
  }
}

// `local`: a Date whose UTC fields are the local ones; null (untrusted clock) leaves them empty.
export function clocks(doc, local) {
  const fill = (selector, text) => {
    for (const each of doc.querySelectorAll(selector)) {
      const now = local ? text(local) : "";
      if (each.textContent !== now) write(each, now);
    }
  };
  fill("[data-clock]", (time) => time.toISOString().slice(11, 16));
  fill("[data-date]", (time) => day(time, doc.documentElement.lang || "vi"));
}

// Stands above every style sheet of the page: the characters of a clock follow each other from left to right, upright and whole.
const UPRIGHT = `:host { direction: ltr !important; unicode-bidi: isolate !important; writing-mode: horizontal-tb !important; transform: none !important;
  rotate: none !important; scale: none !important; offset: none !important; clip-path: none !important; mask: none !important; text-indent: 0 !important; }`;

function upright(element) {
  const tree = element.attachShadow({ mode: "open" });
  const sheet = new element.ownerDocument.defaultView.CSSStyleSheet();
  sheet.replaceSync(UPRIGHT);
  tree.adoptedStyleSheets = [sheet];
  return tree;
}

// Writes a text so that each character stands in a box of its own, in a tree that no style sheet of the page reaches: a font never sees two of them,
// and can't show other words at some minutes only. The text is in the element too, where it is measured; there it is not painted.
function write(element, text) {
  // In programs of older versions other elements hold clocks too.
  if (/^(div|p|span)$/.test(element.localName)) {
    const tree = element.shadowRoot ?? upright(element);
    tree.replaceChildren(...[...CHARACTERS.segment(text)].map(({ segment }) => {
      const box = element.ownerDocument.createElement("span");
      box.style.cssText = "display: inline-block; text-indent: 0; white-space: pre";
      box.textContent = segment;
      return box;
    }));
  }
  element.textContent = text;
}

// As an office writes it: “Thứ Năm, ngày 03/12/2026”, “Thursday, 3 December 2026”.
function day(time, lang) {
  if (lang === "vi") return `${time.toLocaleDateString(lang, { ...UTC, weekday: "long" })}, ngày ${time.toLocaleDateString("en-GB", UTC)}`;
  return time.toLocaleDateString(lang === "en" ? "en-GB" : lang, { ...UTC, weekday: "long", day: "numeric", month: "long", year: "numeric" });
}
