#!/usr/bin/env python3
"""Verifies a published Bảng Tin store from a trusted first root; prints who approved what, what is withdrawn, and a day's timetable.
Written from docs/formats.md alone; shares no code with bangtin. Exit 0: all is well, 1: something was refused, 2: wrong usage."""
import argparse, base64, hashlib, itertools, json, pathlib, re, sys, time, urllib.error, urllib.request
from datetime import datetime, timedelta, timezone
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SMALL, WEEK, FIELD, GUARDED = 64 << 10, 604800, 2**255 - 19, ("evergreen", "kit")
EIGHTH = 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826  # y of a point of order 8
SIGNATURE = rb"untrusted comment: [\t -~]*\n([A-Za-z0-9+/=]{100})\ntrusted comment: ([\t -~]*)\n([A-Za-z0-9+/=]{88})\n"
PATH = r"(?:(?!\.{1,2}(?:/|$))[a-z0-9._@-]+(?:/(?!$)|$))+"
TYPES = dict(html="text/html", css="text/css", png="image/png", jpg="image/jpeg", webp="image/webp", avif="image/avif", mp4="video/mp4",
             webm="video/webm", m4a="audio/mp4", mp3="audio/mpeg", ogg="audio/ogg", woff2="font/woff2", vtt="text/vtt")

def demand(holds, why):
    if not holds:
        raise AssertionError(why)

def fetch(store, path, limit=SMALL):
    """The bytes at a path of a folder or address; None if absent."""
    try:
        with urllib.request.urlopen(f"{store}/{path}", timeout=30) if "://" in store else open(f"{store}/{path}", "rb") as stream:
            data = stream.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError, urllib.error.HTTPError) as error:
        return demand(getattr(error, "code", 404) in (403, 404, 410), f"{path}: {error}")
    demand(len(data) <= limit, f"{path}: more than {limit} bytes")
    return None if path.endswith(".json") and data[:1] != b"{" else data

def document(data, what, kind=None, root_id=None):
    """Strict JSON: no key twice, only integers up to 2^53 - 1, no lone surrogates. With a kind: a document with valid signatures."""
    once = lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else demand(False, f"{what}: a key stands twice")
    integer = lambda text: int(text) if text.lstrip("-").isdigit() and abs(int(text)) < 2**53 else demand(False, f"{what}: the number {text}")
    value = json.loads(data.decode(), object_pairs_hook=once, parse_int=integer, parse_float=integer, parse_constant=integer)
    json.dumps(value, ensure_ascii=False).encode()
    if kind:
        demand((value["type"], value["spec"], value.get("critical", [])) == (f"bangtin-{kind}", 1, []), f"{what}: not a {kind} of spec 1")
        demand(re.fullmatch("[0-9a-f]{32}", value["root_id"]) and root_id in (None, value["root_id"]), f"{what}: of another installation")
    return value

def signed(key, data, signature):
    """Whether a minisign file is a valid, prehashed signature of these bytes by this 42-byte key."""
    try:
        line, comment, last_line = re.fullmatch(SIGNATURE, signature).groups()
        first, last = base64.b64decode(line, validate=True), base64.b64decode(last_line, validate=True)
        demand((base64.b64encode(first), base64.b64encode(last), first[:10]) == (line, last_line, b"ED" + key[2:10]), "its form")
        public = Ed25519PublicKey.from_public_bytes(key[10:])
        public.verify(first[10:], hashlib.blake2b(data).digest())
        public.verify(last, first[10:] + comment)
        return len(signature) <= 1024
    except Exception:
        return False

class Root:
    """A root that follows its own rules; the caller decides which signatures make it trusted."""
    def __init__(self, data, root_id, what):
        self.value = value = document(data, what, "root", root_id)
        self.number, self.id, self.requires, self.keys = value["version"], value["root_id"], value["requires"], {}
        self.root, self.publish, self.review = (value["roles"][name] for name in ("root", "publish", "review"))
        for kid, each in value["keys"].items():
            self.keys[kid] = key = base64.b64decode(each["minisign"], validate=True)
            y = int.from_bytes(key[10:], "little") & (2**255 - 1)
            demand(len(key) == 42 and key[:2] == b"Ed" and y < FIELD and y not in (0, 1, FIELD - 1, EIGHTH, FIELD - EIGHTH), f"{what}: key {kid} is no good key")
            demand((hashlib.sha256(key[10:]).hexdigest()[:16], base64.b64encode(key).decode()) == (kid, each["minisign"]), f"{what}: key {kid} has another name")
        for role in (self.root, self.publish, *self.review.values()):
            demand(set(role["keys"]) <= set(self.keys) and 1 <= role["threshold"] <= len(set(role["keys"])), f"{what}: a role's keys or threshold")
        self.people = lambda kids: ", ".join(sorted(value["keys"][kid]["holder"] for kid in kids))
        self.reviewers = {kid for role in self.review.values() for kid in role["keys"]}
        root, publish = set(self.root["keys"]), set(self.publish["keys"])
        demand(not (root & publish or (root | publish) & self.reviewers), f"{what}: a key in two of root, publish, review")
    def count(self, role, site, kind, kids):
        held = self.review.get(role, {"kinds": ()})
        return len(set(kids) & set(held["keys"])) if kind in held["kinds"] and {"*", site} & set(held["sites"]) else 0

def newest_root(store, place):
    """Walks from the trusted root, whose signatures are beside it, to the store's newest."""
    folder, what, root, data = str(pathlib.Path(place).parent), pathlib.Path(place).name, None, pathlib.Path(place).read_bytes()
    while data:
        good = lambda root: {kid for kid in root.root["keys"] if signed(root.keys[kid], data, fetch(folder, f"{what}.{kid}.minisig"))}
        demand(not root or len(good(root)) >= root.root["threshold"], f"{what}: too few signatures of the root before")
        after = Root(data, root and root.id, what)
        demand(after.number == (root.number + 1 if root else after.number) and len(good(after)) >= after.root["threshold"], f"{what}: too few signatures of its own, or not the next number")
        folder, what, root = store, f"root/{after.number + 1}.json", after
        data = fetch(store, what)
    return root

def statement(store, root, path, kind, kids):
    """A document and the keys that signed it, in `….json.minisig` or in one file a holder; None where it is absent."""
    if data := fetch(store, path, 4 * SMALL if kind == "head" else SMALL):
        one = fetch(store, f"{path}.minisig")
        kids = {kid for kid in kids if signed(root.keys[kid], data, one or fetch(store, f"{path}.{kid}.minisig"))}
        demand(kids, f"{path}: no good signature")
        return document(data, path, kind, root.id), kids

def judge(store, root, site, entry):
    """A complete program approved by its roles: (manifest, required roles, {kid: approval})."""
    name, kind, approvals, sizes = entry["program"], entry["kind"], {}, {}
    data = fetch(store, f"programs/{name}.json", 16 << 20) or b""
    demand(hashlib.sha256(data).hexdigest() == name and len(data) == entry["size"], "its manifest is absent or another")
    m = document(data, name)
    for path, digest, size, form in ((each["path"], each["sha256"], each["size"], each["type"]) for each in m["files"]):
        demand(re.fullmatch(PATH, path) and TYPES.get(path.rpartition(".")[2]) == form and sizes.setdefault(digest, size) == size, f"file {path}")
    true = {"program": name, "manifest_size": len(data), "total_bytes": sum(each["size"] for each in m["files"]), "site": m["site"], "kind": m["kind"],
            "show_from": m["valid"]["from"], "show_until": m["valid"]["until"]}
    demand((m["format"], m["site"], m["kind"]) == ("bangtin-program/1", site, kind), "its manifest is of another format, site or kind")
    for kid in entry["approvals"]:
        found = statement(store, root, f"approvals/{name}/{kid}.json", "approval", root.reviewers)
        approvals |= dict.fromkeys(found[1], found[0]) if found and true.items() <= found[0].items() else {}
    needed = set(m["roles"]) | set(root.requires.get("sites", {}).get(site, {}).get(kind) or root.requires[kind])
    for role in needed or [""]:
        count = root.count(role, site, kind, {kid for kid in approvals if role in approvals[kid]["roles"]})
        demand(count and count >= root.review[role]["threshold"], f"too few approvals for role {role}")
    for digest, size in sizes.items():
        data = fetch(store, f"objects/{digest[:2]}/{digest}", size)
        demand(data is not None and (len(data), hashlib.sha256(data).hexdigest()) == (size, digest), f"object {digest}: absent or different content")
    return m, needed, approvals

def withdrawals(store, root, programs):
    """Withdrawn programs and slides, and the number of statements; prints each."""
    gone, slides, chain, number = set(), {}, {}, 1
    while found := statement(store, root, f"withdrawals/{number}.json", "withdrawal", root.reviewers):
        (w, kids), named, wide = found, found[0].get("slides", ()), isinstance(found[0].get("slides"), dict)
        reach = {slide: min(most, chain.get(slide, 0) + 1) for slide, most in named.items()} if wide else dict.fromkeys(named, 0)
        chain, count = chain | {slide: max(most, chain.get(slide, 0)) for slide, most in reach.items()}, len(kids & set(root.review[w["role"]]["keys"]))
        demand(count and w["version"] == number and ("slides" in w) == bool(named) and (wide or root.count(w["role"], w["site"], w["kind"], kids)), f"withdrawal {number}: its signer, number or slides")
        print(f"withdrawal {number}: {', '.join(sorted(named)) or 'all'} of {'every program' if wide else w['kind'] + ' ' + w['program'][:12]}, “{w['reason']}”, by {root.people(kids)}")
        for name, (m, needed, _) in programs.items():
            taken = {slide for slide, page in m["slides"].items() for of in {slide, re.sub(r"--\d+(?=\.|$)", "", slide)} & reach.keys() if not wide or page.get("revision", 1) <= reach[of]}
            after, all_of_it = taken | slides.get(name, set()), not wide and not named
            empties = all_of_it or any({slide for slide, _ in loop["items"]} <= after for loop in m["loops"].values())
            if (taken if wide else (w["program"], w["site"], w["kind"]) == (name, m["site"], m["kind"])) and w["role"] in needed and (not empties or m["kind"] not in GUARDED or count >= root.review[w["role"]]["threshold"]):
                gone, slides[name] = gone | ({name} if all_of_it or empties and m["kind"] not in GUARDED else set()), after
        number += 1
    return gone, slides, number - 1

def show(held, slides, screen, second):
    """(slide, item, milliseconds into it): of the month, else of the evergreen program, else the card; "dark" outside opening hours."""
    due = [each for each in held if each[2]["kind"] == "evergreen" or each[2]["kind"] == "monthly"
           and max(each[0], each[2]["valid"]["from"]) <= second < each[2]["valid"]["until"]]
    for _, name, m in sorted(due, key=lambda each: (each[2]["kind"] == "evergreen", each[0] > second, abs(second - each[0]), each[1])):
        offset = ([each for since, each in m["offsets"] if since <= second] or [m["offsets"][0][1]])[-1]
        place = (second + offset + 259200) % WEEK if m["kind"] == "evergreen" else second
        spans = [span for each in m["screens"] if each["id"] == screen for span in each["spans"] if span[0] <= place < span[1]]
        if not spans:
            return "dark", 0, 0
        start, _, loop, phase = spans[0]
        items, whole = m["loops"][loop]["items"], m["loops"][loop]["ms"]
        ends, left = list(itertools.accumulate(long for _, long in items)), [n for n, (slide, _) in enumerate(items) if slide not in slides.get(name, ())]
        if left:
            where = ((place - start) * 1000 + phase) % whole
            item = next((n for n in left if ends[n] > where), left[0])
            return items[item][0], item, (where - ends[left[left.index(item) - 1]]) % whole
    return "card", 0, 0

def inspect(store, root, site, args):
    """One site: its head, programs, withdrawals and timetable. Returns the number of refused programs."""
    hint, programs = document(fetch(store, f"sites/{site}/latest.json") or b"", f"{site}: latest.json"), {}
    head, kids = statement(store, root, f"sites/{site}/heads/{hint['epoch']}-{hint['head']}.json", "head", root.publish["keys"])
    demand((head["site"], head["epoch"], head["version"]) == (site, root.publish["epoch"], hint["head"]), f"{site}: a head of another place")
    print(f"{site}: head {head['epoch']}-{head['version']} of {head['issued']}, expires {head['expires']}, by {root.people(kids)}")
    for entry in head["programs"]:
        try:
            m, _, approvals = programs[entry["program"]] = judge(store, root, site, entry)
            print(f"  {m['kind']} {m.get('month', '')} {entry['program'][:12]} “{m['title']}”, {len(m['files'])} files")
            for kid, each in approvals.items():
                print(f"    {root.people([kid])} ({', '.join(each['roles'])}): {each['document']['number'] or '–'} {each['document']['date']}, {each['issued']}")
        except Exception as error:
            print(f"  REFUSED {entry['program'][:12]}: {error}", file=sys.stderr)
    gone, slides, count = withdrawals(store, root, programs)
    held = [(each["from"], each["program"], programs[each["program"]][0]) for each in head["programs"] if each["program"] in programs.keys() - gone]
    offsets = [m["offsets"] for _, _, m in held if m["kind"] == "evergreen"]
    demand(offsets and head["withdrawals_min"] <= count and head["root_min"] <= root.number, f"{site}: no evergreen program, or statements are missing")
    zone = lambda second: timezone(timedelta(seconds=[each for since, each in offsets[0] if since <= second][-1]))
    day = datetime.fromisoformat(args.day or datetime.now(zone(time.time())).date().isoformat())
    start, last = int(day.replace(tzinfo=zone(day.timestamp())).timestamp()), None
    moments = [int(datetime.fromisoformat(each).timestamp()) for each in args.at] or range(start, start + 86400)
    for screen, second in itertools.product(sorted({each["id"] for _, _, m in held for each in m["screens"]}), moments):
        slide, item, into = show(held, slides, screen, second)
        now = (screen, slide, item, slide in ("dark", "card") or second * 1000 - into)
        if args.at or now != last:
            print(screen, datetime.fromtimestamp(second, zone(second)).isoformat(), slide, item, into, sep="\t")
        last = now
    return len(head["programs"]) - len(programs)

def main():
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("store", help="folder or http(s) address")
    ask.add_argument("--root", required=True, help="the first root, trusted by its place; its signatures lie beside it")
    ask.add_argument("--site", action="append", help="may be repeated; over HTTP it must be given")
    ask.add_argument("--day", help="YYYY-MM-DD, else today")
    ask.add_argument("--at", action="append", default=[], help="a moment with offset, such as 2026-12-03T10:15:00+07:00; may be repeated")
    args = ask.parse_args()
    try:
        root = newest_root(args.store, args.root)
        print(f"root {root.number} of {root.value['issued']}, expires {root.value['expires']}, {len(root.keys)} keys")
        sites = args.site or sorted(each.name for each in pathlib.Path(args.store, "sites").iterdir())
        return min(1, sum([inspect(args.store, root, site, args) for site in sites]))
    except Exception as error:
        sys.exit(f"REFUSED {error}")

sys.exit(main())
