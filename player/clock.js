// The wall clock of the source, continued between answers by the monotonic clock: a step of the machine's time moves the
// place in the timetable once and never stops or speeds up a running timer.
// Never judges whether the time is right: the source states whether it is trusted.

const POLL_MS = 5000;

export class Clock {
  #ahead = null;
  trusted = false;

  // `read` gives { now, trusted }; `moved` is called after every change that may matter to the show.
  constructor(read, moved) {
    this.read = read;
    this.moved = moved;
  }

  get known() {
    return this.#ahead !== null;
  }

  // Unix time in whole milliseconds.
  now() {
    return Math.floor(performance.now() + this.#ahead);
  }

  // Asks at once, then every 0.5 s until the first answer, then every 5 s. Later requests wait for an animation frame, so
  // they stop while the page does not paint; the daemon does not watch for them.
  async run() {
    await this.ask();
    setTimeout(() => requestAnimationFrame(() => this.run()), this.known ? POLL_MS : 500);
  }

  async ask() {
    const sent = performance.now();
    const told = await this.read().catch(() => null);
    if (!told || !Number.isFinite(told.now)) return;
    const got = performance.now();
    const ahead = told.now - (sent + got) / 2;
    // The error of an estimate is at most half the round trip: within that the old one stays, which keeps all screens steady.
    const outside = !this.known || Math.abs(ahead - this.#ahead) > (got - sent) / 2 + 1;
    if (!outside && told.trusted === this.trusted) return;
    if (outside) this.#ahead = ahead;
    this.trusted = told.trusted;
    this.moved();
  }
}
