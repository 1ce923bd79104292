// Two stages, one in front: loads, decodes and lays out the next slide behind the current one, then swaps them by one class
// change. Uses the same two frames for ever. Never knows the timetable.

import { clocks, loudness, play, ready, release } from "./slide.js";

const BLANK = "about:blank";
// A slide that cannot be painted within this time counts as failed.
const TIMEOUT_MS = 15000;

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
  prepare(item) {
    const back = 1 - this.#front;
    if (this.#slots[back]?.key === item.key) return;
    const slot = { ...item, state: "loading" };
    this.#empty(back);
    this.#slots[back] = slot;
    this.#go(back, item.url);
    setTimeout(() => this.#settle(back, slot, "failed"), TIMEOUT_MS);
  }

  // "loading", "ready" or "failed" for the slide behind; undefined for any other.
  state(key) {
    const slot = this.#slots[1 - this.#front];
    return slot?.key === key ? slot.state : undefined;
  }

  // Brings the slide behind to the front. Resolves to whether it was painted. `broke` is called if its media fail later.
  swap(into, volume, broke) {
    const old = this.#front;
    this.#front = 1 - old;
    this.#face.classList.toggle("second", this.#front === 1);
    play(this.#document(this.#front), into, volume, broke);
    return new Promise((tell) => {
      const end = (painted) => {
        clearTimeout(timer);
        this.#drop(old);
        tell(painted);
      };
      const timer = setTimeout(end, 2000, false);
      // The second animation frame begins only after the first has been submitted for display.
      requestAnimationFrame(() => requestAnimationFrame(() => end(true)));
    });
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

  // A load event may belong to a page that was replaced since; only the address shows which.
  async #loaded(index) {
    const slot = this.#slots[index];
    const frame = this.#frames[index];
    const doc = this.#document(index);
    if (slot?.state !== "loading" || (doc && frame.contentWindow.location.href !== slot.url)) return;
    const [entry] = doc ? frame.contentWindow.performance.getEntriesByType("navigation") : [];
    const there = doc && !(entry?.responseStatus >= 400);
    const state = there ? await ready(doc).then(() => "ready", () => "failed") : "failed";
    this.#settle(index, slot, state);
  }

  #settle(index, slot, state) {
    if (this.#slots[index] !== slot || slot.state !== "loading") return;
    slot.state = state;
    this.settled();
  }
}
