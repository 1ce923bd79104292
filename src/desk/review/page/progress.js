// How far a review is: the one rule by which its pages are counted, over all programs under review.
// Never decides which pages count: the server says so.

// Every page of a program: whether it counts, at this review (`open`) or at all (`settled`), else whether a film or a sound of it is still to be
// played, and whether its sound was off.
export function pagesOf({ report, opened, unheard, media }) {
  const [open, off] = [new Set(opened), new Set(unheard)];
  return report.slides.flatMap((slide) => slide.pages.map((page) => {
    const settled = page.seen || open.has(page.path);
    return { slide, page, open: open.has(page.path), settled, unplayed: !settled && page.path in media, unheard: off.has(page.path) };
  }));
}

// How many pages there are, and of them opened, to be played, not heard; and of how many slides they are.
export function counts({ programs }) {
  const all = programs.flatMap(pagesOf);
  const number = (what) => all.filter((each) => each[what]).length;
  const slides = programs.reduce((sum, { report }) => sum + report.slides.length, 0);
  return { pages: all.length, slides, settled: number("settled"), unplayed: number("unplayed"), unheard: number("unheard") };
}
