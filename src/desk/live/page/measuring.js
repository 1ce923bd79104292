// Measures pages one after another in a frame out of sight, while the browser has nothing better to do, and says what is wrong with them. Gives up
// the page under way while it is held. Never decides what is a fault: the shell's own measure.js does.

import { faults, measured } from "./measure.js";
import { MEASURED } from "./words.js";

// A page that has not loaded by then is left out.
const TIMEOUT_MS = 15000;

// Until the browser is idle; in a tab that nobody sees, that takes long.
const idle = () => new Promise((go) => (window.requestIdleCallback ? requestIdleCallback(go, { timeout: 2000 }) : setTimeout(go, 200)));

// One tab of all measures at a time, where the browser can tell them apart.
const alone = (work) => (navigator.locks ? navigator.locks.request("bangtin-measuring", work) : work());

// How many of the words that are lost are quoted: enough to find them, and what helps stays in view.
const QUOTED = 7;
export function quoted(words) {
  const all = words.split(" ");
  return all.length > QUOTED ? `${all.slice(0, QUOTED).join(" ")} …` : words;
}

// What is wrong with a page, in a sentence.
export const sentence = (fault, lang) => MEASURED[fault.code].sentence[lang]({ ...fault, firstWords: quoted(fault.firstWords ?? "") });

// The badge of a page's worst fault; errors stand first.
export const badge = ([worst], lang) => MEASURED[worst.code].badge[lang];

export class Measuring {
  #found = new Map();
  #wanted = [];
  #busy = false;
  #held = 0;
  #giveUp = () => {};
  #frame;

  // `told` is called with each page that was measured and what is wrong with it.
  constructor(told) {
    this.told = told;
  }

  // The faults of a page by its address; undefined until it is measured.
  faults(url) {
    return this.#found.get(url);
  }

  // Measures these pages next, in their order, in place of those that were wanted before: { url, width, height }.
  want(pages) {
    this.#wanted = pages.filter(({ url }) => !this.#found.has(url));
    if (!this.#busy) this.#run();
  }

  // Measures nothing until it is released as often as it was held.
  hold() {
    this.#held += 1;
    this.#giveUp();
  }

  release() {
    this.#held -= 1;
    if (!this.#busy) this.#run();
  }

  async #run() {
    this.#busy = true;
    while (this.#wanted.length && !this.#held) {
      await idle();
      const [list, page] = [this.#wanted, this.#wanted[0]];
      if (!page || this.#held) continue;
      list.shift();
      if (this.#found.has(page.url)) continue;
      const found = await alone(() => this.#unlessHeld(page)).catch(() => []);
      if (found) {
        this.#found.set(page.url, found);
        this.told(page, found);
      } else list.unshift(page);
    }
    this.#busy = false;
    this.#frame?.remove();
    this.#frame = null;
  }

  // What is wrong with a page; null if measuring was held before that was known.
  #unlessHeld(page) {
    if (this.#held) return null;
    const held = new Promise((go) => { this.#giveUp = () => go(null); });
    return Promise.race([held, this.#measure(page)]);
  }

  async #measure({ url, width, height }) {
    if (!this.#frame) {
      this.#frame = Object.assign(document.createElement("iframe"), { sandbox: "allow-same-origin", tabIndex: -1, name: "measuring", className: "measuring" });
      this.#frame.setAttribute("aria-hidden", "true");
      document.body.append(this.#frame);
    }
    Object.assign(this.#frame.style, { width: `${width}px`, height: `${height}px` });
    const loaded = new Promise((go, fail) => {
      this.#frame.addEventListener("load", go, { once: true });
      setTimeout(fail, TIMEOUT_MS, new Error("timeout"));
    });
    this.#frame.contentWindow.location.replace(url);
    await loaded;
    const doc = this.#frame.contentDocument;
    // The page of a slide that can't be made tells its own faults.
    return "fault" in doc.documentElement.dataset ? [] : faults(await measured(doc));
  }
}
