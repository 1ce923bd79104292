#!/usr/bin/env python3
"""Makes the shared vectors of the timetable, by brute force and independently of the tool's code.

It implements docs/timetable.md differently from the tool: a month is a list of minutes, each evaluated alone; a local time is the first
minute at which the wall clock has reached it; loops are built entry by entry with fractions. `python3 oracle.py` rewrites the
*.json files beside it. Needs Python 3.11 and zone data (the system's, or the package `tzdata`).
"""
import bisect, datetime as dt, functools, hashlib, json, pathlib
from fractions import Fraction
from zoneinfo import ZoneInfo

HERE = pathlib.Path(__file__).parent
DAY, WEEK = 86400, 604800
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
UTC = dt.timezone.utc


def offset(zone, t):
    return int(dt.datetime.fromtimestamp(t, UTC).astimezone(zone).utcoffset().total_seconds())


@functools.cache
def changes_of(name, start, end):
    zone, out = ZoneInfo(name), [[start, offset(ZoneInfo(name), start)]]
    for t in range(start // 1800 * 1800, end, 1800):
        if t > start and offset(zone, t) != out[-1][1]:
            out.append([t, offset(zone, t)])
    return out


class Wall:
    """The wall clock of some days, minute by minute."""

    def __init__(self, zone, first, last):
        self.zone = zone
        self.t0 = int(dt.datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) - 2 * DAY
        end = int(dt.datetime(last.year, last.month, last.day, tzinfo=UTC).timestamp()) + 3 * DAY
        self.reached, high = [], -1
        for t in range(self.t0, end, 60):
            high = max(high, t + offset(zone, t))
            self.reached.append(high)

    def instant(self, day, minute):
        local = int(dt.datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + minute * 60
        return self.t0 + 60 * bisect.bisect_left(self.reached, local)


def window(text):
    (h, m), (h2, m2) = [map(int, part.split(":")) for part in text.split("-")]
    start, end = h * 60 + m, h2 * 60 + m2
    return start, end if end > start else end + 1440


def kinds_of(weekday, special):
    if special == "makeup":
        return {"makeup", "workday"}
    return {special or ("weekend" if weekday >= 5 else "workday")}


def hours_of(hours, kinds):
    if "makeup" in kinds:
        return hours.get("makeup", hours["workday"])
    return hours[next(iter(kinds))]


def loop_of(content, active):
    """active: [(share, [(weight, [[slide, ms], …])])] in order of shares."""
    lists = [dict(share=s, entries=e, shown=[0] * len(e), place=0, played=0) for s, e in active]
    ms = lambda entry: sum(item[1] for item in entry[1])
    longest = max(Fraction(sum(e[0] * ms(e) for e in l["entries"]), l["share"]) for l in lists)
    out = []
    while not all(l["played"] >= l["share"] * longest for l in lists):
        turn = min(lists, key=lambda l: Fraction(l["played"], l["share"]))  # the first of equals
        total = sum(e[0] for e in turn["entries"])
        able = [i for i, e in enumerate(turn["entries"]) if turn["shown"][i] * total <= turn["place"] * e[0]]
        best = min(able, key=lambda i: (Fraction(turn["shown"][i] + 1, turn["entries"][i][0]), -turn["entries"][i][0], i))
        turn["shown"][best] += 1
        turn["place"] += 1
        turn["played"] += ms(turn["entries"][best])
        out += turn["entries"][best][1]
    return out


def items_of(content, slide):
    slides, site = content["slides"], content["site"]
    def screens(i):
        # A table that is split: its parts in a row, each as long as the slide.
        stem, dot, lang = i.partition(".")
        count = slides[i].get("parts", 1)
        return [[i if n == 1 else f"{stem}--{n}{dot}{lang}", slides[i]["ms"]] for n in range(1, count + 1)]

    if "." in slide:
        return screens(slide)
    main = content["languages"][0]
    ids = [slide if lang == main else f"{slide}.{lang}" for lang in site.get("languages", content["languages"])]
    return [part for i in ids if i in slides for part in screens(i)]


def plan(content, period):
    zone, site = ZoneInfo(content["zone"]), content["site"]
    if period == "evergreen":
        first = dt.date(2024, 1, 1)  # any Monday: the week knows no date
        days = [(first + dt.timedelta(i), i, kinds_of(i, None)) for i in range(7)]
        base, count = 0, WEEK // 60
        ranges = lambda i, w: [(i * 1440 + w[0], i * 1440 + w[1]), (i * 1440 + w[0] - 10080, i * 1440 + w[1] - 10080)]
        valid = [0, None]
        marks = [1767225600, 2713910400]
    else:
        year, month = map(int, period.split("-"))
        first, after = dt.date(year, month, 1), dt.date(year + month // 12, month % 12 + 1, 1)
        wall = Wall(zone, first - dt.timedelta(1), after)
        base = wall.instant(first, 0)
        count = (wall.instant(after, 0) - base) // 60
        special = content.get("days", {})
        days, day = [], first - dt.timedelta(1)
        while day < after:
            days.append((day, day.weekday(), kinds_of(day.weekday(), special.get(day.isoformat()))))
            day += dt.timedelta(1)
        ranges = lambda i, w: [((wall.instant(days[i][0], w[0]) - base) // 60, (wall.instant(days[i][0], w[1]) - base) // 60)]
        valid = [base, base + count * 60]
        marks = valid

    def fill(pick):
        out = bytearray(count)
        for i, day in enumerate(days):
            for text in pick(day):
                for a, b in ranges(i, window(text)):
                    a, b = max(a, 0), min(b, count)
                    if a < b:
                        out[a:b] = b"\1" * (b - a)
        return out

    opened = fill(lambda day: hours_of(site["hours"], day[2]))
    entries, never = [], []
    for name, share in site["shares"]:
        for n, e in enumerate(content["playlists"].get(name, [])):
            def fits(day):
                chosen = e.get("days", [])
                return (not chosen or NAMES[day[1]] in chosen or day[2] & set(chosen)) and (
                    e.get("from", "0") <= day[0].isoformat() <= e.get("until", "9"))
            on = fill(lambda day: (e.get("times") or hours_of(site["hours"], day[2])) if fits(day) else [])
            on = bytearray(a & b for a, b in zip(on, opened))
            ok = content["slides"][e["slide"].split(".")[0]].get("valid")
            if ok:
                a = wall.instant(dt.date.fromisoformat(ok[0]), 0) if ok[0] else -1
                b = wall.instant(dt.date.fromisoformat(ok[1]) + dt.timedelta(1), 0) if ok[1] else 1 << 60
                on = bytearray(v if a <= base + m * 60 < b else 0 for m, v in enumerate(on))
            if not any(on):
                never.append(f"{name}:{n}")
            entries.append((name, share, e, on))
    changes = changes_of(content["zone"], *marks)
    if period == "evergreen":
        changes = [[0, changes[0][1]]] + changes[1:]
    result = dict(valid=valid, offsets=changes, screens={}, loops={})
    numbers, gaps = {}, {}
    for sid, same in site["screens"]:
        mine = [x for x in entries if (same or sid) in x[2].get("screens", [same or sid])]
        spans, cache, gap = [], {}, None
        for m in range(count):
            if not opened[m]:
                continue
            key = tuple(i for i, x in enumerate(mine) if x[3][m])
            if not key:
                gap = base + m * 60 if gap is None else gap
                continue
            if key not in cache:
                active = []
                for name, share in site["shares"]:
                    group = [(mine[i][2].get("weight", 1), items_of(content, mine[i][2]["slide"])) for i in key if mine[i][0] == name]
                    if group:
                        active.append((share, group))
                cache[key] = json.dumps(loop_of(content, active))
            loop = numbers.setdefault(cache[key], str(len(numbers) + 1))
            t = base + m * 60
            if spans and spans[-1][1] == t and spans[-1][2] == loop:
                spans[-1][1] = t + 60
            else:
                spans.append([t, t + 60, loop, 0])
        if gap is not None and not same:
            gaps[sid] = gap
        played = {}
        lengths = {number: sum(i[1] for i in json.loads(items)) for items, number in numbers.items()}
        for s in spans:
            s[3] = played.get(s[2], 0) % lengths[s[2]]
            played[s[2]] = played.get(s[2], 0) + (s[1] - s[0]) * 1000
        result["screens"][sid] = spans
    for items, number in numbers.items():
        items = json.loads(items)
        result["loops"][number] = dict(ms=sum(i[1] for i in items), items=items)
    if gaps:
        return dict(error="uncovered-time", first=gaps)
    result["never"] = never
    return result


# --- what is shown: at and show -----------------------------------------------------------------------------------------------------


def offset_at(manifest, t):
    got = manifest["offsets"][0][1]
    for start, seconds in manifest["offsets"]:
        if start * 1000 <= t:
            got = seconds
    return got


def unroll(loop, gone):
    """The loop as [(item, start, end)] over three turns; the next item takes the time of a withdrawn one."""
    turns, t = [], -loop["ms"]
    for _ in range(3):
        for i, (slide, ms) in enumerate(loop["items"]):
            turns.append((i, slide in gone, t, t + ms))
            t += ms
    out, held = [], None
    for i, dead, a, b in turns:
        if dead:
            held = a if held is None else held
        else:
            out.append((i, a if held is None else held, b))
            held = None
    return out


def look(manifest, screen, t, gone=(), always=False):
    """('plays', slide, loop, item, into, ms, edge) | ('dark', edge) | ('empty', edge)."""
    spans = next((s["spans"] for s in manifest["screens"] if s["id"] == screen), [])
    far = float("inf")
    if manifest["kind"] == "evergreen":
        now = (t + offset_at(manifest, t) * 1000 + 259200000) % (WEEK * 1000)
        jump = min([c[0] * 1000 for c in manifest["offsets"][1:] if c[0] * 1000 > t], default=far)
        laid = [(a * 1000 + k - now + t, b * 1000 + k - now + t, l, p) for k in (-WEEK * 1000, 0, WEEK * 1000) for a, b, l, p in spans]
    else:
        jump, laid = far, [(a * 1000, b * 1000, l, p) for a, b, l, p in spans]
    hit = [s for s in laid if s[0] <= t < s[1]]
    nxt = min([s[0] for s in laid if s[0] > t] + [jump])
    if hit:
        span, edge = hit[0], min(hit[0][1], jump)
    elif always and laid:
        span, edge = max((s for s in laid if s[1] <= t), key=lambda s: s[1]), nxt
    else:
        return ("dark", nxt if laid else far)
    loop = manifest["loops"][span[2]]
    into = (t - span[0] + span[3]) % loop["ms"]
    for item, a, b in unroll(loop, gone):
        if a <= into < b:
            return ("plays", loop["items"][item][0], span[2], item, into - a, b - a, edge)
    return ("empty", edge)


def show(manifests, schedule, screen, t, trusted):
    far, edges = float("inf"), []
    listed = [(h, f, manifests[h]) for h, f in schedule["programs"] if h not in schedule["withdrawn"]["programs"]]
    gone = lambda h: schedule["withdrawn"]["slides"].get(h, [])

    def within(a, b):
        edges.extend([a * 1000, b * 1000])
        return a * 1000 <= t < b * 1000

    def ask(h, m, zero=0, always=False):
        got = look(m, screen, t - zero, gone(h), always)
        edges.append(got[-1] + zero) if got[0] != "plays" else None
        return got[:-1] + (got[-1] + zero,)

    cut = []
    for h, f, m in listed if trusted else []:
        if m["kind"] == "urgent":
            starts = [(f, max(f, m["valid"]["from"]), m["valid"]["until"], 0)]
        elif m["kind"] == "kit":
            ends = [r["version"] for r in schedule["releases"] if r.get("end") == h]
            alive = [r for r in schedule["releases"] if r.get("program") == h and all(r["version"] > e for e in ends)]
            starts = [(r["from"], max(r["from"], m["valid"]["from"]), min(r["until"], r["from"] + m["max"], m["valid"]["until"]),
                       r["from"] * 1000) for r in alive]
        else:
            continue
        for order, a, b, zero in starts:
            if within(a, b):
                got = ask(h, m, zero)
                if got[0] == "plays":
                    edges.append(got[-1])
                    cut.append((-m["priority"], -order, h, m["band"], got))
    cut.sort(key=lambda c: c[:3])
    top = next((c for c in cut if c[3] != "full"), None)
    full = next((c for c in cut if c[3] == "full"), None)
    if top and full and full[:3] < top[:3]:
        top = None
    base = (full[2], full[4]) if full else None
    if not base and trusted:
        months = [(-f, h, m) for h, f, m in listed if m["kind"] == "monthly" and within(max(f, m["valid"]["from"]), m["valid"]["until"])]
        for _, h, m in sorted(months, key=lambda c: c[:2]):
            got = ask(h, m)
            if got[0] != "empty":
                base = (h, got)
                break
    if not base:
        weeks = [(h, f, m) for h, f, m in listed if m["kind"] == "evergreen"]
        edges += [f * 1000 for _, f, _ in weeks]
        now = sorted([w for w in weeks if w[1] * 1000 <= t], key=lambda w: (-w[1], w[0]))
        later = sorted([w for w in weeks if w[1] * 1000 > t], key=lambda w: (w[1], w[0]))
        for h, f, m in now + later:
            got = ask(h, m, 0, not trusted)
            if got[0] != "empty":
                base = (h, got)
                break

    def plain(got):
        if not got or got[0] != "plays":
            return dict(slide=None, loop=None, item=None, into=None, ms=None)
        edges.extend([got[6], t + got[5] - got[4]])
        return dict(zip(("slide", "loop", "item", "into", "ms"), got[1:6]))

    state = "card" if not base else "slide" if base[1][0] == "plays" else "dark"
    out = dict(state=state, program=base[0] if base else None, **plain(base and base[1]))
    out["overlay"] = dict(program=top[2], band=top[3], **plain(top[4])) if top else None
    until = min([e for e in edges if e > t], default=far)
    out["until"] = None if until == far else until
    return out


def digest(manifest):
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    return hashlib.sha256(text.encode()).hexdigest()


def program(kind, valid, loops, screens, offsets=None, **extra):
    """A complete manifest that the verifier accepts; all slides share one page."""
    page = "slides/p/index.html"
    loops = {k: dict(items=v, ms=sum(i[1] for i in v)) for k, v in loops.items()}
    slide = lambda i: dict(agency="so", category="su-kien", language="vi", pages={"64x32": page}, source=f"{i}.md", title=i)
    if kind == "monthly":
        extra["month"] = "2026-12"
    return dict(format="bangtin-program/1", kind=kind, site="s", title="t", languages=["vi"], revision=1, roles=["chief"],
                valid={"from": valid[0], "until": valid[1]}, offsets=offsets or [[0, 25200]],
                screens=[dict(id=i, width=64, height=32, canvas=dict(w=64, h=32, x=0, y=0), audio=False, spans=s) for i, s in screens.items()],
                loops=loops, slides={i[0]: slide(i[0]) for v in loops.values() for i in v["items"]},
                files=[dict(path=page, sha256="0" * 64, size=1, type="text/html")], **extra)


if __name__ == "__main__":
    import cases
    cases.write()
