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

// Above a slide that is narrower, in pixels, the mark would have letters that nobody reads.
export const MARKED = 205;

// Whether the window has one column, and the page scrolls.
export const slim = () => matchMedia("(max-width: 900px)");

// The room of a slide on its stage, mark included, in pixels: it fits the window together with the header above it and what is kept below it. It
// depends on the window alone: no text on the page makes a slide smaller or moves what stands below it. `below`: pixels that are kept for usual texts;
// with longer ones the stage scrolls.
function room(stage, below) {
  const { paddingLeft, paddingRight } = getComputedStyle(stage);
  const wide = stage.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  return { wide, high: Math.max(innerHeight - document.querySelector("header").offsetHeight - below, innerHeight * 0.45) };
}

// What a narrow window keeps for the buttons alone, in rem, as its style says.
const kept = (stage) => parseFloat(getComputedStyle(stage).getPropertyValue("--kept"));

// Between two slides, in pixels.
const BETWEEN = 16;
// A column of words and buttons is not narrower, in rem.
const LEAST = 40;

// Lays the stage out for `count` slides of a face, and gives their scale. Slides, words and buttons begin at one edge, that of a column as wide as the
// widest of `faces`, all that this stage may show: choosing another face moves no button. Slides stand side by side, in a narrow window one below the
// other where they are larger so. `below`: rem that a wide window keeps for all that stands below a slide; `most`: the largest scale; `mark`: the
// height of the mark above each. Only a notice above makes a slide smaller.
export function lay(stage, face, faces, { below, count = 1, most = Infinity, mark = MARK }) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const narrow = slim().matches;
  const { wide, high } = room(stage, (narrow ? kept(stage) : below) * rem);
  const fit = ({ width, height }, across, up, above = mark) => Math.min(across / width, (up - above) / height, most);
  const column = narrow ? wide : Math.min(wide, Math.max(LEAST * rem, ...faces.map((each) => Math.floor(each.width * fit(each, wide, high, MARK)))));
  stage.style.setProperty("--column", `${column}px`);
  const notice = stage.querySelector("#notice:not(:empty)");
  const left = high - (notice && !narrow ? notice.offsetHeight + parseFloat(getComputedStyle(notice).marginBottom) : 0);
  const share = (all) => (all - (count - 1) * BETWEEN) / count;
  return Math.max(fit(face, share(column), left), narrow ? fit(face, column, share(left)) : 0);
}

// A window of little height, as at 200 %: one row above the slide.
export const short = () => matchMedia("(max-width: 900px) and (max-height: 560px)");

// Names without the first words that all of them share, for where the rest would be cut off; of these only the last words, as many as fit into
// `most` letters, if they still tell the names apart.
function distinct(names, most = Infinity) {
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

// The words of a name that fit into `most` letters: in English what sets a place apart stands first, in Vietnamese last.
function cut(name, most, lang) {
  if (name.replace(/^… /, "").length <= most) return name;
  const words = name.split(" ");
  const kept = words.map((_, index) => (lang === "en" ? words.slice(0, words.length - index) : words.slice(index)).join(" ")).find(({ length }) => length <= most);
  return lang === "en" ? `${kept ?? words[0]} …` : `… ${kept ?? words.at(-1)}`;
}

// Names for where there is room for `most` letters, if these still tell them apart.
export function brief(names, most, lang) {
  const apart = distinct(names, most);
  const short = apart.map((each) => cut(each, most, lang));
  return new Set(short).size === new Set(names).size ? short : apart;
}

// Writes a path that breaks behind its slashes, never at a hyphen: a month stays whole.
export function writePath(path, parent) {
  for (const part of path.split(/(?<=\/)/)) make("span", "part", part, parent);
}

// A line of YAML within a sentence: “- slide: co-so/a.md”, “duration: 12s”.
const EXAMPLE = /((?<!\S)- [a-z_]+: [^\s;,]+|(?<![^\s“])[a-z_]+: (?=\S*[\d/_])[\w./-]+)/;

// Writes a text in which names of files break behind their slashes alone, an example stays on one line, and no number is parted from its unit.
export function writeText(text, parent) {
  text.split(EXAMPLE).forEach((piece, index) => {
    const holder = index % 2 ? make("span", "part", undefined, parent) : parent;
    for (const part of piece.split(/(\S*\w[-./]\w\S*)/)) {
      if (/\w[-./]\w/.test(part)) writePath(part, holder);
      else holder.append(part.replace(/(\d) (?=\p{L})/gu, "$1\u00a0"));
    }
  });
}

// Writes counts on a line that breaks between them alone.
export function writeCounts(counts, parent) {
  if (parent.textContent === counts.join(", ")) return;
  parent.replaceChildren();
  counts.forEach((each, index) => {
    make("span", "part", index < counts.length - 1 ? `${each},` : each, parent);
    if (index < counts.length - 1) parent.append(" ");
  });
}

// Writes facts on a line, each by its own function; where a line ends, the dot between two of them is not seen.
export function writeLine(facts, parent) {
  const line = make("span", "facts", undefined, parent);
  facts.forEach((write, index) => {
    const fact = make("span", "fact", undefined, line);
    if (index) make("i", "", "· ", fact);
    write(fact);
    if (index < facts.length - 1) fact.append("\u00a0");
  });
}

// Writes facts on a line; the file that they come from stands last, small.
export function writeFacts(facts, file, parent) {
  const written = facts.filter(Boolean);
  // What stands there already stays: somebody may be copying it.
  if (parent.textContent === [...written, file].filter(Boolean).join(DOT)) return;
  parent.replaceChildren();
  const all = written.map((each) => (fact) => fact.append(each));
  if (file) all.push((fact) => writePath(file, make("small", "file", undefined, fact)));
  writeLine(all, parent);
}

// Folds what is longer than its lines behind a button. `open`: the keys of those that a person has unfolded.
export function fold(item, key, open, words) {
  const long = [...item.querySelectorAll(".long")];
  if (!long.some((each) => each.scrollHeight > each.clientHeight + 1)) return;
  const button = make("button", "fold", undefined, item);
  button.type = "button";
  const draw = () => {
    item.classList.toggle("whole", open.has(key));
    button.setAttribute("aria-expanded", open.has(key));
    button.textContent = words[open.has(key) ? 1 : 0];
  };
  button.addEventListener("click", () => {
    if (!open.delete(key)) open.add(key);
    draw();
  });
  draw();
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
