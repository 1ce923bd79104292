// Proof of play on its way to the daemon: kept in order, sent one by one, tried again until taken.
// Bounded: after many hours without a daemon the oldest go first. Never judges what was played.

const LIMIT = 2000;

export class Report {
  #queue = [];
  #sending = false;
  // Named by the schedule; without one (preview, static page) nothing is told.
  token = null;

  constructor(url) {
    this.url = url;
  }

  // `play`: { screen, program, slide, start, end, ms, painted, outcome }, all times whole milliseconds.
  add(play) {
    if (!this.token) return;
    this.#queue.push(play);
    if (this.#queue.length > LIMIT) this.#queue.shift();
    this.#send();
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    let wait = 1000;
    while (this.#queue.length) {
      const play = this.#queue[0];
      if (await this.#post(play)) {
        if (this.#queue[0] === play) this.#queue.shift();
        wait = 1000;
      } else {
        await new Promise((go) => setTimeout(go, wait));
        wait = Math.min(wait * 2, 30000);
      }
    }
    this.#sending = false;
  }

  // True when the daemon took it, or never will. 403 is a token of a daemon that has been started anew since.
  async #post(play) {
    const body = JSON.stringify({ token: this.token, ...play });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(this.url, { method: "POST", headers, body, keepalive: true }).catch(() => null);
    return answer !== null && (answer.ok || (answer.status < 500 && ![403, 408, 429].includes(answer.status)));
  }
}
