// Measures a slide's page in a browser of the office, once the shell's own fitting is done, and says which of that is a fault.
// Never changes what a player shows, which does not load this module.

import { capitals, fit, floor, style, texts } from "./fit.js";
import { clocks, laidOut } from "./slide.js";

// What lies less than this beyond an edge is not lost, in em: no mark reaches into it.
const MARGIN = 0.06;
// Letters of lost text that are reported; more, up to the second number, where as many stand elsewhere on the page too.
const TOLD = 60;
const TOLD_OF_LIKE = 300;
// A picture of which less than this is seen is cut, as a share of its area.
const SEEN = 0.6;
// Letters count as too small from this share of the floor down: fitting stops within a rounding of it.
const ROUNDING = 0.98;
// A day and an hour that take much room, so that the foot is measured full.
const WIDE = new Date(Date.UTC(2026, 11, 23, 20, 58));
// A character for private use that no font has.
const NOWHERE = "\u{10fffd}";
const GENERIC = /^(serif|sans-serif|monospace|cursive|fantasy|system-ui|ui-.*|math|emoji)$/;

// Lays a loaded document out as the shell does, without waiting for its media, and measures it.
export async function measured(doc) {
  clocks(doc, WIDE);
  // A new text asks for its fonts once it is laid out.
  doc.body.getBoundingClientRect();
  await laidOut(doc).catch(() => {});
  fit(doc);
  return measure(doc);
}

// { floor, fit, overflow: [{ box, fitted, firstWords, px }], letters: [{ box, px, fitted }], smallest: { px, share, box, fitted }, cutPictures: [{ src, seen }],
// missingGlyphs, brokenNames }: pixels are heights of capitals; `fit` is the smallest --fit, null without fitted text. Changes nothing.
export function measure(doc) {
  const { clientWidth, clientHeight } = doc.documentElement;
  const fits = [...doc.querySelectorAll("[data-fit]")].map((box) => Number(box.style.getPropertyValue("--fit"))).filter(Boolean);
  const letters = smallestOfBoxes(doc);
  const [smallest] = [...letters].sort((one, other) => one.px - other.px);
  return {
    floor: floor(doc),
    fit: fits.length ? Math.min(...fits) : null,
    overflow: lost(doc).map(({ box, words, px }) => ({ box: named(box), fitted: box.matches("[data-fit]"), firstWords: words, px: Math.ceil(px) })),
    letters,
    smallest: smallest ? { ...smallest, share: smallest.px / Math.min(clientWidth, clientHeight) } : null,
    cutPictures: [...doc.images].map(picture).filter(({ seen }) => seen < SEEN),
    missingGlyphs: missingGlyphs(doc),
    brokenNames: brokenNames(doc),
  };
}

// What is wrong with a measured page: [{ code, severity, … }], errors first. Text that is not fitted, such as the foot, may be smaller than the
// floor, but not half of it.
export function faults({ floor: lowest, overflow, letters, missingGlyphs: glyphs }) {
  const found = overflow.map((each) => ({ code: "text-lost", severity: "error", ...each }));
  for (const each of letters.filter(({ px }) => px < lowest * ROUNDING)) {
    const severity = each.fitted || each.px < (lowest / 2) * ROUNDING ? "error" : "warning";
    found.push({ code: "letters-small", severity, ...each, floor: lowest });
  }
  if (glyphs.length) found.push({ code: "glyph-missing", severity: "error", glyphs });
  return found.sort((one, other) => (one.severity > other.severity) - (one.severity < other.severity));
}

const named = (element) => element.className || element.localName;
// No longer than this, to the end of a word.
const cut = (text, length) => (text.length > length ? `${text.slice(0, length).replace(/[\s.,;:!?–-]*\s\S*$/, "")}…` : text);
// No longer than is told, but long enough to stand only once in all that the page says.
function short(text, all) {
  const isAmbiguous = (words) => all.split(words.replace(/…$/, "")).length > 2;
  let length = TOLD;
  while (length < Math.min(text.length, TOLD_OF_LIKE) && isAmbiguous(cut(text, length))) length += 10;
  return cut(text, length);
}
const round = (px) => Math.round(px * 10) / 10;

// The smallest letters of each fitted box, and of each element of text outside them.
function smallestOfBoxes(doc) {
  const found = new Map();
  for (const { parentElement: element } of texts(doc.body)) {
    const box = element.closest("[data-fit]") ?? element;
    const px = round(capitals(element));
    if (px < (found.get(box)?.px ?? Infinity)) found.set(box, { box: named(box), px, fitted: box.matches("[data-fit]") });
  }
  return [...found.values()];
}

// The share of a picture that its box shows.
function picture(image) {
  const { objectFit } = style(image);
  const [wide, high] = [image.clientWidth / image.naturalWidth, image.clientHeight / image.naturalHeight];
  const seen = objectFit === "cover" && wide && high ? Math.min(wide, high) / Math.max(wide, high) : 1;
  return { src: image.getAttribute("src"), seen: Math.round(seen * 100) / 100 };
}

// The characters that no font of the page has: then the browser takes one of the machine's, or a box. What looks the same without the page's
// fonts comes from elsewhere, and what looks like a character that no font has is a box.
function missingGlyphs(doc) {
  const pen = Object.assign(doc.createElement("canvas"), { width: 48, height: 48 }).getContext("2d", { willReadFrequently: true });
  const drawn = (character, font) => {
    pen.font = font;
    pen.clearRect(0, 0, 48, 48);
    pen.fillText(character, 6, 36);
    return pen.getImageData(0, 0, 48, 48).data.join();
  };
  const width = (character, font) => Object.assign(pen, { font }).measureText(character).width;
  const lacks = (character, families, rest) => {
    const own = `${rest} 32px ${families}`;
    const same = (other, font) => width(character, own) === width(other, font) && drawn(character, own) === drawn(other, font);
    return same(character, `${rest} 32px "no such font"`) || same(NOWHERE, own);
  };
  const tried = new Set();
  const missing = new Set();
  for (const node of texts(doc.body)) {
    const { fontFamily, fontWeight, fontStyle } = style(node.parentElement);
    const families = fontFamily.split(",").filter((family) => !GENERIC.test(family.trim())).join();
    for (const character of node.data) {
      const key = `${fontStyle} ${fontWeight} ${families} ${character}`;
      if (/\s|\p{C}/u.test(character) || !families || tried.has(key)) continue;
      tried.add(key);
      if (lacks(character, families, `${fontStyle} ${fontWeight}`)) missing.add(character);
    }
  }
  return [...missing].join("");
}

// Names that a line end tears: words with capitals that follow each other, and words that are broken within.
function brokenNames(doc) {
  const found = new Set();
  const range = doc.createRange();
  const lines = (node, index, length) => {
    range.setStart(node, index);
    range.setEnd(node, index + length);
    return new Set([...range.getClientRects()].filter(({ width }) => width > 1).map(({ top }) => Math.round(top))).size;
  };
  for (const node of texts(doc.body)) {
    const one = style(node.parentElement).textTransform === "uppercase" ? /\p{L}{2,}/gu : /\p{Lu}\p{Ll}*(?:\s+\p{Lu}\p{Ll}*)+|\p{L}{2,}/gu;
    for (const { index, 0: name } of node.data.matchAll(one)) {
      if (!/\p{Script=Han}/u.test(name) && lines(node, index, name.length) > 1) found.add(name.replace(/\s+/g, " "));
    }
  }
  return [...found];
}

// What a page loses of its text: for each box { box, words, px }, its first lost words and how far it reaches beyond the edge.
function lost(doc) {
  const found = new Map();
  const edges = new Map();
  const all = [...texts(doc.body)].map(({ data }) => data.trim()).join(" ");
  for (const node of texts(doc.body)) {
    const { parentElement: element } = node;
    if (!edges.has(element)) edges.set(element, edge(element));
    const range = doc.createRange();
    // Of a clock, what is painted.
    range.selectNodeContents(element.shadowRoot ?? node);
    const px = beyond(range, element, edges.get(element));
    if (px <= 0) continue;
    const box = element.closest("[data-fit]") ?? element;
    const known = found.get(box);
    if (!known) found.set(box, { box, px, words: fromFirst(node, range, edges.get(element), all) });
    else Object.assign(known, { px: Math.max(known.px, px), words: known.words.endsWith("…") ? known.words : short(`${known.words} ${node.data.trim()}`, all) });
  }
  return [...found.values()];
}

// The part of the face in which an element's text is seen.
function edge(element) {
  const { innerWidth: right, innerHeight: bottom } = element.ownerDocument.defaultView;
  const seen = { left: 0, top: 0, right, bottom };
  for (let each = element; each; each = each.parentElement) {
    const { overflow, contain } = style(each);
    if ((overflow === "visible" && !contain.includes("paint")) || !each.clientWidth) continue;
    const { left, top } = each.getBoundingClientRect();
    seen.left = Math.max(seen.left, left + each.clientLeft);
    seen.top = Math.max(seen.top, top + each.clientTop);
    seen.right = Math.min(seen.right, left + each.clientLeft + each.clientWidth);
    seen.bottom = Math.min(seen.bottom, top + each.clientTop + each.clientHeight);
  }
  return seen;
}

// By how many pixels the text of a range leaves its part of the face; 0 or less if it does not.
function beyond(range, element, seen) {
  const margin = parseFloat(style(element).fontSize) * MARGIN + 1;
  const over = ({ left, top, right, bottom }) => Math.max(seen.left - left, seen.top - top, right - seen.right, bottom - seen.bottom) - margin;
  return Math.max(0, ...[...range.getClientRects()].map(over));
}

function fromFirst(node, range, seen, all) {
  for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    if (beyond(range, node.parentElement, seen) > 0) return short(node.data.slice(index).trim(), all);
  }
  return short(node.data.trim(), all);
}
