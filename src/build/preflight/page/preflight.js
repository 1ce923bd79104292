// Loads a page into a frame of a face's size and measures it, when the tool asks for it.
// Never decides what is a fault: the shell's own measure.js does.

import { faults, measured } from "./measure.js";

// A page that has not loaded by then is given up.
const TIMEOUT_MS = 20000;
const frame = Object.assign(document.createElement("iframe"), { sandbox: "allow-same-origin" });
Object.assign(frame.style, { position: "fixed", inset: "0", border: "0" });
document.body.append(frame);

window.preflight = async (url, width, height) => {
  Object.assign(frame.style, { width: `${width}px`, height: `${height}px` });
  const loaded = new Promise((go, fail) => {
    frame.addEventListener("load", go, { once: true });
    setTimeout(fail, TIMEOUT_MS, new Error(`not loaded within ${TIMEOUT_MS / 1000} s`));
  });
  frame.contentWindow.location.replace(url);
  await loaded;
  return { faults: faults(await measured(frame.contentDocument)) };
};
