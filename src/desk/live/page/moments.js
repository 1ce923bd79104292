// Finds moments in a timetable: a typed time, the start of an item, the moment at which a slide stays on the screen after a save.
// Pure, as the timetable is. Never served by a player.

import { at, offset, show } from "./timeline.js";

// Parses local time by the program's own offsets; null if it is none.
export function moment(text, { programs: [listed] }) {
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text ?? "") ? Date.parse(`${text}Z`) : NaN;
  if (!listed || Number.isNaN(local)) return null;
  const near = local - offset(listed.manifest, local) * 1000;
  return local - offset(listed.manifest, near) * 1000;
}

// The start of an item of the loop that plays at t, in the current round or the next.
export function itemStart(manifest, screen, t, index) {
  const now = at(manifest, screen, t);
  const { items } = manifest.loops[now.loop];
  const sum = (until) => items.slice(0, until).reduce((all, [, ms]) => all + ms, 0);
  const target = t - now.into - sum(now.item) + sum(index);
  return at(manifest, screen, target)?.item === index ? target : target + sum(items.length);
}

// The slide that a schedule shows at t, and its page; null if there is none.
export function standing(schedule, t) {
  const { slide } = show(schedule, schedule.screen, t);
  return slide && { slide, page: schedule.programs[0].manifest.pages[slide] };
}

// Where to go on at t with a new schedule, so that the slide that was saved, or else the first of those that `stood` on the screen, is still seen.
// A slide whose page is new begins anew: the rest of its time may be too short to see it. One that has left is followed. Else t itself.
export function follow(stood, schedule, t) {
  const now = show(schedule, schedule.screen, t);
  if (!now.slide || !stood.length) return t;
  const { manifest } = schedule.programs[0];
  const fresh = ({ slide, page }) => manifest.pages[slide] && manifest.pages[slide] !== page;
  const wanted = stood.find(fresh) ?? stood[0];
  if (now.slide === wanted.slide) return fresh(wanted) ? t - now.into : t;
  const index = manifest.loops[now.loop].items.findIndex(([id]) => id === wanted.slide);
  return index < 0 ? t : itemStart(manifest, schedule.screen, t, index);
}
