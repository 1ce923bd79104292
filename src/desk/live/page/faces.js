// The faces of a site with their pages, and what the browser measured on each of them.
// Never knows the moment: its caller names the slide.

import { Measuring, sentence } from "./measuring.js";
import { DOT, make } from "./parts.js";
import { timetables } from "./source.js";

// Drawing what was measured waits so long, so that a sweep does not draw at each page.
const DRAW_MS = 500;
const ORDER = ["error", "warning"];

export class Faces {
  #faces = [];
  #complete = new Map();
  #drawn = "";
  #slide;
  // Grows with all that was measured.
  version = 0;

  // `drawn` is called when what was measured has changed.
  constructor(drawn) {
    this.measuring = new Measuring((page, found) => {
      this.version += 1;
      if (found.length || page.first) this.#soon(drawn);
    });
  }

  // While a save is on its way to the screen, nothing is measured.
  hold() {
    this.measuring.hold();
  }

  release() {
    this.measuring.release();
  }

  #soon(drawn) {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      drawn();
    }, DRAW_MS);
  }

  // Measures every page of a site's program, at one face of each size. `view` gives a screen's address.
  async survey(site, view, { schedule, screen }) {
    const sizes = new Map();
    for (const each of [site.screens.find(({ id }) => id === screen), ...site.screens]) {
      const size = `${each.width}×${each.height}`;
      if (!sizes.has(size)) sizes.set(size, each);
    }
    const face = async ([size, { id, width, height }]) => ({ size, width, height, pages: pages(id === screen ? schedule : await this.#schedule(view(id))) });
    this.#faces = await Promise.all([...sizes].map(face));
    this.#want();
  }

  // The slide on the stage is measured first, at all faces; then one slide after the other.
  #want() {
    const slides = [this.#slide, ...new Set(this.#faces.flatMap(({ pages: own }) => Object.keys(own)))];
    const each = (slide) => this.#faces.filter(({ pages: own }) => own[slide]).map(({ width, height, pages: own }) => ({ url: own[slide], width, height }));
    this.measuring.want(slides.flatMap(each));
  }

  async #schedule(address) {
    if (!this.#complete.has(address)) this.#complete.set(address, timetables());
    const answer = await fetch(`${address}schedule.json`, { cache: "no-store" });
    return this.#complete.get(address)(await answer.json());
  }

  // [size, faults] of a slide at each face where something is wrong.
  #of(slide) {
    return this.#faces.map(({ size, pages: own }) => [size, this.measuring.faults(own[slide]) ?? []]).filter(([, found]) => found.length);
  }

  // The faults of a slide at any face, the worst first.
  worst(slide) {
    return this.#of(slide).flatMap(([, found]) => found).sort((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity));
  }

  // The pages that lose words: { slide, size, fault } of each.
  losing() {
    const fault = (url) => this.measuring.faults(url)?.find(({ code }) => code === "text-lost");
    return this.#faces.flatMap(({ size, pages: own }) => Object.entries(own).map(([slide, url]) => ({ slide, size, fault: fault(url) }))).filter((each) => each.fault);
  }

  // Writes what is wrong with a slide at every face into a list.
  draw(list, slide, lang) {
    if (slide !== this.#slide) {
      this.#slide = slide;
      this.#want();
    }
    const found = this.#of(slide);
    const key = JSON.stringify([found, lang]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    list.hidden = !found.length;
    list.replaceChildren(...found.flatMap(([size, all]) => all.map((fault) => {
      const item = make("li", fault.severity);
      make("b", "", size, item);
      item.append(`${DOT}${sentence(fault, lang)}`);
      return item;
    })));
  }
}

const pages = ({ programs: [program] }) => Object.fromEntries(Object.entries(program?.manifest.pages ?? {}).map(([slide, path]) => [slide, new URL(program.base + path, location.href).href]));
