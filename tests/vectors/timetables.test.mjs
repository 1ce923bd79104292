// The timetables of schedules that are completed at the same time, with answers that this test holds back.
// Never asks a server.

import assert from "node:assert/strict";
import { test } from "node:test";

test("two schedules that are completed at once both get their timetables, whichever answer comes first", async () => {
  Object.assign(globalThis, { onpagehide: null, onpageshow: null });
  const { timetables } = await import("../../player/source.js");
  for (const order of [["one", "other"], ["other", "one"]]) {
    const answers = {};
    globalThis.fetch = async (address) => ({ ok: true, json: () => new Promise((go) => { answers[address] = () => go({ kind: address }); }) });
    const complete = timetables();
    const both = ["one", "other"].map((timetable) => complete({ programs: [{ timetable }] }));
    await new Promise((go) => setTimeout(go));
    for (const address of order) {
      answers[address]();
      await new Promise((go) => setTimeout(go));
    }
    const kinds = (await Promise.all(both)).map(({ programs: [{ manifest }] }) => manifest?.kind);
    assert.deepEqual(kinds, ["one", "other"]);
  }
});
