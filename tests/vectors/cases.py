"""Inputs of the timetable vectors, by file. oracle.py computes the answers."""
import json, random

from oracle import HERE, digest, look, plan, program, show

HCM = "Asia/Ho_Chi_Minh"
OFFICE = dict(workday=["07:30-11:00", "13:30-18:00"], weekend=["08:00-11:30", "14:00-20:30"], holiday=["08:00-11:30", "14:00-20:30"])
DAYLONG = dict(workday=["08:00-18:00"], weekend=["08:00-18:00"], holiday=["08:00-18:00"])


def content(lists, slides, hours=OFFICE, shares=None, zone=HCM, days=None, screens=(("a", None),), languages=("vi",), site=None):
    site = dict(hours=hours, shares=[list(s) for s in shares or [(n, 1) for n in lists]], screens=[list(s) for s in screens], **(site or {}))
    slides = {k: v if isinstance(v, dict) else dict(ms=v) for k, v in slides.items()}
    return dict(zone=zone, languages=list(languages), days=days or {}, site=site, slides=slides, playlists=lists)


def e(slide, **keys):
    return dict(slide=slide, **keys)


def same(lists, slides, **keys):
    return lambda **more: content(lists, slides, **{**keys, **more})


TWO = {"p": [e("a"), e("b")]}
AB = {"a": 10000, "b": 12000}
files = {}


def case(file, name, what, period="2026-12", comment=None):
    entry = dict(name=name, period=period, content=what)
    if comment:
        entry["comment"] = comment
    files.setdefault(file, []).append(entry)


def plans():
    case("windows", "two windows a day", content(TWO, AB), comment="By hand: 1 December 2026 is a Tuesday in +07:00. valid.from = 2026-11-30T17:00Z "
         "= 1796058000. First span 07:30-11:00 = +27000 … +39600 = 1796085000 … 1796097600, phase 0: 12600 s played. Loop a,b lasts 22000 ms; "
         "12600000 mod 22000 = 16000, the phase of the span from 13:30 (+48600 = 1796106600).")
    case("windows", "windows that touch are one span", content(TWO, AB, dict(OFFICE, workday=["08:00-10:00", "10:00-12:00"])))
    case("windows", "windows that touch over midnight are one span", content(TWO, AB, {k: ["00:00-24:00"] for k in OFFICE}))
    case("windows", "closed at weekends", content(TWO, AB, dict(OFFICE, weekend=[])))
    case("windows", "never open", content(TWO, AB, {k: [] for k in OFFICE}))
    case("windows", "five windows", content(TWO, AB, dict(OFFICE, workday=["06:00-07:00", "08:15-09:45", "11:00-11:01", "13:30-18:00", "20:00-24:00"])))
    case("windows", "a time of day inside one window", content({"p": [e("a"), e("b", times=["09:00-10:00"])]}, AB))
    case("windows", "a time of day across both windows", content({"p": [e("a"), e("b", times=["10:00-15:00"])]}, AB))
    case("windows", "a time of day outside opening hours never plays", content({"p": [e("a"), e("b", times=["11:00-13:30"])]}, AB,
         dict(OFFICE, weekend=[], holiday=[])))
    case("windows", "two times that overlap count once", content({"p": [e("a"), e("b", times=["09:00-10:00", "09:30-10:30"])]}, AB))
    case("windows", "open with nothing to play", content({"p": [e("a", times=["08:00-24:00"])]}, AB))
    case("windows", "nothing for one of two screens", content({"p": [e("a"), e("b", screens=["a"])]}, AB) | {}, )
    case("windows", "uncovered on b only", content({"p": [e("a", screens=["a"]), e("b", times=["08:00-12:00"])]}, AB, screens=[("a", None), ("b", None)]))

    tet = {f"2026-02-{d}": "holiday" for d in range(16, 23)}
    case("holidays", "Tết week with hours of its own", content(TWO, AB, dict(OFFICE, holiday=["09:00-21:00"]), days=tet), "2026-02")
    case("holidays", "closed over Tết", content(TWO, AB, dict(OFFICE, holiday=[]), days=tet), "2026-02")
    case("holidays", "an entry for holidays only", content({"p": [e("a"), e("b", days=["holiday"])]}, AB, days=tet), "2026-02")
    case("holidays", "a holiday Sunday is sun and holiday but not weekend", content({"p": [e("a"), e("b", days=["weekend"]), e("c", days=["sun"])]},
         {**AB, "c": 9000}, days=tet), "2026-02")
    case("holidays", "a make-up Saturday is sat, makeup and workday", content(
         {"p": [e("a"), e("b", days=["makeup"]), e("c", days=["workday"]), e("d", days=["weekend"]), e("e", days=["sat"])]},
         {**AB, "c": 9000, "d": 8000, "e": 7000}, days={"2026-08-22": "makeup", "2026-09-02": "holiday"}), "2026-08")
    case("holidays", "a make-up day with hours of its own", content(TWO, AB, dict(OFFICE, makeup=["07:00-07:30"]), days={"2026-08-22": "makeup"}), "2026-08")
    case("holidays", "make-up hours closed", content(TWO, AB, dict(OFFICE, makeup=[]), days={"2026-08-22": "makeup"}), "2026-08")
    case("holidays", "a weekday called weekend", content(TWO, AB, days={"2026-12-31": "weekend"}))
    case("holidays", "a Sunday called workday", content({"p": [e("a"), e("b", days=["workday"])]}, AB, days={"2026-12-06": "workday"}))
    case("holidays", "weekday names of every day", content({"p": [e("a")] + [e("b", days=[d]) for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]}, AB))
    case("holidays", "a day and a kind, either suffices", content({"p": [e("a"), e("b", days=["mon", "holiday"])]}, AB, days={"2026-12-25": "holiday"}))

    night = {k: ["18:00-02:00"] for k in OFFICE}
    case("midnight", "open across midnight every day", content(TWO, AB, night))
    case("midnight", "Saturday night reaches Sunday 02:00", content({"p": [e("a"), e("b", days=["sat"], times=["22:00-02:00"])]}, AB, night))
    case("midnight", "weekend hours end on Monday morning", content(TWO, AB, dict(OFFICE, weekend=["20:00-03:00"])))
    case("midnight", "a window to 24:00", content(TWO, AB, {k: ["20:00-24:00"] for k in OFFICE}))
    case("midnight", "a time of day across midnight, hours that are not", content({"p": [e("a"), e("b", times=["17:00-09:00"])]}, AB))
    case("midnight", "days without times go with the opening window's day", content({"p": [e("a"), e("b", days=["fri"])]}, AB, night))
    case("midnight", "from and until go with the day on which the window starts",
         content({"p": [e("a"), e("b", **{"from": "2026-12-10", "until": "2026-12-12"})]}, AB, night))
    case("midnight", "valid goes by the clock, whatever the window", content({"p": [e("a"), e("b")]}, {"a": 10000, "b": dict(ms=12000, valid=["2026-12-10", "2026-12-12"])}, night))
    case("midnight", "both from and valid", content({"p": [e("a"), e("b", **{"from": "2026-12-11"})]}, {"a": 10000, "b": dict(ms=12000, valid=["2026-12-10", "2026-12-12"])}, night))
    case("midnight", "valid open at one end", content({"p": [e("a"), e("b"), e("c")]},
         {"a": 10000, "b": dict(ms=12000, valid=["2026-12-10", None]), "c": dict(ms=9000, valid=[None, "2026-12-20"])}, night))
    case("midnight", "valid of one day", content({"p": [e("a"), e("b")]}, {"a": 10000, "b": dict(ms=12000, valid=["2026-12-31", "2026-12-31"])}, night))

    for period in ("2026-11", "2026-12", "2027-01", "2027-02", "2028-02", "2028-03"):
        case("month-ends", f"the night into and out of {period}", content({"p": [e("a"), e("b", days=["weekend", "holiday"])]}, AB, night,
             days={"2026-10-31": "holiday", "2026-11-30": "holiday", "2027-01-31": "workday", "2028-02-29": "holiday"}), period)
    case("month-ends", "the eve is a holiday with a night of its own", content(TWO, AB, dict(OFFICE, holiday=["19:00-04:00"]), days={"2026-11-30": "holiday"}))
    case("month-ends", "the eve of January without last year's calendar goes by its weekday",
         content({"p": [e("a"), e("b", days=["workday"])]}, AB, night), "2027-01")
    case("month-ends", "the eve does not fit from", content({"p": [e("a"), e("b", **{"from": "2026-12-01"})]}, AB, night))
    case("month-ends", "the eve fits from", content({"p": [e("a"), e("b", **{"from": "2026-11-30", "until": "2026-11-30"})]}, AB, night))

    for ms in (7000, 8001, 33333, 59999, 3600000):
        case("phase", f"a loop of 10 s and {ms} ms goes on over closed hours", content(TWO, {"a": 10000, "b": ms}))
    case("phase", "two loops take turns and each goes on where it stopped", content({"p": [e("a"), e("b", days=["mon", "wed", "fri"])]}, AB))
    case("phase", "three loops in a day", content({"p": [e("a"), e("b", times=["08:00-09:00"]), e("c", times=["14:10-15:20"])]}, {**AB, "c": 17000}))
    case("phase", "equal items are one loop", content({"p": [e("a"), e("b", times=["07:30-09:00"]), e("b", times=["09:00-24:00"])]}, AB,
         dict(OFFICE, weekend=OFFICE["workday"])), comment="The two entries of b hand over at 09:00: the items stay a, b, so the span is not cut.")
    case("phase", "equal items by another way", content({"p": [e("a"), e("b", times=["07:30-09:00"]), e("b", times=["09:00-12:00"])]}, AB))
    case("phase", "order of first use gives the ids", content({"p": [e("c", times=["10:00-11:00"]), e("a")]}, {**AB, "c": 9000}))

    for left, right in ((1, 1), (3, 1), (1, 3), (2, 3), (5, 4), (100, 1), (7, 100)):
        case("shares", f"10 s and 60 s at {left}:{right}", content({"p": [e("a")], "q": [e("b")]}, {"a": 10000, "b": 60000}, shares=[("p", left), ("q", right)]),
             comment="By hand: M = 60 s, so six of a to one of b, a first by the order of shares: a b a a a a a." if (left, right) == (1, 1) else None)
    case("shares", "three playlists", content({"p": [e("a"), e("b")], "q": [e("c")], "r": [e("d"), e("e"), e("f")]},
         {"a": 10000, "b": 12000, "c": 15000, "d": 8000, "e": 9000, "f": 31000}, shares=[("p", 3), ("q", 1), ("r", 2)]))
    case("shares", "a tie goes in the order of shares", content({"p": [e("a")], "q": [e("b")], "r": [e("c")]}, {"a": 10000, "b": 10000, "c": 10000},
         shares=[("r", 1), ("p", 1), ("q", 1)]))
    case("shares", "a playlist without a file", content({"p": [e("a"), e("b")]}, AB, shares=[("q", 5), ("p", 1)]))
    case("shares", "only playlists with an entry that plays share the time", content({"p": [e("a"), e("b")], "q": [e("c", days=["sat"])]},
         {**AB, "c": 9000}, shares=[("p", 3), ("q", 1)]))
    case("shares", "a slide in two playlists plays for both", content({"p": [e("a"), e("b")], "q": [e("a")]}, AB, shares=[("p", 2), ("q", 1)]))
    case("shares", "milliseconds that do not divide", content({"p": [e("a"), e("b")], "q": [e("c")]}, {"a": 10001, "b": 12003, "c": 7777}, shares=[("p", 3), ("q", 7)]))

    for weights in ((1, 1), (1, 2), (2, 1), (3, 2), (20, 1), (5, 5)):
        case("weights", f"weights {weights[0]}:{weights[1]}", content({"p": [e("a", weight=weights[0]), e("b", weight=weights[1])]}, AB))
    for weights in ((1, 1, 2), (1, 2, 3), (4, 2, 1), (5, 1, 1), (7, 3, 2), (2, 2, 3)):
        case("weights", f"weights {weights}", content({"p": [e(s, weight=w) for s, w in zip("abc", weights)]}, {"a": 10000, "b": 12000, "c": 9000}),
             comment="By hand, T = 4: place 0 takes c (1/2 is least); c may again from place 2 (1×4 ≤ 2×2); place 1 a; place 2 b (1/1) ties with "
                     "c (2/2), the greater weight wins: c; place 3 b. So c a c b." if weights == (1, 1, 2) else None)
    case("weights", "a slide listed twice", content({"p": [e("a"), e("b"), e("a", weight=2)]}, AB))
    case("weights", "weights and shares", content({"p": [e("a", weight=3), e("b")], "q": [e("c"), e("d", weight=2)]},
         {**AB, "c": 8000, "d": 30000}, shares=[("p", 2), ("q", 1)]))
    rng = random.Random(5)
    for n in (5, 8, 13):
        case("weights", f"{n} entries of random weight", content({"p": [e(f"s{i}", weight=rng.randint(1, 20)) for i in range(n)]},
             {f"s{i}": rng.randint(5, 40) * 1000 for i in range(n)}))

    dawn = {k: ["00:00-05:00"] for k in OFFICE}
    for zone, periods in (("Europe/Berlin", ("2026-03", "2026-10")), ("America/New_York", ("2026-03", "2026-11")),
                          ("Australia/Lord_Howe", ("2026-04", "2026-10")), ("Africa/Cairo", ("2026-04", "2026-10")), ("America/Santiago", ("2026-04", "2026-09"))):
        for period in periods:
            case("dst", f"{zone} {period}, open 00:00-05:00", content(TWO, AB, dawn, zone=zone), period)
            case("dst", f"{zone} {period}, a time 02:15-02:45", content({"p": [e("a"), e("b", times=["02:15-02:45"])]}, AB, dawn, zone=zone), period)
        case("dst", f"{zone} {periods[0]}, round the clock", content(TWO, AB, {k: ["00:00-24:00"] for k in OFFICE}, zone=zone), periods[0])
    case("dst", "a night over the jump", content({"p": [e("a"), e("b", days=["sat"])]}, AB, {k: ["22:00-04:00"] for k in OFFICE}, zone="Europe/Berlin"), "2026-03")
    case("dst", "windows that become empty vanish", content(TWO, AB, dict(OFFICE, weekend=["02:10-02:50", "08:00-09:00"]), zone="Europe/Berlin"), "2026-03")
    case("dst", "two windows inside the jump touch", content(TWO, AB, dict(OFFICE, weekend=["01:00-02:10", "02:50-04:00"]), zone="Europe/Berlin"), "2026-03",
         comment="By hand: 02:10 and 02:50 of 29 March do not occur, both mean 01:00Z = 1774746000. The two windows touch there and are one span "
                 "00:00Z-02:00Z = 1774742400 … 1774749600.")
    case("dst", "the month ends after a jump at midnight", content(TWO, AB, {k: ["00:00-24:00"] for k in OFFICE}, zone="America/Santiago"), "2026-08")
    case("dst", "valid ends in the repeated hour's day", content({"p": [e("a"), e("b")]}, {"a": 10000, "b": dict(ms=12000, valid=["2026-10-25", "2026-10-25"])},
         {k: ["00:00-24:00"] for k in OFFICE}, zone="Europe/Berlin"), "2026-10")

    for zone in (HCM, "Europe/Berlin", "Australia/Lord_Howe"):
        case("evergreen", f"a week in {zone}", content(TWO, AB, zone=zone), "evergreen")
    case("evergreen", "Sunday's night goes on at the start of the week", content({"p": [e("a"), e("b", days=["sun"])]}, AB, dict(night, holiday=[])), "evergreen",
         comment="By hand: Sunday 18:00-02:00 is 583200-604800 and 0-7200. Monday 00:00-02:00 plays a, b (Sunday's) with phase 0; the phase of "
                 "Sunday's evening is 7200000 mod 22000 = 6000.")
    case("evergreen", "round the clock", content(TWO, AB, {k: ["00:00-24:00"] for k in OFFICE}), "evergreen")
    case("evergreen", "weekend entries", content({"p": [e("a"), e("b", days=["weekend"]), e("c", days=["workday"], times=["08:00-09:00"])]}, {**AB, "c": 9000}), "evergreen")
    case("evergreen", "times across midnight", content({"p": [e("a"), e("b", days=["sun"], times=["23:00-01:00"])]}, AB, night), "evergreen")
    case("evergreen", "the calendar does not matter", content(TWO, AB, dict(OFFICE, holiday=[]), days={"2026-12-25": "holiday"}), "evergreen")
    case("evergreen", "uncovered from Monday 00:00", content({"p": [e("a", days=["tue"])]}, AB, {k: ["00:00-24:00"] for k in OFFICE}), "evergreen")

    many = dict(languages=("vi", "en", "zh"))
    tr = {"a": 10000, "a.en": 11000, "a.zh": 9000, "b": 12000, "b.zh": 8000, "c": 15000}
    case("translations", "in the order of languages", content({"p": [e("a"), e("b"), e("c")]}, tr, **many))
    case("translations", "another order", content({"p": [e("a"), e("b"), e("c")]}, tr, languages=("vi", "zh", "en")))
    case("translations", "a site narrows them", content({"p": [e("a"), e("b"), e("c")]}, tr, site=dict(languages=["vi", "zh"]), **many))
    case("translations", "an entry that names one shows only that", content({"p": [e("a.en"), e("b")]}, tr, **many))
    case("translations", "times count as one with weights", content({"p": [e("a", weight=2), e("b"), e("c")]}, tr, **many))
    case("translations", "times count as one with shares", content({"p": [e("a"), e("c")], "q": [e("b")]}, tr, shares=[("p", 1), ("q", 2)], **many))

    pair = [("a", None), ("b", None)]
    case("screens", "two faces with the same entries", content(TWO, AB, screens=pair))
    case("screens", "an entry for one face", content({"p": [e("a"), e("b", screens=["b"])]}, AB, screens=pair))
    case("screens", "out of step after a different morning", content({"p": [e("a"), e("b", screens=["b"], times=["08:00-09:00"]), e("c")]}, {**AB, "c": 7000}, screens=pair))
    case("screens", "a face that copies", content({"p": [e("a"), e("b", screens=["a"])]}, AB, screens=[("a", None), ("b", "a")]))
    case("screens", "a face that copies a later one", content({"p": [e("a"), e("b", screens=["c"]), e("d", screens=["b"])]}, {**AB, "d": 9000},
         screens=[("a", "c"), ("b", None), ("c", None)]))
    case("screens", "an entry for two of three faces", content({"p": [e("a"), e("b", screens=["a", "c"])]}, AB, screens=[*pair, ("c", None)]))
    case("screens", "every face its own", content({"p": [e("a", screens=["a"]), e("b", screens=["b"])]}, AB, screens=pair))

    rng = random.Random(2026)
    for n in range(40):
        case("random", f"random {n}", scramble(rng, n), rng.choice(["2026-03", "2026-10", "2026-12", "2027-01", "2026-04", "evergreen"]))

    long = {"a": dict(ms=10000, parts=3), "a.en": dict(ms=11000, parts=2), "b": 12000, "c": dict(ms=9000, parts=12)}
    case("parts", "a table of three parts", content({"p": [e("a"), e("b")]}, {**AB, "a": dict(ms=10000, parts=3)}))
    case("parts", "all parts of a language before the next language", content({"p": [e("a"), e("b")]}, long, **many))
    case("parts", "an entry that names a translation shows its parts alone", content({"p": [e("a.en"), e("b")]}, long, **many))
    case("parts", "parts count as one with weights", content({"p": [e("a", weight=2), e("b", weight=3), e("c")]}, long))
    case("parts", "parts count as one with shares", content({"p": [e("a")], "q": [e("b")], "r": [e("c")]}, long, shares=[("p", 1), ("q", 2), ("r", 1)]))


def clock(rng):
    return f"{rng.randrange(24):02}:{rng.choice((0, 10, 15, 30, 45)):02}"


def scramble(rng, n):
    zone = rng.choice([HCM, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
    nights = [["07:30-11:00", "13:30-18:00"], ["18:00-02:00"], ["00:00-24:00"], ["01:30-02:30", "20:00-24:00"], ["06:00-07:00"]]
    hours = rng.choice(nights)
    hours = dict(workday=hours, weekend=rng.choice([hours, []]), holiday=rng.choice([hours, []]))
    slides = {f"s{i}": rng.choice((1000, 8000, 10000, 12345, 60000)) for i in range(6)}
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday", "weekend"]
    lists = {}
    for name in ("p", "q", "r")[: rng.randint(1, 3)]:
        lists[name] = [e(rng.choice(list(slides)))]
        for _ in range(rng.randrange(5)):
            entry = e(rng.choice(list(slides)), weight=rng.randint(1, 5))
            if rng.random() < 0.5:
                entry["days"] = rng.sample(week, rng.randint(1, 3))
            if rng.random() < 0.5:
                a, b = clock(rng), clock(rng)
                entry["times"] = [f"{a}-{b}"] if a != b else ["08:00-09:00"]
            if rng.random() < 0.3:
                entry["screens"] = [rng.choice("ab")]
            lists[name].append(entry)
    shares = [(name, rng.randint(1, 5)) for name in lists]
    return content(lists, slides, hours, shares, zone, screens=[("a", None), ("b", None)])


def manifest_of(got, period):
    """The part of a manifest that `at` reads."""
    return dict(kind="evergreen" if period == "evergreen" else "monthly", offsets=got["offsets"], loops=got["loops"],
                screens=[dict(id=i, spans=s) for i, s in got["screens"].items()])


def asks(rng, got, period):
    """Moments to test: edges of spans and offsets, a millisecond before each, and some in between."""
    manifest, out = manifest_of(got, period), []
    for screen, spans in got["screens"].items():
        if not spans:
            continue
        span = rng.choice(spans)
        start = 1796058000 if period == "evergreen" else 0
        for t in (span[0] * 1000, span[0] * 1000 - 1, span[1] * 1000 - 1, rng.randrange(span[0] * 1000, span[1] * 1000)):
            t += (start - 25200 - 86400) * 1000 if start else 0
            found = look(manifest, screen, t)
            answer = list(found[1:6]) + [min(found[6], t + found[5] - found[4])] if found[0] == "plays" else None
            out.append([screen, t, answer])
    return out


def write():
    plans()
    rng, total = random.Random(1), 0
    for name, cases in files.items():
        for each in cases:
            got = plan(each["content"], each["period"])
            each["expect"] = got
            if "error" not in got:
                each["at"] = asks(rng, got, each["period"])
        total += len(cases)
        text = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in cases)
        (HERE / f"plan-{name}.json").write_text("[\n" + text + "\n]\n", encoding="utf-8")
    import show_cases
    print(total, "plans and", show_cases.write(), "moments")
