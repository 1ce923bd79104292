// The wall clock as the source tells it, carried from answer to answer by the monotonic clock, so that a step of the
// machine's time moves the place in the timetable once and never freezes or hastens a running timer.
// Never judges whether the time is right: the source says whether it is trusted.

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

  // Asks at once, then every few seconds. Later questions are asked from within a frame, so that their arrival at the
  // daemon proves that this page still paints.
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
    // The true time lies within half the way there and back: an estimate inside that stays, which keeps all faces steady.
    const outside = !this.known || Math.abs(ahead - this.#ahead) > (got - sent) / 2 + 1;
    if (!outside && told.trusted === this.trusted) return;
    if (outside) this.#ahead = ahead;
    this.trusted = told.trusted;
    this.moved();
  }
}
