// Provides the schedule and the time: from the local daemon, or from the one program of a static page.
// Never decides what is shown.

const POLL_MS = 2000;

const get = (url, headers = {}) => fetch(url, { cache: "no-store", headers, signal: AbortSignal.timeout(10000) });

export const daemonTime = async () => (await get("/clock")).json();

export const browserTime = async () => ({ now: Date.now(), trusted: true });

// Polls the schedule and passes each new one to `take`. Returns a function that asks at once.
export function daemonSchedule(take) {
  let tag;
  let timer;
  const ask = async () => {
    clearTimeout(timer);
    try {
      const answer = await get("schedule.json", tag ? { "if-none-match": tag } : {});
      if (answer.status === 200) {
        take(await answer.json());
        tag = answer.headers.get("etag");
      }
    } catch (error) {
      console.warn("schedule", error);
    }
    timer = setTimeout(ask, POLL_MS);
  };
  ask();
  return ask;
}

export async function staticSchedule(take) {
  const manifest = await (await get("program.json")).json();
  const programs = [{ program: "0".repeat(64), from: manifest.valid.from, base: "", manifest }];
  const withdrawn = { programs: [], slides: {} };
  const choose = (screen) => take({ site: manifest.site, screen, volume: 100, token: null, mark: null, programs, withdrawn, releases: [] });
  choose(manifest.screens[0].id);
  return { screens: manifest.screens.map((screen) => screen.id), choose };
}
