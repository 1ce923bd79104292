// Wires the shell: the source of time and schedule, the two stages, the director, and the position of the face in the window.
// Never reads the page's address: nothing here can be set from outside.

import { Clock } from "./clock.js";
import { Director } from "./director.js";
import { Report } from "./report.js";
import { browserTime, daemonSchedule, daemonTime, staticSchedule } from "./source.js";
import { Stages } from "./stage.js";

const meta = (name) => document.querySelector(`meta[name="${name}"]`);
const element = (id) => document.getElementById(id);

const alone = meta("bangtin-source").content === "static";
// The office's preview brings its own module and marks its page; a player serves neither.
const preview = meta("bangtin-preview") && (await import("./preview.js"));
const whole = alone || preview;

const stages = new Stages(element("face"), () => director.tick());
const clock = new Clock(alone ? browserTime : daemonTime, () => director.tick());
const director = new Director(clock, stages, new Report("/play"));

function take(schedule) {
  director.take(schedule);
  const { site, screen, mark } = schedule;
  element("place").textContent = `${site} · ${screen}`;
  if (mark) {
    element("mark").hidden = false;
    element("mark").textContent = `${mark.vi} · ${mark.en}`;
  }
  place();
}

// On site the face is placed by the canvas, pixel for pixel, scaled down only if the window is smaller. A preview fills its window.
function place() {
  const { programs, screen } = director.schedule ?? { programs: [] };
  const face = programs.flatMap((each) => each.manifest.screens).find((each) => each.id === screen);
  const { width, height, canvas } = face ?? { width: innerWidth, height: innerHeight, canvas: { w: innerWidth, h: innerHeight, x: 0, y: 0 } };
  const top = element("mark")?.offsetHeight ?? 0;
  const [wide, high] = [innerWidth, innerHeight - top];
  const scale = whole ? Math.min(wide / width, high / height) : Math.min(1, wide / canvas.w, high / canvas.h);
  const x = whole ? (wide - width * scale) / 2 : canvas.x * scale;
  const y = whole ? top + (high - height * scale) / 2 : canvas.y * scale;
  const { style } = element("face");
  Object.assign(style, { width: `${width}px`, height: `${height}px`, transform: `translate(${x}px, ${y}px) scale(${scale})` });
  style.setProperty("--unit", `${Math.min(width / 1.6, height) / 100}px`);
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
  else clock.run();
}
