"""Memory of the client while it updates one file of 500 MB with scattered edits and an insertion."""

import random

from . import media, updates
from .measure import SEED

SIZE, PART = 500_000_000, 10_000_000
FIELD = [updates.Rsync(), updates.Zsync(), updates.Bita()]
versions = media.versions


def run(work, table):
    rng = random.Random(SEED)
    old, new = media.tree(work / "old"), media.tree(work / "new")
    path = "media/film.mp4"
    with (old / path).open("wb") as before, (new / path).open("wb") as after:
        for at in range(SIZE // PART):
            part = rng.randbytes(PART)
            before.write(part)
            spot = rng.randrange(PART - 4096)
            after.write(part[:spot] + rng.randbytes(4096) + part[spot + (0 if at == 7 else 4096) :])
    bangtin = updates.Bangtin(work, old)
    case = updates.Case("500 MB", "one file, 50 spots of 4 KB", old, new, [path])
    place = work / "case"
    place.mkdir()
    found = updates.measure_case(bangtin, case, place, FIELD)
    updates.rows(table, case, found)
    table.row("the same, peak memory of the client, MB", found["bangtin"].run.peak, updates.others(found, lambda each: each.run.peak))
    table.row("the same on loopback, s", found["bangtin"].run.wall, updates.others(found, lambda each: each.run.wall), form="{:,.1f}")
