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

// A count with its English noun.
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

// A name in the requested language, else in Vietnamese, else in any language.
export const named = (names, lang) => names?.[lang] ?? names?.vi ?? Object.values(names ?? {})[0] ?? "";
