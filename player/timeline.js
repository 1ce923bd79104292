// What plays on a screen at a moment: `at` asks one program, `show` everything in force. Pure: no clock, no DOM, no state.
// The twin of src/program/at.rs and show.rs; both run tests/vectors. Times are Unix milliseconds.

const WEEK = 604800000;
const mod = (a, b) => ((a % b) + b) % b;
const byDigest = (a, b) => (a.program < b.program ? -1 : 1);

/** Seconds east of UTC at a moment. */
export const offset = ({ offsets }, t) => (offsets.findLast(([from]) => from * 1000 <= t) ?? offsets[0])[1];

/** The slide of one program: `{slide, loop, item, into, ms, until}`, or null if it is dark. A kit's time counts from its release. */
export function at(manifest, screen, t) {
  const found = look(manifest, screen, t);
  return found.slide ? found : null;
}

// {slide, …, edge, until}, or {dark: true, edge}, or {edge} if the whole loop is withdrawn. `edge`: when the span ends or the next begins.
function look(manifest, screen, t, gone = [], always = false) {
  const spans = manifest.screens.find((each) => each.id === screen)?.spans ?? [];
  const week = manifest.kind === "evergreen";
  const now = week ? mod(t + offset(manifest, t) * 1000 + 259200000, WEEK) : t;
  const jump = (week && manifest.offsets.slice(1).find(([from]) => from * 1000 > t)?.[0] * 1000) || Infinity;
  const edge = (ms) => Math.min(t + ms - now, jump);
  const next = spans.findIndex((span) => span[0] * 1000 > now);
  let span = spans.at(next < 0 ? -1 : next - 1);
  const inside = span && now >= span[0] * 1000 && now < span[1] * 1000;
  const starts = next >= 0 ? edge(spans[next][0] * 1000) : week && span ? edge(spans[0][0] * 1000 + WEEK) : Infinity;
  if (!inside && !(span && always)) return { dark: true, edge: starts };
  const elapsed = inside ? now - span[0] * 1000 : mod(now - span[0] * 1000, WEEK);
  return stand(manifest.loops[span[2]], span, elapsed, t, inside ? edge(span[1] * 1000) : starts, gone);
}

// An item takes over the time of the withdrawn items directly before it, also across the loop's end.
function stand({ ms: length, items }, span, elapsed, t, edge, gone) {
  const n = items.length;
  let into = (elapsed + span[3]) % length;
  let i = 0;
  while (into >= items[i][1]) into -= items[i++][1];
  let ms = items[i][1];
  const hit = i;
  while (gone.includes(items[i][0])) {
    i = (i + 1) % n;
    if (i === hit) return { edge };
    ms += items[i][1];
  }
  for (let b = (hit + n - 1) % n; b !== i && gone.includes(items[b][0]); b = (b + n - 1) % n) {
    into += items[b][1];
    ms += items[b][1];
  }
  return { slide: items[i][0], loop: span[2], item: i, into, ms, edge, until: Math.min(edge, t + ms - into) };
}

/**
 * What plays on a screen, from `schedule.json`: `{state: "slide"|"dark"|"card", program, slide, loop, item, into, ms, until, overlay}`.
 * `until` is the first later moment at which the answer may differ. With an untrusted clock the evergreen program plays round the clock.
 */
export function show({ programs, withdrawn, releases }, screen, t, trusted = true) {
  let until = Infinity;
  const note = (ms) => ms > t && ms < until && (until = ms);
  const holds = (from, end) => (note(from * 1000), note(end * 1000), from * 1000 <= t && t < end * 1000);
  const kind = (name) => programs.filter((p) => p.manifest.kind === name && !withdrawn.programs.includes(p.program));
  const ask = (p, always, origin = 0) => {
    const found = look(p.manifest, screen, t - origin, withdrawn.slides[p.program], always);
    return { ...found, program: p.program, edge: found.edge + origin, until: found.until + origin };
  };
  const running = [];
  const interrupt = ({ manifest, ...p }, from, end, origin) => {
    const { valid, priority, band } = manifest;
    if (!holds(Math.max(from, valid.from), Math.min(end, valid.until))) return;
    const found = ask({ manifest, ...p }, false, origin);
    note(found.edge);
    if (found.slide) running.push({ ...found, priority, from, band });
  };
  // The first of a list that counts: a program whose whole loop is withdrawn does not.
  const base = (list, always) => {
    for (const p of list) {
      const found = ask(p, always);
      if (found.slide) return found;
      note(found.edge);
      if (found.dark) return found;
    }
  };
  if (trusted) {
    for (const p of kind("urgent")) interrupt(p, p.from, Infinity);
    for (const p of kind("kit")) {
      const ended = Math.max(0, ...releases.filter((r) => r.end === p.program).map((r) => r.version));
      for (const r of releases) {
        if (r.program === p.program && r.version > ended) {
          interrupt(p, r.from, Math.min(r.until, r.from + p.manifest.max), r.from * 1000);
        }
      }
    }
  }
  running.sort((a, b) => b.priority - a.priority || b.from - a.from || byDigest(a, b));
  const over = running[0]?.band !== "full" && running[0];
  let under = running.find((each) => each.band === "full");
  if (!under && trusted) {
    const months = kind("monthly").filter(({ from, manifest: { valid } }) => holds(Math.max(from, valid.from), valid.until));
    under = base(months.sort((a, b) => b.from - a.from || byDigest(a, b)));
  }
  if (!under) {
    const weeks = kind("evergreen");
    for (const p of weeks) note(p.from * 1000);
    // First those in force, the latest first; then future ones, the earliest first.
    const order = ({ from }) => (from * 1000 > t ? from : -from - 1e15);
    under = base(weeks.sort((a, b) => order(a) - order(b) || byDigest(a, b)), !trusted);
  }
  const plain = ({ slide = null, loop = null, item = null, into = null, ms = null } = {}) => ({ slide, loop, item, into, ms });
  if (over) note(over.until);
  if (under?.slide) note(under.until);
  return {
    state: under ? (under.slide ? "slide" : "dark") : "card",
    program: under?.program ?? null,
    ...plain(under),
    until: until < Infinity ? until : null,
    overlay: over ? { program: over.program, band: over.band, ...plain(over) } : null,
  };
}
