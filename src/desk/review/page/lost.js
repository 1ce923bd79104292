// The pages of all programs under review that lose words, listed before anything is signed.
// Never decides what is lost: the browser measured it, and the server keeps it.

import { quoted } from "./measuring.js";
import { DOT, make } from "./parts.js";

// [{ index, path, slide, size, words }] of every program.
export function losing(told) {
  return told.programs.flatMap(({ report, measured }, index) =>
    report.slides.flatMap((slide) => slide.pages.filter(({ path }) => measured[path]).map(({ path, size }) => ({ index, path, slide, size, words: measured[path] }))));
}

// Fills the section with the list; `open` is called with what a person wants to see.
export function drawLosing(section, all, { heading, note, open }) {
  section.hidden = !all.length;
  section.querySelector("h2").textContent = heading;
  section.querySelector("p").textContent = note;
  section.querySelector("ol").replaceChildren(...all.map((each) => {
    const item = make("li");
    const button = make("button", "", undefined, item);
    button.type = "button";
    make("b", "", each.slide.title, button).lang = each.slide.language;
    make("span", "", `${each.size.replace("x", "×")}${DOT}“${quoted(each.words)}”`, button);
    button.addEventListener("click", () => open(each));
    return item;
  }));
}
