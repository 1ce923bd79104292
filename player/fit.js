// Fits the text of a slide's page to its boxes, never below the height at which it can be read, and notices what does not fit even so.
// Never decides whether such a page is shown.

// Text grows to fill its box up to this; a theme sets another limit for a box by --grow.
const GROW = 1.25;
export const style = (element) => element.ownerDocument.defaultView.getComputedStyle(element);

// The lowest height of capitals on this face, in pixels: the page tells it; without that 2 % of the shorter side.
export function floor({ documentElement: { dataset, clientWidth, clientHeight } }) {
  return Number(dataset.floor) || Math.max(7, Math.min(clientWidth, clientHeight) * 0.02);
}

// The text nodes below an element that are there to be read.
export function texts(root) {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found.filter((node) => node.data.trim() && node.parentElement.checkVisibility({ visibilityProperty: true }));
}

// Height of the capitals of an element's text, in pixels.
export function capitals(element) {
  const { fontSize, fontStyle, fontWeight, fontFamily } = style(element);
  const pen = (element.ownerDocument.pen ??= element.ownerDocument.createElement("canvas").getContext("2d"));
  pen.font = `${fontStyle} ${fontWeight} 100px ${fontFamily}`;
  return (parseFloat(fontSize) * pen.measureText("H").actualBoundingBoxAscent) / 100;
}

// Sets --fit on each box to the largest value, up to its limit, at which nothing overflows and its smallest letters keep to the floor. Returns
// whether words are lost: where even the floor overflows, the letters stay at it.
export const fit = (doc) => [...doc.querySelectorAll("[data-fit]")].map((box) => fitBox(box, floor(doc))).includes(false);

function fitBox(box, lowest) {
  const fits = (size) => {
    box.style.setProperty("--fit", size);
    return box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1;
  };
  const whole = fits(1);
  const smallest = Math.min(...texts(box).map((node) => capitals(node.parentElement)));
  if (smallest === Infinity) return whole;
  let low = lowest / smallest;
  let high = Math.max(low, Number(style(box).getPropertyValue("--grow")) || GROW);
  if (fits(high)) return true;
  if (!fits(low)) return false;
  while (high - low > 0.005) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return fits(low);
}
