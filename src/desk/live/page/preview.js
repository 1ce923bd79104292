// Adds to the shell what a preview needs: a chosen moment (`?t=` in local time, or a message from the page around it) and reload on save.
// Never served by a player.

import { offset } from "./timeline.js";

const soon = (ms) => new Promise((go) => setTimeout(go, ms));

export async function start({ ask, clock, director }) {
  const real = clock.read;
  let held = null;
  const jump = (ms) => {
    held = { ms, since: performance.now() };
    return clock.ask();
  };
  clock.read = async () => (held ? { now: held.ms + performance.now() - held.since, trusted: true } : real());
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== parent) return;
    if (Number.isFinite(data?.moment)) jump(data.moment);
    if (typeof data?.sound === "boolean") director.mute(!data.sound);
  });
  news(ask);
  while (!director.schedule) await soon(20);
  const asked = moment(new URLSearchParams(location.search).get("t"), director.schedule);
  if (asked !== null && !held) await jump(asked);
  await clock.run();
  setInterval(() => parent.postMessage({ now: clock.now() }, location.origin), 200);
}

// Parses local time by the program's own offsets.
export function moment(text, { programs: [listed] }) {
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text ?? "") ? Date.parse(`${text}Z`) : NaN;
  if (!listed || Number.isNaN(local)) return null;
  const near = local - offset(listed.manifest, local) * 1000;
  return local - offset(listed.manifest, near) * 1000;
}

// Long polling: the server answers the pending request when a save happens.
async function news(ask) {
  let number = 0;
  for (;;) {
    try {
      const told = await (await fetch(`/events?since=${number}`, { cache: "no-store" })).json();
      if (number && told.number !== number) ask();
      number = told.number;
    } catch {
      await soon(1000);
    }
  }
}
