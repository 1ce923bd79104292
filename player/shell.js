// Wires the shell: the source of time and schedule, the two stages, the director, and the position of the face in the window.
// Never reads the page's address: nothing here can be set from outside.

import { Clock } from "./clock.js";
import { Director } from "./director.js";
import { Report } from "./report.js";
import { browserTime, daemonSchedule, daemonTime, get, staticSchedule } from "./source.js";
import { Stages } from "./stage.js";

// A page of a daemon loads itself anew while the screen is dark: soon after the shell that it serves has changed, and each day.
const RENEW_MS = 10000;
const OLD_MS = 20 * 3600000;

const meta = (name) => document.querySelector(`meta[name="${name}"]`);
const element = (id) => document.getElementById(id);

const alone = meta("bangtin-source").content === "static";
// The office's preview brings its own module and marks its page; a player serves neither.
const preview = meta("bangtin-preview") && (await import("./preview.js"));
const whole = alone || preview;

const stages = new Stages(element("face"), () => director.tick());
const clock = new Clock(alone ? browserTime : daemonTime, () => director.tick());
const report = new Report("/play");
const director = new Director(clock, stages, report);
// Digests of the shell: the one that this page began with, and the one served now.
let own;
let served;

function take(schedule) {
  served = schedule.shell;
  own ??= served;
  director.take(schedule);
  const { site, screen, mark } = schedule;
  element("place").textContent = `${site} · ${screen}`;
  if (mark) {
    element("mark").hidden = false;
    element("mark").textContent = `${mark.vi} · ${mark.en}`;
  }
  place();
}

// On site the face is placed by the canvas, pixel for pixel, scaled down only if the window is smaller. For people it fills what the mark
// leaves of the window.
function place() {
  const { programs, screen } = director.schedule ?? { programs: [] };
  const face = programs.flatMap((each) => each.manifest.screens).find((each) => each.id === screen);
  const { width, height, canvas } = face ?? { width: innerWidth, height: innerHeight, canvas: { w: innerWidth, h: innerHeight, x: 0, y: 0 } };
  const top = element("mark")?.offsetHeight ?? 0;
  const [wide, high] = [innerWidth, innerHeight - top];
  const fills = whole || top;
  const scale = fills ? Math.min(wide / width, high / height) : Math.min(1, wide / canvas.w, high / canvas.h);
  const x = fills ? (wide - width * scale) / 2 : canvas.x * scale;
  const y = fills ? top + (high - height * scale) / 2 : canvas.y * scale;
  Object.assign(element("face").style, { width: `${width}px`, height: `${height}px`, transform: `translate(${x}px, ${y}px) scale(${scale})` });
}

// Only if the page can be had, because an error page would stay; and not before all plays are with the daemon.
async function renew() {
  if (!director.resting || report.waiting || (own === served && performance.now() < OLD_MS)) return;
  const answer = await get("").catch(() => null);
  if (answer?.ok) location.reload();
}

document.body.dataset.source = whole ? "whole" : "daemon";
addEventListener("resize", place);
addEventListener("pagehide", () => clock.known && director.finish(clock.now()));
place();

director.muted = Boolean(whole);
element("sound")?.addEventListener("click", ({ target }) => {
  director.mute(!director.muted);
  target.setAttribute("aria-pressed", !director.muted);
});

if (alone) {
  const { screens, choose } = await staticSchedule(take);
  for (const id of screens.length > 1 ? screens : []) {
    const button = document.createElement("button");
    button.textContent = id;
    button.addEventListener("click", () => choose(id));
    element("bar").prepend(button);
  }
  clock.run();
} else {
  // The preview learns of each change from the server.
  const ask = daemonSchedule(take, !preview);
  if (preview) preview.start({ ask, clock, director });
  else {
    clock.run();
    setInterval(renew, RENEW_MS);
  }
}
