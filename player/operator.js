// Shows the operator's page anew, so that it is of this moment. While the player does not answer, the last page stays, below what to do.
// Never changes anything of the player.

const EVERY_MS = 10000;
const UNANSWERED_MS = 3000;

const page = async () => {
  const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(EVERY_MS) });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

async function renew() {
  const { body } = document;
  const unanswered = body.classList.contains("unanswered");
  const next = await page().catch(() => null);
  // Another version may have been started.
  if (next && unanswered) return location.reload();
  // What has not changed keeps its focus.
  if (next && next.body.outerHTML !== body.outerHTML) body.replaceWith(next.body);
  if (!next && !unanswered) {
    body.classList.add("unanswered");
    body.prepend(document.querySelector("template").content);
  }
  setTimeout(renew, next ? EVERY_MS : UNANSWERED_MS);
}

setTimeout(renew, EVERY_MS);
