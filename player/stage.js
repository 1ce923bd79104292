// Two stages, one in front: loads, decodes and lays out the next slide behind the current one, then swaps them by one class
// change. Uses the same two frames for ever. Never knows the timetable.

import { clocks, follow, loudness, play, ready, release } from "./slide.js";

const BLANK = "about:blank";
// A slide that cannot be painted within this time counts as failed.
const TIMEOUT_MS = 15000;
// A page that is not visible is not painted at all; then a swap does not wait longer than this.
const PAINT_MS = 2000;

// Resolves to whether what has changed by now was painted. The second animation frame begins only after the first has been
// submitted for display. Nothing is left pending, however long the page is hidden.
function painted() {
  let frame;
  let timer;
  const seen = new Promise((tell) => {
    timer = setTimeout(tell, PAINT_MS, false);
    frame = requestAnimationFrame(() => { frame = requestAnimationFrame(() => tell(true)); });
  });
  return seen.finally(() => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  });
}

export class Stages {
  #face;
  #frames;
  #slots = [null, null];
  #front = 0;

  // `settled` is called when a slide has become ready or has failed.
  constructor(face, settled) {
    this.#face = face;
    this.#frames = [...face.querySelectorAll("iframe")];
    this.#frames.forEach((frame, index) => frame.addEventListener("load", () => this.#loaded(index)));
    this.settled = settled;
  }

  // Begins to load a slide behind the current one, unless it is loading already. `item`: { key, url }.
  prepare({ key, url }) {
    const back = 1 - this.#front;
    if (this.#slots[back]?.key === key) return;
    this.#empty(back);
    const slot = { key, url, state: "loading", since: performance.now() };
    slot.timer = setTimeout(() => this.#settle(back, slot, "failed"), TIMEOUT_MS);
    this.#slots[back] = slot;
    this.#go(back, url);
  }

  // "loading", "ready" or "failed" for the slide behind; undefined for any other.
  state(key) {
    const slot = this.#slots[1 - this.#front];
    return slot?.key === key ? slot.state : undefined;
  }

  // Whether the slide behind loses words.
  lost() {
    return this.#slots[1 - this.#front]?.lost ?? false;
  }

  // Brings the slide behind to the front; throws, and changes nothing, if that cannot be done. Resolves to whether it was painted.
  // `broke` is called if its media fail later.
  swap(into, volume, broke) {
    const old = this.#front;
    play(this.#document(1 - old), into, volume, broke);
    this.#face.classList.toggle("second", old === 0);
    this.#front = 1 - old;
    return painted().finally(() => this.#drop(old));
  }

  // Removes the slide in front.
  leave() {
    this.#drop(this.#front);
  }

  // Removes both slides: outside opening hours nothing is held or decoded.
  clear() {
    this.#drop(0);
    this.#drop(1);
  }

  volume(volume) {
    const doc = this.#document(this.#front);
    if (doc) loudness(doc, volume);
  }

  // Keeps the media in front in step: `into` ms of their time have passed.
  follow(into) {
    const doc = this.#document(this.#front);
    if (doc) follow(doc, into);
  }

  clocks(local) {
    [0, 1].forEach((each) => {
      const doc = this.#slots[each] && this.#document(each);
      if (doc) clocks(doc, local);
    });
  }

  #document(index) {
    return this.#frames[index].contentDocument;
  }

  #empty(index) {
    const doc = this.#document(index);
    clearTimeout(this.#slots[index]?.timer);
    this.#slots[index] = null;
    if (doc) release(doc);
  }

  #drop(index) {
    if (!this.#slots[index]) return;
    this.#empty(index);
    this.#go(index, BLANK);
  }

  // Replacing leaves no trail in the browser's history, which would hold every old document.
  #go(index, url) {
    this.#frames[index].contentWindow.location.replace(url);
  }

  // A load event may belong to a page that was replaced since: of another address, or older than the slot.
  async #loaded(index) {
    const slot = this.#slots[index];
    const { contentDocument: doc, contentWindow: view } = this.#frames[index];
    if (slot?.state !== "loading") return;
    if (doc && (view.location.href !== slot.url || view.performance.now() > performance.now() - slot.since + 1)) return;
    const [entry] = doc ? view.performance.getEntriesByType("navigation") : [];
    const there = doc && !(entry?.responseStatus >= 400);
    const painted = (lost) => Object.assign(slot, { lost }) && "ready";
    const state = there ? await ready(doc).then(painted, () => "failed") : "failed";
    this.#settle(index, slot, state);
  }

  #settle(index, slot, state) {
    if (this.#slots[index] !== slot || slot.state !== "loading") return;
    clearTimeout(slot.timer);
    slot.state = state;
    this.settled();
  }
}
