// Works inside a slide's document, which has no script of its own: waits until all of it can be painted, fits text to its
// box, plays media, fills in clocks. Never decides when a slide is shown.

const SMALLEST = 0.4;
const LONG_DATE = { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric" };

const media = (doc) => doc.querySelectorAll("[data-media]");

// Resolves when fonts, pictures and media can be painted without further waiting; rejects when one of them cannot be decoded.
export async function ready(doc) {
  for (const each of media(doc)) each.muted = true;
  await doc.fonts.ready;
  await Promise.all([...[...doc.images].map(picture), ...[...media(doc)].map(playable)]);
  doc.querySelectorAll("[data-fit]").forEach(fit);
}

function picture(image) {
  image.loading = "eager";
  // Otherwise the compositor may show the page first and the picture some frames later.
  image.decoding = "sync";
  return image.decode();
}

function playable(element) {
  return new Promise((go, fail) => {
    const look = () => {
      if (element.error || element.networkState === 3) fail(new Error("media"));
      else if (element.readyState > 2) go();
    };
    element.addEventListener("canplay", look);
    // In the capture phase, because the error event of a <source> does not bubble.
    element.addEventListener("error", () => setTimeout(look), true);
    look();
  });
}

// Bisects for the largest --fit at which the box does not overflow, down to SMALLEST.
function fit(box) {
  const fits = (size) => {
    box.style.setProperty("--fit", size);
    return box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1;
  };
  if (fits(1)) return;
  let [low, high] = [SMALLEST, 1];
  while (high - low > 0.005) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  fits(low);
}

// Starts all media at `into` ms; `volume` is 0 (mute) to 1. If the browser forbids sound, the media play muted.
export function play(doc, into, volume, failed) {
  for (const each of media(doc)) {
    if (into > 500) each.currentTime = Math.min(into / 1000, each.duration || 0);
    sound(each, volume);
    each.addEventListener("error", failed, true);
    each.play().catch(() => {
      each.muted = true;
      return each.play().catch(() => {});
    });
  }
}

function sound(element, volume) {
  element.volume = volume;
  element.muted = !volume;
}

export function loudness(doc, volume) {
  for (const each of media(doc)) sound(each, volume);
}

// Frees the decoder and its memory before the document is dropped.
export function release(doc) {
  for (const each of media(doc)) {
    each.pause();
    each.querySelectorAll("source").forEach((source) => source.remove());
    each.removeAttribute("src");
    each.load();
  }
}

// `local`: a Date whose UTC fields are the local ones; null (untrusted clock) leaves them empty.
export function clocks(doc, local) {
  const fill = (selector, text) => {
    for (const each of doc.querySelectorAll(selector)) {
      const now = local ? text(local) : "";
      if (each.textContent !== now) each.textContent = now;
    }
  };
  fill("[data-clock]", (time) => time.toISOString().slice(11, 16));
  fill("[data-date]", (time) => time.toLocaleDateString(doc.documentElement.lang || "vi", LONG_DATE));
}
