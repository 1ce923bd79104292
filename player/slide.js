// What the shell does inside a slide's document, which has no script of its own: waits until all of it can be painted,
// fits text to its box, plays media, fills in clocks. Never decides when a slide stands.

const SMALLEST = 0.4;
const LONG_DATE = { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric" };

const media = (doc) => doc.querySelectorAll("[data-media]");

// Settles when fonts, pictures and media can be painted without a further wait; rejects when one of them cannot be decoded.
export async function ready(doc) {
  for (const each of media(doc)) each.muted = true;
  await doc.fonts.ready;
  await Promise.all([...[...doc.images].map(picture), ...[...media(doc)].map(playable)]);
  doc.querySelectorAll("[data-fit]").forEach(fit);
}

function picture(image) {
  image.loading = "eager";
  // Else the compositor may show the page first and the picture some frames later.
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
    // In the capture phase, because a refused <source> tells only itself.
    element.addEventListener("error", () => setTimeout(look), true);
    look();
  });
}

// Lowers --fit by halving until the box no longer overflows.
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

// Starts all media at `into` ms; `volume` 0 to 1, 0 being mute. Where the browser forbids sound, the picture plays without.
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

// Gives the decoder and its memory back before the document goes.
export function release(doc) {
  for (const each of media(doc)) {
    each.pause();
    each.querySelectorAll("source").forEach((source) => source.remove());
    each.removeAttribute("src");
    each.load();
  }
}

// `local`: a Date whose UTC fields are the local ones; null (an untrusted clock) leaves the places empty.
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
