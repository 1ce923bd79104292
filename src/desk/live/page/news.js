// Tells the preview's pages of each new reading of the folder. All tabs of a browser share one pending request, in a shared worker: a browser
// opens six connections to a server at most, and pending requests of several tabs would take them all. Never knows what has changed.

// Calls `tell` with each new number, first with the one of now.
async function wait(tell) {
  let number = 0;
  for (;;) {
    try {
      const told = await (await fetch(`/events?since=${number}`, { cache: "no-store" })).json();
      if (told.number !== number) tell((number = told.number));
    } catch {
      await new Promise((go) => setTimeout(go, 1000));
    }
  }
}

export function listen(tell) {
  // Some browsers of phones have no shared workers, and few tabs.
  if (!globalThis.SharedWorker) return wait(tell);
  new SharedWorker("/news.js", { type: "module" }).port.onmessage = ({ data }) => tell(data);
}

if (globalThis.SharedWorkerGlobalScope) {
  const ports = [];
  let last;
  addEventListener("connect", ({ ports: [port] }) => {
    ports.push(port);
    if (last) port.postMessage(last);
  });
  wait((number) => {
    last = number;
    for (const port of ports) port.postMessage(number);
  });
}
