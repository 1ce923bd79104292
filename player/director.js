// Asks the timetable what plays now and next, prepares the stages, and reports each play. Works for any number of slides,
// including one, which follows itself. Never touches a slide's document.

import { offset, show } from "./timeline.js";

// How long before its start a slide begins to load: longer than the stages wait for a broken one.
const LEAD_MS = 20000;
// A slide whose time is already running is skipped if less than this is left. This also suppresses the repeat that a clock
// set back by a second would cause.
const BRIEF_MS = 2000;
const LATE_MS = 250;
// What may no longer be shown waits no longer than this for the slide after it to load.
const GONE_MS = 3000;
// Dark for at least this long: time enough to load the page anew.
const REST_MS = 60000;

export class Director {
  #current = null;
  #wanted = null;
  #swapping = false;
  #timer;
  // Whether no slide is on the screen or due soon.
  resting = false;
  schedule = null;
  muted = false;

  constructor(clock, stages, report) {
    Object.assign(this, { clock, stages, report });
    // With nothing to show for this long, the card is better than black.
    setTimeout(() => this.state === "wait" && (this.state = "card"), 3000);
  }

  get state() {
    return document.body.dataset.state;
  }

  set state(state) {
    document.body.dataset.state = state;
  }

  // A schedule that the timetable cannot read is rejected (it throws); the old one plays on.
  take(schedule) {
    show(schedule, schedule.screen, this.clock.known ? this.clock.now() : 0, true);
    this.schedule = schedule;
    this.report.token = schedule.token;
    this.mute(this.muted);
    this.tick();
  }

  // Called whenever something may be due; extra calls do no harm. Whatever fails ends neither this nor who called, and it is called again.
  tick() {
    clearTimeout(this.#timer);
    let wait = 1000;
    try {
      wait = Math.min(Math.max(this.#step(), 1), wait);
    } catch (error) {
      console.warn("step", error);
    }
    this.#timer = setTimeout(() => this.tick(), wait);
  }

  // Does what is due now. Returns the time to the next edge in ms.
  #step() {
    if (!this.schedule || !this.clock.known || this.#swapping) return Infinity;
    const t = this.clock.now();
    const now = this.at(t);
    this.stages.clocks(this.clock.trusted && now.manifest ? new Date(t + offset(now.manifest, t) * 1000) : null);
    this.resting = now.state !== "slide" && now.until - t > REST_MS;
    if (now.state !== "slide") this.#rest(now.state, t);
    else if (now.key !== this.#current?.key) this.#change(now, t);
    else this.stages.follow(now.into);
    if (this.#swapping) return Infinity;
    const settled = now.key === this.#current?.key || this.#wanted?.over;
    if (now.state !== "slide" || settled) this.#prepare(now, t);
    return now.until - t;
  }

  // What plays at t, with all that a stage needs. The key identifies one showing: a repeat of the page has a different start.
  at(t) {
    const { screen, programs } = this.schedule;
    const shown = show(this.schedule, screen, t, this.clock.trusted);
    shown.until ??= Infinity;
    if (shown.state !== "slide") return shown;
    const { base, manifest } = programs.find((each) => each.program === shown.program);
    const face = manifest.screens.find((each) => each.id === screen);
    const url = new URL(base + manifest.pages[shown.slide], document.baseURI).href;
    const start = t - shown.into;
    return { ...shown, manifest, face, url, start, key: `${url} ${start}` };
  }

  // Volume of the current slide, 0 to 1.
  volume(face) {
    return face.audio && !this.muted ? (this.schedule.volume ?? 100) / 100 : 0;
  }

  mute(muted) {
    this.muted = muted;
    if (this.#current) this.stages.volume(this.volume(this.#current.face));
  }

  // Whether a slide is no longer listed or was withdrawn: it must not wait on the screen for its successor.
  #gone({ program, slide }) {
    const { programs, withdrawn } = this.schedule;
    const listed = programs.some((each) => each.program === program) && !withdrawn.programs.includes(program);
    return !listed || withdrawn.slides[program]?.includes(slide);
  }

  // Reports the current play up to t.
  finish(t) {
    const now = this.#current;
    this.#current = null;
    if (now) this.#tell(now, now.began, t, Math.round(performance.now() - now.since));
  }

  #tell({ screen, program, slide, painted, outcome, overflow }, start, end, ms) {
    this.report.add({ screen, program, slide, start, end, ms, painted, outcome, ...(overflow && { overflow }) });
  }

  // Dark or card.
  #rest(state, t) {
    this.#miss();
    if (this.state === state) return;
    this.#empty(state, t);
    this.stages.clear();
  }

  // Takes the slide off the screen; the one behind it goes on loading.
  #empty(state, t) {
    this.finish(t);
    this.stages.leave();
    this.state = state;
  }

  #change(now, t) {
    const current = this.#current;
    const gone = current && this.#gone(current) && (current.gone ??= performance.now());
    const stays = current?.key && !gone;
    const brief = now.into > 500 && now.ms - now.into < BRIEF_MS;
    if (this.#wanted?.key !== now.key) {
      this.#miss();
      this.#wanted = { ...now, screen: this.schedule.screen, since: performance.now(), brief, over: false, failed: false };
    }
    const wanted = this.#wanted;
    const state = this.stages.state(now.key);
    wanted.failed ||= state === "failed";
    wanted.over = wanted.failed || (brief && stays);
    // Only if no earlier slide can stay on screen.
    if ((wanted.failed && !stays) || (gone && performance.now() - gone > GONE_MS)) this.#empty("card", t);
    if (wanted.over) return;
    if (state === "ready") this.#swap(t);
    else this.stages.prepare(now);
  }

  #swap(t) {
    const now = this.#wanted;
    now.overflow = this.stages.lost();
    const late = this.#current?.key && performance.now() - now.since > LATE_MS;
    let painted;
    try {
      painted = this.stages.swap(t - now.start, this.volume(now.face), () => this.#broke(now));
    } catch (error) {
      console.warn("swap", error);
      now.failed = true;
      return;
    }
    this.finish(t);
    this.#wanted = null;
    Object.assign(now, { began: t, since: performance.now(), painted: false, outcome: late ? "late" : "shown" });
    this.#current = now;
    this.#swapping = true;
    this.state = "slide";
    painted.then((seen) => { now.painted = seen; }).finally(() => {
      this.#swapping = false;
      this.tick();
    });
  }

  // Media broke on the screen: the page is loaded once more, behind what is left of it; if it breaks again, the card takes its place.
  #broke(now) {
    now.outcome = "failed";
    if (this.#current !== now || this.#wanted) return;
    this.#wanted = { ...now, since: performance.now(), over: false, failed: now.again, again: true };
    now.key = null;
    this.tick();
  }

  // Reports a slide whose time passed without it; not one of which too little was left when it was first asked for, unless it failed.
  #miss() {
    const gone = this.#wanted;
    this.#wanted = null;
    const told = gone && !gone.again && (gone.failed || !gone.brief);
    const outcome = gone?.failed ? "failed" : "skipped";
    if (told) this.#tell({ ...gone, painted: false, outcome, overflow: false }, gone.start, gone.start + gone.ms, 0);
  }

  #prepare(now, t) {
    if (now.until - t > LEAD_MS) return;
    let next = this.at(now.until);
    // An edge of the timetable may fall within a slide's time; a few steps pass it.
    for (let step = 0; step < 3 && next.key && next.key === now.key; step++) next = this.at(next.until);
    if (next.state === "slide" && next.key !== now.key && next.start - t < LEAD_MS) this.stages.prepare(next);
  }
}
