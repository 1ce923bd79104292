// Provides the schedule and the time: from the local daemon, or from the one program of a static page.
// Never decides what is shown.

const POLL_MS = 2000;

let gone;
onpagehide = onpageshow = ({ type }) => (gone = type === "pagehide");

// A page that goes away gives up without fault.
export const warn = (what, error) => gone || console.warn(what, error);

export const get = (url, options = {}) => fetch(url, { cache: "no-store", signal: AbortSignal.timeout(10000), ...options });

export const daemonTime = async () => (await get("/clock")).json();

export const browserTime = async () => ({ now: Date.now(), trusted: true });

// Returns a function that adds their timetables to the programs of a schedule, and rejects while one cannot be had. Each is loaded once.
export function timetables() {
  let kept = new Map();
  const load = async (address) => {
    let found = kept.get(address);
    if (!found) {
      const answer = await get(address, { cache: "default" });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      // `kept` may be another by now.
      kept.set(address, (found = await answer.json()));
    }
    return found;
  };
  return async (schedule) => {
    const programs = await Promise.all(schedule.programs.map(async (each) => ({ ...each, manifest: await load(each.timetable) })));
    kept = new Map(programs.map(({ timetable, manifest }) => [timetable, manifest]));
    return { ...schedule, programs };
  };
}

// All that either of two schedules withdraws.
function bothWithdrawn(one, other) {
  const slides = { ...one.slides };
  for (const [program, names] of Object.entries(other.slides)) slides[program] = [...(slides[program] ?? []), ...names];
  return { programs: [...one.programs, ...other.programs], slides };
}

// Passes each new schedule to `take`: polled, or without `poll` only when asked, until that succeeds. Returns a function that asks at once.
// While a timetable is missing, the programs of the last complete schedule play on, but what is withdrawn goes at once and stays away.
export function daemonSchedule(take, poll = true) {
  const complete = timetables();
  let tag;
  let timer;
  let last;
  const ask = async () => {
    clearTimeout(timer);
    let again = poll;
    try {
      const answer = await get("schedule.json", { headers: tag ? { "if-none-match": tag } : {} });
      if (answer.status === 200) {
        const schedule = await answer.json();
        const whole = await complete(schedule).catch((error) => {
          if (last) {
            last = { ...last, withdrawn: bothWithdrawn(last.withdrawn, schedule.withdrawn) };
            take({ ...schedule, ...last });
          }
          throw error;
        });
        take(whole);
        last = { programs: whole.programs, withdrawn: whole.withdrawn };
        tag = answer.headers.get("etag");
      }
    } catch (error) {
      warn("schedule", error);
      again = true;
    }
    if (again) timer = setTimeout(ask, POLL_MS);
  };
  ask();
  return ask;
}

// A program as a timetable of one of its screens.
function timetable(manifest, screen) {
  const face = manifest.screens.find(({ id }) => id === screen);
  const pages = Object.entries(manifest.slides).map(([id, slide]) => [id, slide.pages[`${face.width}x${face.height}`]]);
  return { ...manifest, screens: [face], pages: Object.fromEntries(pages) };
}

export async function staticSchedule(take) {
  const manifest = await (await get("program.json")).json();
  const withdrawn = { programs: [], slides: {} };
  const choose = (screen) => {
    const programs = [{ program: "0".repeat(64), from: manifest.valid.from, base: "", manifest: timetable(manifest, screen) }];
    take({ site: manifest.site, screen, volume: 100, token: null, mark: null, programs, withdrawn, releases: [] });
  };
  choose(manifest.screens[0].id);
  return { screens: manifest.screens.map((screen) => screen.id), choose };
}
