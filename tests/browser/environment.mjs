// Takes out of the environment what changes the words and deeds of the commands and browsers that a test runs: the list of all tests.
// Never decides what that is.

import { readFileSync } from "node:fs";

for (const line of readFileSync(new URL("../harness/environment", import.meta.url), "utf8").split("\n")) {
  const [verb, ...words] = line.split(" ");
  for (const word of words) {
    const start = word.match(/^\$\{!(.*)@\}$/)?.[1];
    const [name, value] = word.split("=");
    if (verb === "export") process.env[name] = value;
    if (verb === "unset") for (const each of start ? Object.keys(process.env).filter((other) => other.startsWith(start)) : [name]) delete process.env[each];
  }
}
