// How much of each film and sound has been played while it stood in view, in one go or in parts; a film of several pages is one film. The tab keeps
// it while the page is loaded again. Never counts a page as opened: the server does.

// What a browser leaves out between two parts and before the end, in seconds.
const GAP = 0.3;
// After this many looks without progress it is told that nothing plays.
const STUCK = 60;

// The first moment that was not played yet; null if all was.
function missing({ parts, length }) {
  let at = 0;
  for (const [from, to] of parts) if (from <= at + GAP) at = Math.max(at, to);
  return at >= length - GAP ? null : at;
}

const covered = ({ parts, length }) => Math.min(parts.reduce((sum, [from, to]) => sum + to - from, 0), length);

// Adds a part; those that touch become one.
function add(parts, part) {
  const all = [...parts, part].sort(([one], [other]) => one - other);
  return all.reduce((list, [from, to]) => {
    const last = list.at(-1);
    if (!last || from > last[1]) list.push([from, to]);
    else last[1] = Math.max(last[1], to);
    return list;
  }, []);
}

// Its path in the program.
function path(element) {
  const address = element.currentSrc || element.src || element.querySelector("source")?.src;
  return address ? new URL(address).pathname.split("/").slice(3).map(decodeURIComponent).join("/") : "";
}

// What the tab has kept under a key; nothing where it keeps nothing.
function kept(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? [];
  } catch {
    return [];
  }
}

export class Playing {
  // Path in the program, which names the bytes → { parts, heard, length, silent }.
  #files = new Map();
  #key;
  #written = "";

  // `programs`: the digests of the programs under review; what was played of others does not count.
  constructor(programs) {
    this.#key = `played ${programs.join(" ")}`;
    for (const [name, parts, heard] of kept(this.#key)) this.#files.set(name, { parts, heard, length: Infinity });
  }

  // The films and sounds of a page that has begun to play, each where it was left. `silent`: the paths of those without a sound.
  of(doc, silent) {
    const all = [...doc.querySelectorAll("[data-media]")].map((element) => {
      const name = path(element);
      if (!this.#files.has(name)) this.#files.set(name, { parts: [], heard: false, length: Infinity });
      const file = Object.assign(this.#files.get(name), { silent: silent.includes(name) });
      const left = missing(file);
      if (file.parts.length && left) element.currentTime = left;
      return { element, name, file, at: -1, still: 0 };
    });
    return new Page(all, () => this.#keep());
  }

  #keep() {
    const all = JSON.stringify([...this.#files].map(([name, { parts, heard }]) => [name, parts, heard]));
    if (all === this.#written) return;
    this.#written = all;
    try {
      sessionStorage.setItem(this.#key, all);
    } catch {
      // Then it is played again after the page is loaded again.
    }
  }
}

class Page {
  #all;
  #keep;

  constructor(all, keep) {
    this.#all = all;
    this.#keep = keep;
  }

  get any() {
    return this.#all.length > 0;
  }

  // Whether there is something to hear.
  get audible() {
    return this.#all.some(({ file }) => !file.silent);
  }

  // Whether all of it was played.
  get whole() {
    return this.#all.every(({ file }) => missing(file) === null);
  }

  // Whether something can't be played, or does not go on.
  get stuck() {
    return this.#all.some(({ element, file, still }) => missing(file) !== null && (element.error || still >= STUCK));
  }

  // Whether a sound was never on.
  get unheard() {
    return this.#all.some(({ file }) => !file.silent && !file.heard);
  }

  // Played and whole length in seconds.
  get time() {
    const sum = (of) => this.#all.reduce((all, { file }) => all + of(file), 0);
    return [sum(covered), sum(({ length }) => length)];
  }

  // [path, whether it was heard] of each.
  get files() {
    return this.#all.map(({ name, file }) => [name, file.heard]);
  }

  // Plays those again whose sound was off.
  again() {
    for (const { element, file } of this.#all) {
      if (!element.ended || file.silent || file.heard) continue;
      element.currentTime = 0;
      element.play().catch(() => {});
    }
  }

  // Notes what has played since the last look. What nobody sees stands still.
  look(visible) {
    for (const each of this.#all) {
      const { element, file, at } = each;
      for (let index = 0; index < element.played.length; index++) file.parts = add(file.parts, [element.played.start(index), element.played.end(index)]);
      if (Number.isFinite(element.duration)) file.length = element.duration;
      const moved = at >= 0 && element.currentTime !== at;
      each.at = element.currentTime;
      each.still = moved || !visible ? 0 : each.still + 1;
      if (moved && !element.muted && element.volume) file.heard = true;
      if (!visible) element.pause();
      else if (element.ended && missing(file) !== null) element.currentTime = missing(file);
      else if (element.paused && !element.ended && each.still % 10 < 2) element.play().catch(() => {});
    }
    this.#keep();
  }
}
