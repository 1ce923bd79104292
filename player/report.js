// Sends play records to the daemon in order, one by one, retrying until each is accepted. Bounded: beyond LIMIT records the
// oldest behind the one on its way is dropped, and the next one says how many are lost. Never judges what was played.

const LIMIT = 2000;
const TIMEOUT_MS = 10000;

export class Report {
  #queue = [];
  #sending = false;
  // From the schedule; without one (preview, static page) nothing is reported.
  token = null;

  constructor(url) {
    this.url = url;
  }

  // Whether a record has yet to be accepted.
  get waiting() {
    return this.#sending;
  }

  // `play`: { screen, program, slide, start, end, ms, painted, outcome, overflow? }, all times whole milliseconds.
  add(play) {
    if (!this.token) return;
    this.#queue.push(play);
    if (this.#queue.length > LIMIT) {
      const [{ lost = 0 }] = this.#queue.splice(1, 1);
      this.#queue[1].lost = lost + 1;
    }
    this.#send();
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    let wait = 1000;
    while (this.#queue.length) {
      if (await this.#post(this.#queue[0])) {
        this.#queue.shift();
        wait = 1000;
      } else {
        await new Promise((go) => setTimeout(go, wait));
        wait = Math.min(wait * 2, 30000);
      }
    }
    this.#sending = false;
  }

  // True if the daemon accepted the record or never will. 403: the token is from before a restart of the daemon; retried.
  async #post(play) {
    const body = JSON.stringify({ token: this.token, ...play });
    const headers = { "content-type": "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(this.url, { method: "POST", headers, body, signal, keepalive: true }).catch(() => null);
    return answer !== null && (answer.ok || (answer.status < 500 && ![403, 408, 429].includes(answer.status)));
  }
}
