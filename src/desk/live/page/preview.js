// Adds to the shell what a preview needs: a chosen moment (`?t=` in local time, or a message from the page around it) and the new pages after
// a save. Asks the server at the start and after each save, never polls, and tells the page around it when the save is seen. Never served by a
// player.

import { follow, moment, standing } from "./moments.js";
import { listen } from "./news.js";

// A slide that left this short a time ago may have been on the screen when it was saved.
const GRACE_MS = 3000;

const soon = (ms) => new Promise((go) => setTimeout(go, ms));

export async function start({ ask, clock, director }) {
  const real = clock.read;
  let held = null;
  let stood = [];
  const hold = (ms) => { held = { ms, since: performance.now() }; };
  const jump = (ms) => {
    hold(ms);
    return clock.ask();
  };
  clock.read = async () => {
    if (!held) hold((await real()).now);
    return { now: held.ms + performance.now() - held.since, trusted: true };
  };
  const take = director.take.bind(director);
  director.take = (schedule) => {
    // This page has given way to another, and an answer came late.
    if (!frames.length) return;
    const t = director.schedule && clock.known ? clock.now() : null;
    const seen = t === null ? [] : [t, t - GRACE_MS].map((each) => standing(director.schedule, each)).filter(Boolean);
    if (seen.length) stood = seen;
    const next = t === null ? t : follow(stood, schedule, t);
    take(schedule);
    if (next !== t) jump(next);
  };
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== parent) return;
    if (Number.isFinite(data?.moment)) jump(data.moment);
    if (typeof data?.sound === "boolean") director.mute(!data.sound);
  });
  // What stands now and is still loading.
  const waits = () => {
    const { key } = clock.known && director.schedule ? director.at(clock.now()) : {};
    return key && ["loading", "ready"].includes(director.stages.state(key));
  };
  listen(async (number) => {
    await ask();
    for (let tries = 0; tries < 50 && waits(); tries++) await soon(10);
    parent.postMessage({ seen: number }, location.origin);
  });
  while (!director.schedule) await soon(20);
  const asked = moment(new URLSearchParams(location.search).get("t"), director.schedule);
  if (asked !== null && !held) await jump(asked);
  await clock.run();
  setInterval(() => parent.postMessage({ now: clock.now() }, location.origin), 200);
}
