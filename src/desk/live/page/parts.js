// Helpers of the preview's pages. Never knows what is shown.

export function make(tag, className, content, parent) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  parent?.append(made);
  return made;
}

// The language that the reader chose before, else that of the command that serves the page.
export const language = () => {
  const kept = localStorage.getItem("lang");
  return ["vi", "en"].includes(kept) ? kept : document.documentElement.lang;
};

// The height of the mark above a slide, in pixels.
export const MARK = 30;

// The room of a slide on its stage, mark included, in pixels. It depends on the window alone: no text on the page makes a slide smaller or moves what
// stands below it. `below`: rem that a wide window keeps for usual texts; with longer ones the stage scrolls. In a narrow window a slide fills the width
// where it can, and the page scrolls; half of it stays in view at once.
export function room(stage, below) {
  const { paddingLeft, paddingRight } = getComputedStyle(stage);
  const wide = stage.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  if (innerWidth <= 900) return { wide, high: Math.max(innerHeight * 0.6, Math.min(innerHeight * 1.5, 600)) };
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return { wide, high: Math.max(innerHeight - document.querySelector("header").offsetHeight - below * rem, innerHeight * 0.45) };
}

// Lets what belongs to a slide stand on one grid, from its left edge on; below an upright one there is more room than its width.
export function grid(stage, { width, height }, shownWidth) {
  stage.style.setProperty("--slide", `${shownWidth}px`);
  stage.style.setProperty("--least", width < height ? "60rem" : "44rem");
}

// A window of little height, as at 200 %: one row above the slide.
export const short = () => matchMedia("(max-width: 900px) and (max-height: 560px)");

// Names without the first words that all of them share, for where the rest would be cut off; of these only the last words, as many as fit into
// `most` letters, if they still tell the names apart.
export function distinct(names, most = Infinity) {
  const words = names.map((each) => each.split(" "));
  let same = 0;
  while (names.length > 1 && words.every((each) => each.length > same + 1 && each[same] === words[0][same])) same += 1;
  if (!same) return names;
  const rests = words.map((each) => each.slice(same));
  const ends = rests.map((rest) => {
    const from = rest.findIndex((_, index) => rest.slice(index).join(" ").length <= most);
    return rest.slice(from < 0 ? -1 : from).join(" ");
  });
  const told = new Set(ends).size === ends.length ? ends : rests.map((rest) => rest.join(" "));
  return told.map((each) => `… ${each}`);
}

// Writes a path that breaks behind its slashes, never at a hyphen: a month stays whole.
export function writePath(path, parent) {
  for (const part of path.split(/(?<=\/)/)) make("span", "part", part, parent);
}

// Writes facts on a line; the file that they come from stands last, small.
export function writeFacts(facts, file, parent) {
  const written = facts.filter(Boolean);
  // What stands there already stays: somebody may be copying it.
  if (parent.textContent === [...written, file].filter(Boolean).join(DOT)) return;
  parent.replaceChildren(written.join(DOT));
  if (!file) return;
  parent.append(DOT);
  writePath(file, make("small", "file", undefined, parent));
}

// Writes a line of a list that begins with badges, { text, kind }, of what is special there.
export function writeBadges(badges, facts, parent) {
  for (const { text, kind } of badges) make("span", `badge ${kind}`.trim(), text, parent);
  parent.append(facts);
}

// Between facts on a line; no line begins with it.
export const DOT = "\u00a0· ";

// A count with its English noun.
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

// A name in the requested language, else in Vietnamese, else in any language.
export const named = (names, lang) => names?.[lang] ?? names?.vi ?? Object.values(names ?? {})[0] ?? "";
