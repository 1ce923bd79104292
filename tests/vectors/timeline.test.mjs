// Runs the shared vectors against player/timeline.js: `node --test tests/vectors/`. The same files are run by tests/timetable.rs.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

const here = new URL(".", import.meta.url);
// As a module, which Node.js 18 does not see by itself.
const timeline = readFileSync(new URL("../../player/timeline.js", here), "utf8");
const { at, show } = await import(`data:text/javascript,${encodeURIComponent(timeline)}`);

const read = (name) => JSON.parse(readFileSync(new URL(name, here), "utf8"));
const files = readdirSync(here).filter((name) => name.endsWith(".json")).sort();

for (const name of files.filter((each) => each.startsWith("plan-"))) {
  test(name, () => {
    for (const { name: what, period, expect, at: asked = [] } of read(name)) {
      if (expect.error) continue;
      const screens = Object.entries(expect.screens).map(([id, spans]) => ({ id, spans }));
      const manifest = { ...expect, kind: period === "evergreen" ? "evergreen" : "monthly", screens };
      for (const [screen, t, answer] of asked) {
        const got = at(manifest, screen, t);
        assert.deepEqual(got && [got.slide, got.loop, got.item, got.into, got.ms, got.until], answer, `${what}: ${screen} at ${t}`);
      }
    }
  });
}

for (const name of files.filter((each) => each.startsWith("show-"))) {
  test(name, () => {
    const { manifests, cases } = read(name);
    for (const { name: what, schedule, queries } of cases) {
      const programs = schedule.programs.map(([program, from]) => ({ program, from, base: `/p/${program}/`, manifest: manifests[program] }));
      for (const [screen, t, trusted, answer] of queries) {
        assert.deepEqual(show({ ...schedule, programs }, screen, t, trusted), answer, `${what}: ${screen} at ${t}`);
      }
    }
  });
}

test("there are at least 200 moments", () => {
  const count = (name) => (name.startsWith("plan-") ? read(name).flatMap((each) => each.at ?? []) : read(name).cases.flatMap((each) => each.queries)).length;
  assert.ok(files.reduce((sum, name) => sum + count(name), 0) >= 200);
});
