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

// How high a slide may be in a narrow window: it fills the width where it can, and the page scrolls; half of it stays in view at once.
export const slideHeight = () => Math.max(innerHeight * 0.6, Math.min(innerHeight * 1.5, 600));

// Lets what belongs to a slide stand between its edges; below an upright one there is more room than its width.
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

// Between facts on a line; no line begins with it.
export const DOT = "\u00a0· ";

// A count with its English noun.
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

// A name in the requested language, else in Vietnamese, else in any language.
export const named = (names, lang) => names?.[lang] ?? names?.vi ?? Object.values(names ?? {})[0] ?? "";
