"""Inputs of the `show` vectors: schedules and moments. oracle.py computes the answers."""
import json, random

from oracle import HERE, digest, program, show

FROM, UNTIL = 1796058000, 1798736400  # December 2026 in +07:00
AB, CD = [["a", 10000], ["b", 20000], ["c", 5000]], [["d", 7000]]
MON = FROM - 86400  # Monday 30 November 2026, 00:00 in +07:00
manifests, files = {}, {}


def put(*args, **keys):
    manifest = program(*args, **keys)
    name = digest(manifest)
    manifests[name] = manifest
    return name


def month(loops=None, spans=None, valid=(FROM, UNTIL), title=None):
    loops = loops or {"1": AB}
    phase = 17000 % sum(item[1] for item in loops["1"])
    spans = spans or [[FROM + 27000, FROM + 39600, "1", 0], [FROM + 48600, FROM + 64800, "1", phase]]
    return put("monthly", valid, loops, {"s": spans, "w": [[valid[0], valid[1], "1", 0]]})


def week(loops=None, spans=None, offsets=None):
    spans = spans if spans is not None else [[d * 86400 + 27000, d * 86400 + 64800, "1", 600 * d] for d in range(7)]
    return put("evergreen", (0, None), loops or {"1": [["e", 9000], ["f", 6000]]}, {"s": spans}, offsets)


def urgent(a, b, band="full", priority=5, slide="u", spans=None):
    return put("urgent", (a, b), {"1": [[slide, 8000], [slide + "2", 4000]]}, {"s": spans or [[a, b, "1", 0]]}, band=band, priority=priority, max=3600)


def kit(band="full", priority=5, slide="k", top=3600, spans=None, valid=(FROM, UNTIL)):
    return put("kit", valid, {"1": [[slide, 8000], [slide + "2", 4000]]}, {"s": spans or [[0, top, "1", 0]]}, band=band, priority=priority, max=top)


def schedule(programs, gone=(), slides=None, releases=()):
    return dict(programs=[list(p) for p in programs], withdrawn=dict(programs=list(gone), slides=slides or {}), releases=list(releases))


def case(file, name, what, moments, screen="s", comment=None):
    queries = []
    for moment in moments:
        t, trusted, face = moment if isinstance(moment, tuple) else (moment, True, screen)
        queries.append([face, t, trusted, show(manifests, what, face, t, trusted)])
    entry = dict(name=name, schedule=what, queries=queries)
    if comment:
        entry["comment"] = comment
    files.setdefault(file, []).append(entry)


def day(n, clock):
    h, m, s = ([int(x) for x in clock.split(":")] + [0])[:3]
    return (FROM + (n - 1) * 86400 + h * 3600 + m * 60 + s) * 1000


def cases():
    m, w = month(), week()
    base = schedule([(m, FROM - 1000), (w, FROM - 1000)])
    case("basics", "the month and its closed hours", base,
         [day(1, "07:30"), day(1, "07:30") - 1, day(1, "10:59:59"), day(1, "11:00"), day(1, "13:30"), day(2, "09:00"), day(1, "07:30:34") + 999],
         comment="By hand: 13:30 has phase 17000, in item b (10000-30000), 7000 ms into it; it ends 13000 ms later.")
    case("basics", "before and after the month comes the week", base, [day(1, "00:00") - 1, day(0, "09:00"), day(31, "23:59:59") + 999, day(32, "00:00"), day(33, "10:00")])
    case("basics", "nothing at all is the card", schedule([]), [0, day(1, "09:00"), (day(1, "09:00"), False, "s")])
    case("basics", "an unknown screen is dark", base, [(day(1, "09:00"), True, "x"), (day(40, "09:00"), True, "x"), (day(1, "09:00"), False, "x")])
    case("basics", "a month without a week", schedule([(m, FROM)]), [day(1, "09:00"), day(40, "09:00"), FROM * 1000 - 1])

    for items, name in (([["a", 1000]], "one"), ([["a", 1000], ["b", 1500]], "two"), ([["a", 3000], ["a", 4000]], "the same twice")):
        h = month({"1": items})
        case("small-loops", f"a loop of {name}", schedule([(h, 0)]), [day(1, "07:30") + k for k in (0, 999, 1000, 2499, 2500, 2999, 3000, 7000, 12345)])
    empty = put("monthly", (FROM, UNTIL), {"1": AB}, {"s": []})
    case("small-loops", "a screen without a span", schedule([(empty, 0), (w, 0)]), [day(1, "09:00"), day(31, "23:59")])

    n = month({"1": CD})
    case("hand-over", "the later from takes over", schedule([(m, FROM), (n, FROM + 30000), (w, 0)]), [day(1, "08:00"), day(1, "08:19:59") + 999, day(1, "08:20"), day(1, "10:00")])
    case("hand-over", "equal from: the lower digest", schedule([(m, FROM), (n, FROM)]), [day(1, "08:00")])
    case("hand-over", "equal from, the other order", schedule([(n, FROM), (m, FROM)]), [day(1, "08:00")])
    jan = month({"1": CD}, [[UNTIL + 27000, UNTIL + 39600, "1", 0]], (UNTIL, UNTIL + 31 * 86400))
    case("hand-over", "December to January", schedule([(m, FROM), (jan, FROM), (w, 0)]), [day(31, "23:59:59"), day(32, "00:00"), day(32, "07:30"), day(64, "07:30")])
    night = month(None, [[UNTIL - 7200, UNTIL, "1", 0]])
    jan2 = month({"1": AB}, [[UNTIL, UNTIL + 7200, "1", 0]], (UNTIL, UNTIL + 31 * 86400))
    case("hand-over", "the night over the month's end starts again", schedule([(night, FROM), (jan2, FROM)]), [(UNTIL * 1000) - 1, UNTIL * 1000, UNTIL * 1000 + 12000])
    case("hand-over", "from inside the month, the week until then", schedule([(m, FROM + 86400), (w, 0)]), [day(1, "09:00"), day(2, "00:00"), day(2, "09:00")])
    case("hand-over", "from after the window never counts", schedule([(m, UNTIL + 5), (w, 0)]), [day(1, "09:00"), day(40, "09:00")])

    case("evergreen", "a week and its dark hours", schedule([(w, 0)]), [MON * 1000 + k for k in (0, 27000000, 26999999, 64799999, 64800000, 86400000 * 6 + 64800000, 86400000 * 7 - 1)])
    v = week({"1": [["g", 4000]]})
    case("evergreen", "the latest from", schedule([(w, FROM), (v, FROM + 30000)]), [day(1, "08:00"), day(1, "08:20"), day(1, "09:00")])
    case("evergreen", "none yet: the earliest", schedule([(w, FROM + 100), (v, FROM + 200)]), [0, (FROM - 5000) * 1000, (FROM + 100) * 1000, (FROM + 200) * 1000])
    case("evergreen", "none yet, equal: the lower digest", schedule([(w, FROM), (v, FROM)]), [0, 30000000])
    berlin = [[0, 3600], [1774746000, 7200], [1792890000, 3600]]
    round_ = week(None, [[0, 604800, "1", 0]], berlin)
    case("evergreen", "the clock jumps forward and back", schedule([(round_, 0)]),
         [(1774746000 + k) * 1000 for k in (-1, 0, 1, -7)] + [(1792890000 + k) * 1000 + 500 for k in (-1, 0, -3600, -8)])
    dawn = week(None, [[6 * 86400 + 3600, 6 * 86400 + 9000, "1", 0]], berlin)
    case("evergreen", "a span that the jump cuts", schedule([(dawn, 0)]), [(1774746000 + k) * 1000 for k in (-3600, -1, 0, 1800, 86400 * 7 - 3600)]
         + [(1792890000 + k) * 1000 for k in (-5400, -3600, -1, 0, 600, 3600, 5400)])
    over = week(None, [[0, 7200, "1", 0], [604800 - 21600, 604800, "1", 7000]])
    case("evergreen", "Sunday night", schedule([(over, 0)]), [MON * 1000 + k for k in (-1, 0, 7199999, 7200000, -21600000, -21600001)])

    edge = FROM + 30000
    for band in ("full", "band", "ticker"):
        u = urgent(edge, edge + 600, band)
        case("urgent", f"{band}: its window", schedule([(m, FROM), (w, 0), (u, edge - 50)]), [(edge - 1) * 1000, edge * 1000 - 1, edge * 1000, (edge + 599) * 1000, (edge + 600) * 1000])
    u = urgent(edge, edge + 600)
    case("urgent", "not before its from", schedule([(m, FROM), (u, edge + 60)]), [edge * 1000, (edge + 59) * 1000 + 999, (edge + 60) * 1000, (edge + 66) * 1000])
    gap = urgent(edge, edge + 600, spans=[[edge, edge + 100, "1", 0], [edge + 200, edge + 600, "1", 4000]])
    case("urgent", "between its spans it does not count", schedule([(m, FROM), (gap, edge)]), [(edge + k) * 1000 for k in (50, 100, 150, 199, 200, 400)])
    case("urgent", "not on another screen", schedule([(m, FROM), (u, edge)]), [((edge + 60) * 1000, True, "w")])
    case("urgent", "in closed hours", schedule([(m, FROM), (urgent(FROM, FROM + 600, "ticker"), FROM), (urgent(FROM + 700, FROM + 900), FROM)]), [FROM * 1000, (FROM + 650) * 1000, (FROM + 710) * 1000])
    case("urgent", "over the card", schedule([(urgent(FROM, FROM + 600, "band"), FROM)]), [FROM * 1000 + 9000, (FROM + 600) * 1000])
    high, low = urgent(edge, edge + 600, priority=9, slide="h"), urgent(edge, edge + 900, priority=1, slide="l")
    case("urgent", "the highest priority, then the other", schedule([(m, FROM), (low, edge), (high, edge)]), [(edge + k) * 1000 for k in (0, 599, 600, 899, 900)])
    one, two = urgent(edge, edge + 600, slide="o"), urgent(edge, edge + 600, slide="t")
    case("urgent", "equal priority: the latest from", schedule([(one, edge), (two, edge + 100)]), [(edge + k) * 1000 for k in (0, 99, 100, 200)])
    case("urgent", "equal in all: the lower digest", schedule([(one, edge), (two, edge)]), [edge * 1000 + 1])
    for fp, bp in ((9, 5), (5, 9), (5, 5)):
        full, band, tick = urgent(edge, edge + 600, "full", fp), urgent(edge + 60, edge + 300, "band", bp, "v"), urgent(edge, edge + 600, "ticker", min(bp, 4), "x")
        case("overlays", f"full {fp}, band {bp}, ticker {min(bp, 4)}", schedule([(m, FROM), (full, edge), (band, edge), (tick, edge)]), [(edge + k) * 1000 for k in (0, 60, 120, 299, 300, 600)])
    band, tick = urgent(edge, edge + 600, "band", 3, "v"), urgent(edge, edge + 600, "ticker", 4, "x")
    case("overlays", "one overlay only", schedule([(m, FROM), (band, edge), (tick, edge)]), [(edge + 1) * 1000])
    case("overlays", "over the evergreen week", schedule([(w, 0), (band, edge)]), [(edge + k) * 1000 for k in (0, 8, 9, 12)])
    fulls = urgent(edge, edge + 600, "full", 2, "z")
    case("overlays", "an overlay over a full one", schedule([(m, FROM), (band, edge), (fulls, edge)]), [(edge + k) * 1000 for k in (0, 8, 11)])

    k, start = kit(), edge
    rel = lambda v, p, a, b: dict(version=v, program=p, **{"from": a, "until": b})
    end = lambda v, p: dict(version=v, end=p)
    case("kits", "never without a release", schedule([(m, FROM), (k, 0)]), [(start + 1) * 1000])
    case("kits", "while its release lasts", schedule([(m, FROM), (k, 0)], releases=[rel(1, k, start, start + 600)]), [(start + x) * 1000 for x in (-1, 0, 8, 13, 599, 600)])
    short = kit(top=300)
    case("kits", "no longer than max", schedule([(m, FROM), (short, 0)], releases=[rel(1, short, start, start + 600)]), [(start + x) * 1000 for x in (0, 299, 300)])
    holed = kit(spans=[[0, 100, "1", 0], [200, 3600, "1", 1000]])
    case("kits", "only in its spans", schedule([(m, FROM), (holed, 0)], releases=[rel(1, holed, start, start + 600)]), [(start + x) * 1000 for x in (99, 100, 200)])
    bounded = kit(valid=(start + 60, start + 120))
    case("kits", "only while valid", schedule([(m, FROM), (bounded, 0)], releases=[rel(1, bounded, start, start + 600)]), [(start + x) * 1000 for x in (0, 60, 119, 120)])
    case("kits", "an end ends", schedule([(m, FROM), (k, 0)], releases=[rel(1, k, start, start + 600), end(2, k)]), [(start + 1) * 1000])
    case("kits", "a later release after an end", schedule([(m, FROM), (k, 0)], releases=[rel(1, k, start, start + 600), end(2, k), rel(3, k, start + 100, start + 200)]),
         [(start + x) * 1000 for x in (1, 100, 199, 200)])
    case("kits", "the end of another kit", schedule([(m, FROM), (k, 0), (short, 0)], releases=[rel(1, k, start, start + 600), end(2, short)]), [(start + 1) * 1000])
    case("kits", "two releases of one kit: the later from", schedule([(k, 0)], releases=[rel(1, k, start, start + 600), rel(2, k, start + 100, start + 200)]), [(start + x) * 1000 for x in (99, 100, 101, 199, 200)])
    case("kits", "its from in the order is the release's", schedule([(u, start), (k, 9), (m, FROM)], releases=[rel(1, k, start + 100, start + 200)]), [(start + x) * 1000 for x in (99, 100, 199, 200)])
    case("kits", "not in the head", schedule([(m, FROM)], releases=[rel(1, k, start, start + 600)]), [(start + 1) * 1000])
    case("kits", "a release of what is no kit", schedule([(m, FROM), (u, start + 300)], releases=[rel(1, u, start, start + 600)]), [(start + 1) * 1000])
    case("kits", "the head's from does not matter", schedule([(m, FROM), (k, start + 5000)], releases=[rel(1, k, start, start + 600)]), [(start + 1) * 1000])

    t = day(1, "07:30")
    steps = [t + x for x in (0, 1, 9999, 10000, 29999, 30000, 34999, 35000, 45001)]
    for ids in (["a"], ["b"], ["c"], ["a", "b"], ["b", "c"], ["a", "c"], ["a", "b", "c"], ["x"]):
        case("withdrawals", f"slides {', '.join(ids)}", schedule([(m, FROM), (w, 0)], slides={m: ids}), steps,
             comment="By hand: without c (30000-35000) a takes over its 5000 ms round the loop's end: at 30000 a stands, 0 into 15000; at 35000 = 0 of "
                     "the next turn, 5000 into it." if ids == ["c"] else None)
    case("withdrawals", "a whole month: the week", schedule([(m, FROM), (w, 0)], [m]), [t, day(1, "12:00")])
    case("withdrawals", "a whole month: the month before it", schedule([(m, FROM + 5), (n, FROM), (w, 0)], [m]), [t, day(1, "12:00")])
    case("withdrawals", "an emptied loop: the month with the next from", schedule([(m, FROM + 5), (n, FROM), (w, 0)], slides={m: ["a", "b", "c"]}), [t, day(1, "12:00")])
    mixed = month({"1": AB, "2": CD}, [[FROM + 27000, FROM + 30000, "2", 0], [FROM + 30000, FROM + 39600, "1", 0]])
    case("withdrawals", "only one of two loops is emptied", schedule([(mixed, FROM), (w, 0)], slides={mixed: ["d"]}), [t, t + 2999999, t + 3000000])
    case("withdrawals", "slides of another program", schedule([(m, FROM), (n, FROM + 1)], slides={m: ["d"]}), [t])
    tr = month({"1": [["a", 10000], ["a.en", 9000], ["b", 8000]]})
    case("withdrawals", "a translation on its own", schedule([(tr, FROM)], slides={tr: ["a.en"]}), [t + x for x in (0, 10000, 19000, 27000)])
    case("withdrawals", "a slide whose translation stays", schedule([(tr, FROM)], slides={tr: ["a"]}), [t + x for x in (0, 10000, 19000, 27000)])
    rep = month({"1": [["a", 3000], ["b", 2000], ["a", 4000], ["b", 2000], ["c", 1000]]})
    case("withdrawals", "a slide that stands twice", schedule([(rep, FROM)], slides={rep: ["a"]}), [t + x for x in range(0, 13000, 1500)])
    case("withdrawals", "an urgent program", schedule([(m, FROM), (u, edge)], [u]), [(edge + 1) * 1000])
    case("withdrawals", "all slides of an urgent program", schedule([(m, FROM), (u, edge)], slides={u: ["u", "u2"]}), [(edge + 1) * 1000])
    case("withdrawals", "one slide of an overlay", schedule([(m, FROM), (band, edge)], slides={band: ["v2"]}), [(edge + x) * 1000 for x in (0, 8, 12)])
    case("withdrawals", "an emptied week: the other, then the card", schedule([(w, 5), (v, 1)], slides={w: ["e", "f"]}), [t])
    case("withdrawals", "an emptied week alone", schedule([(w, 5)], slides={w: ["e", "f"]}), [t, (t, False, "s"), day(1, "23:00")])
    case("withdrawals", "a kit", schedule([(m, FROM), (k, 0)], [k], releases=[rel(1, k, start, start + 600)]), [(start + 1) * 1000])

    false = lambda *ms: [(x, False, "s") for x in ms]
    case("untrusted", "the week round the clock", schedule([(m, FROM), (w, 0), (u, edge)]),
         false(day(1, "03:00"), day(1, "07:30"), t + 1000, day(1, "18:00"), day(1, "23:00"), (edge + 1) * 1000, MON * 1000, MON * 1000 + 26999999, 0, 12345678))
    case("untrusted", "one span a week", schedule([(week(None, [[100000, 103600, "1", 4000]]), 0)]), false(*[MON * 1000 + x for x in (0, 99999999, 100000000, 103599999, 103600000, 604799999)]))
    case("untrusted", "over Sunday night", schedule([(over, 0)]), false(*[MON * 1000 + x for x in (-1, 0, 7200000, 86400000, -21600001)]))
    case("untrusted", "before every from", schedule([(w, FROM), (v, FROM + 9)]), false(0, 1000, 604800000))
    case("untrusted", "a jump of local time", schedule([(dawn, 0)]), false(*[(1774746000 + x) * 1000 for x in (-3601, -1, 0, 1, 3600)]))
    case("untrusted", "a withdrawn slide", schedule([(w, 0)], slides={w: ["e"]}), false(day(1, "03:00"), day(1, "03:00:05"), day(1, "08:00")))
    case("untrusted", "no span at all", schedule([(week(None, []), 0)]), false(day(1, "03:00")))

    f = "withdrawn-slides"
    short_day = month({"1": AB}, [[FROM + 27000, FROM + 27012, "1", 0], [FROM + 48600, FROM + 64800, "1", 12000]])
    case(f, "the next one may begin where the span ends before its own turn", schedule([(short_day, FROM), (w, 0)], slides={short_day: ["b"]}),
         [t + x for x in (0, 9999, 10000, 11999, 12000)] + [day(1, "13:30") + x for x in (0, 17999, 18000, 22999, 23000)],
         comment="By hand: b (10000-30000) goes, so c stands from 10000 on; the span ends at 12000. At 13:30 the phase 12000 lies in b's time: c, 2000 into 25000.")
    for ids in (["a"], ["b"]):
        pair = month({"1": [["a", 4000], ["b", 6000]]}, [[FROM + 27000, FROM + 39600, "1", 0]])
        case(f, f"of two, {ids[0]} goes: the other stands all the time, turn by turn", schedule([(pair, FROM)], slides={pair: ids}), [t + x for x in (0, 3999, 4000, 9999, 10000, 14000)])
    four = month({"1": [["a", 1000], ["b", 2000], ["c", 3000], ["d", 4000]]}, [[FROM + 27000, FROM + 39600, "1", 9500]])
    for ids in (["d", "a"], ["c", "d", "a"], ["b", "c", "d"], ["a", "c"], ["d"]):
        case(f, f"round the loop's end: {', '.join(ids)}", schedule([(four, FROM)], slides={four: ids}), [t + x for x in (0, 499, 500, 1499, 1500, 3499, 3500, 6500, 10499, 10500)])
    both = month({"1": [["a", 2000], ["b", 3000]], "2": [["b", 5000], ["c", 1000]]}, [[FROM + 27000, FROM + 30000, "1", 0], [FROM + 30000, FROM + 39600, "2", 0]])
    case(f, "a slide of two loops goes from both", schedule([(both, FROM), (w, 0)], slides={both: ["b"]}), [t + x for x in (0, 1999, 2000, 2999999, 3000000, 3005000)])
    case(f, "one loop of two is emptied, with a month before it", schedule([(both, FROM + 1), (m, FROM), (w, 0)], slides={both: ["a", "b"]}), [t, t + 2999999, t + 3000000, day(1, "12:00")])
    case(f, "withdrawn again in another program", schedule([(both, FROM + 30000), (m, FROM)], slides={both: ["b"], m: ["a"]}), [t, t + 2999999, t + 3000000, t + 3005000])
    all_week = week({"1": [["e", 9000], ["f", 6000], ["g", 4000]]}, [[0, 604800, "1", 5000]])
    for ids in (["e"], ["g"], ["f", "g"], ["g", "e"]):
        case(f, f"the week begins again: {', '.join(ids)}", schedule([(all_week, 0)], slides={all_week: ids}), [MON * 1000 + x for x in (-1, -4001, 0, 3999, 4000, 9999, 10000, 14000)])
    turned = week({"1": [["e", 9000], ["f", 6000]]}, [[0, 604800, "1", 0]], berlin)
    case(f, "where the clock jumps", schedule([(turned, 0)], slides={turned: ["f"]}), [(1774746000 + x) * 1000 for x in (-1, 0, 1, -8)] + [(1792890000 + x) * 1000 + 500 for x in (-1, 0, 8)])
    halves = week({"1": [["e", 9000]], "2": [["f", 6000], ["g", 4000]]}, [[27000, 43200, "1", 0], [43200, 64800, "2", 0]])
    case(f, "half a week is emptied: the other week, then the card", schedule([(halves, 9), (w, 0)], slides={halves: ["e"]}), [MON * 1000 + x * 1000 for x in (27000, 43199, 43200, 64800)])
    case(f, "half a week is emptied and there is no other", schedule([(halves, 9)], slides={halves: ["e"]}), [MON * 1000 + x * 1000 for x in (26999, 27000, 43199, 43200)]
         + [(MON * 1000 + 30000000, False, "s"), (MON * 1000, False, "s")])
    case(f, "an emptied overlay lies over nothing", schedule([(m, FROM), (band, edge)], slides={band: ["v", "v2"]}), [(edge + x) * 1000 for x in (-1, 0, 8)])
    case(f, "one slide of a kit", schedule([(m, FROM), (k, 0)], slides={k: ["k"]}, releases=[rel(1, k, start, start + 600)]), [(start + x) * 1000 for x in (0, 7, 8, 12)])
    case(f, "all slides of a kit", schedule([(m, FROM), (k, 0)], slides={k: ["k", "k2"]}, releases=[rel(1, k, start, start + 600)]), [(start + x) * 1000 for x in (0, 599, 600)])
    case(f, "a higher interruption is emptied: the lower one", schedule([(m, FROM), (low, edge), (high, edge)], slides={high: ["h", "h2"]}), [(edge + x) * 1000 for x in (0, 8, 599, 600)])
    rng = random.Random(20261205)
    for number in range(60):
        names = "abcdef"[:rng.randint(1, 6)]
        items = [[rng.choice(names), rng.randrange(1000, 9000, 250)] for _ in range(rng.randint(1, 6))]
        total, gone = sum(ms for _, ms in items), sorted(set(rng.sample(names, rng.randint(1, len(names)))))
        if number % 3:
            p = month({"1": items}, [[FROM + 27000, FROM + 27000 + rng.randint(5, 90), "1", rng.randrange(total)], [FROM + 27100, FROM + 39600, "1", rng.randrange(total)]])
            asked = [t + rng.randrange(0, 200000) for _ in range(8)]
        else:
            p = week({"1": items}, [[0, 3600, "1", rng.randrange(total)], [601200, 604800, "1", rng.randrange(total)]])
            asked = [MON * 1000 + rng.randrange(-120000, 120000) for _ in range(8)]
        case(f, f"random {number}", schedule([(p, 0), (v, 0)] if number % 3 else [(p, 5), (v, 0)], slides={p: gone}), asked)

    rng = random.Random(7)
    pool = [m, n, w, v, tr, mixed, u, gap, high, low, band, tick, fulls, k, short, holed, jan, over]
    for number in range(40):
        chosen = rng.sample(pool, rng.randint(2, 8))
        kits = [p for p in chosen if manifests[p]["kind"] == "kit"]
        slides = {p: rng.sample(sorted(manifests[p]["slides"]), 1) for p in chosen if rng.random() < 0.3}
        releases = []
        for version in range(1, rng.randint(1, 4)):
            if kits:
                p, a = rng.choice(kits), edge + rng.randrange(-300, 600)
                releases.append(end(version, p) if rng.random() < 0.25 else rel(version, p, a, a + rng.randrange(1, 600)))
        what = schedule([(p, rng.choice([0, FROM, edge, edge + 200])) for p in chosen], [p for p in chosen if rng.random() < 0.1], slides, releases)
        case("random", f"random {number}", what, [((edge + rng.randrange(-400, 1000)) * 1000 + rng.randrange(1000), rng.random() < 0.85, "s") for _ in range(6)])


def write():
    cases()
    total = 0
    for name, group in files.items():
        used = {p for each in group for p, _ in each["schedule"]["programs"]}
        dump = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        programs = ",\n".join(f'"{h}":{dump(manifests[h])}' for h in sorted(used))
        text = ",\n".join(dump(each) for each in group)
        (HERE / f"show-{name}.json").write_text('{"manifests":{\n' + programs + '\n},"cases":[\n' + text + "\n]}\n", encoding="utf-8")
        total += sum(len(each["queries"]) for each in group)
    return total
