// A store with one site and one evergreen program, signed in JavaScript as docs/formats.md specifies, for slides that `build` refuses.
// Never judges whether a slide is harmless; its tests do.

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const TYPES = { css: "text/css", html: "text/html", mp4: "video/mp4", webm: "video/webm" };
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const bytes = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url");
  const id = randomBytes(8);
  return { privateKey, id, kid: sha256(bytes).slice(0, 16), minisign: Buffer.concat([Buffer.from("Ed"), id, bytes]).toString("base64") };
}

function minisign(key, bytes) {
  const signature = sign(null, createHash("blake2b512").update(bytes).digest(), key.privateKey);
  const comment = "made by a test";
  const whole = sign(null, Buffer.concat([signature, Buffer.from(comment)]), key.privateKey);
  const line = Buffer.concat([Buffer.from("ED"), key.id, signature]).toString("base64");
  return `untrusted comment: test\ntrusted comment: ${comment}\n`.replace("\n", `\n${line}\n`) + `${whole.toString("base64")}\n`;
}

function manifest(slides, files, { width, height, itemMs, screens }) {
  const listed = [...files].map(([path, body]) => ({ path, sha256: sha256(body), size: Buffer.byteLength(body), type: TYPES[path.split(".").at(-1)] }));
  const page = (name) => ({ [`${width}x${height}`]: `slides/${name}@${width}x${height}.html` });
  const about = (name) => ({ pages: page(name), title: name, agency: "a", category: "su-kien", language: "vi", source: `${name}.md` });
  const items = slides.map((name) => [name, itemMs]);
  const canvas = { w: width * screens.length, h: height, y: 0 };
  const screen = (id, index) => ({ id, width, height, canvas: { ...canvas, x: width * index }, audio: !index, spans: [[0, 604800, "1", 0]] });
  return {
    format: "bangtin-program/1", kind: "evergreen", site: "ta-lung", title: "Thử", languages: ["vi"], revision: 1, roles: ["chief"],
    valid: { from: 0, until: null }, offsets: [[0, 25200]], screens: screens.map(screen), loops: { 1: { ms: itemMs * items.length, items } },
    slides: Object.fromEntries(slides.map((name) => [name, about(name)])), files: listed.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

// `slides`: { name: whole document }; `more`: other files by path. Writes `store/`, `root.json` with its signature and `player.json` below the
// folder; returns the path of the configuration, the program's digest, and what else the office does: `next(slides, more)` publishes other
// slides in their place and returns their digest, `withdraw(program, slides)` takes slides of a program off the screens.
export function publish(folder, slides, options = {}) {
  const { width = 640, height = 360, itemMs = 3000, screens = ["a"] } = options;
  const [root, publisher, reviewer] = [makeKey(), makeKey(), makeKey()];
  const put = (path, bytes) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  const common = (type) => ({ type, spec: 1, root_id: "000102030405060708090a0b0c0d0e0f", issued: "2026-01-01T00:00:00Z" });
  const statement = (path, value, key, names = [`${path}.minisig`]) => {
    const bytes = JSON.stringify(value);
    for (const name of names) put(name, minisign(key, bytes));
    put(path, bytes);
  };
  const holder = (key) => ({ minisign: key.minisign, holder: "Người giữ" });
  const first = {
    ...common("bangtin-root"), version: 1, expires: "2036-01-01T00:00:00Z", keys: Object.fromEntries([root, publisher, reviewer].map((key) => [key.kid, holder(key)])),
    roles: {
      root: { keys: [root.kid], threshold: 1 }, publish: { keys: [publisher.kid], threshold: 1, epoch: 1 },
      review: { chief: { keys: [reviewer.kid], threshold: 1, sites: ["*"], kinds: ["monthly", "evergreen", "urgent", "kit"] } },
    },
    requires: { monthly: ["chief"], evergreen: ["chief"], urgent: ["chief"], kit: ["chief"] },
  };
  statement("root.json", first, root, [`root.json.${root.kid}.minisig`]);
  const latest = { epoch: 1, head: 0, release: 0, root: 1, withdrawals: 0 };
  const tell = () => {
    put("store/sites/ta-lung/latest.new", JSON.stringify(latest));
    renameSync(join(folder, "store/sites/ta-lung/latest.new"), join(folder, "store/sites/ta-lung/latest.json"));
  };
  const next = (shown, more = {}) => {
    const files = new Map(Object.entries(shown).map(([name, html]) => [`slides/${name}@${width}x${height}.html`, html]));
    for (const [path, body] of Object.entries(more)) files.set(path, body);
    const value = manifest(Object.keys(shown), files, { width, height, itemMs, screens });
    const bytes = `${JSON.stringify(value)}\n`;
    const program = sha256(bytes);
    for (const body of files.values()) put(`store/objects/${sha256(body).slice(0, 2)}/${sha256(body)}`, body);
    put(`store/programs/${program}.json`, bytes);
    const approval = {
      ...common("bangtin-approval"), program, manifest_size: Buffer.byteLength(bytes), total_bytes: value.files.reduce((sum, each) => sum + each.size, 0),
      site: "ta-lung", kind: "evergreen", show_from: 0, show_until: null, roles: ["chief"], document: { number: "", date: "" }, remark: "",
    };
    statement(`store/approvals/${program}/${reviewer.kid}.json`, approval, reviewer);
    const version = latest.head + 1;
    const entry = { program, size: Buffer.byteLength(bytes), kind: "evergreen", from: 0, approvals: [reviewer.kid] };
    const head = { site: "ta-lung", epoch: 1, version, expires: "2036-01-01T00:00:00Z", root_min: 1, withdrawals_min: 0, programs: [entry], players: {}, source: "" };
    statement(`store/sites/ta-lung/heads/1-${version}.json`, { ...common("bangtin-head"), ...head }, publisher);
    latest.head = version;
    tell();
    return program;
  };
  const withdraw = (program, slides) => {
    const version = latest.withdrawals + 1;
    const value = { ...common("bangtin-withdrawal"), version, program, site: "ta-lung", kind: "evergreen", role: "chief", reason: "sai", slides };
    const path = `store/withdrawals/${version}.json`;
    statement(path, value, reviewer, [`${path}.${reviewer.kid}.minisig`]);
    latest.withdrawals = version;
    tell();
  };
  const program = next(slides, options.more);
  const config = { site: "ta-lung", player: "ta-lung-1", store: ["store"], data: "data", root: "root.json", listen: "127.0.0.1:0", reserve_bytes: 0 };
  put("player.json", JSON.stringify(config));
  return { config: join(folder, "player.json"), program, next, withdraw };
}
