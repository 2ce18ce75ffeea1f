"""Jobs that survive, measured: the service or one of its workers is killed at random while jobs run.

    python -m tests.service_crash --kills 50

Every kill is SIGKILL. After the last one every accepted job must be done, each of its documents must have exactly one
record, no record may be there twice, and no job's `n_read` may ever have fallen. One JSON line at the end; exit status 1
when something is lost, doubled or went backwards.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sqlite3
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil

from nlp.client import ServiceError
from nlp.service.state import DATABASE
from tests.nlp.batch.making import report
from tests.service_running import Service

DOCUMENTS = 60  # of a job
SETTINGS = "labeller = false\n"


@dataclass
class Seen:
    """What was promised, and what went wrong on the way."""

    accepted: dict[str, set[str]] = field(default_factory=dict)
    n_read: Counter[str] = field(default_factory=Counter)
    n_backwards: int = 0


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = crash(Path(folder), arguments.kills, random.Random(arguments.seed))
    print(json.dumps(figures))
    return 1 if figures["lost"] or figures["doubled"] or figures["backwards"] or figures["unfinished"] else 0


def crash(folder: Path, n_kills: int, chance: random.Random) -> dict[str, int]:
    """Kill, start again, count."""
    (folder / "extract.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "service.toml").write_text("shard_documents = 8\n", encoding="utf-8")
    service = Service(folder / "data", "--settings", str(folder / "extract.toml"), "--service-settings", str(folder / "service.toml"))
    seen, numbers, killed = Seen(), count(), Counter[str]()
    service.start()
    while sum(killed.values()) < n_kills:
        _give_in(service, seen, folder, numbers)
        _look(service, seen, chance.uniform(0.2, 3))
        what = "worker" if chance.random() < 0.3 and _kill_worker(service, chance) else "service"
        if what == "service":
            service.kill()
            service.start()
        killed[what] += 1
        print(f"{sum(killed.values())} killed ({what}), {len(seen.accepted)} jobs accepted", file=sys.stderr)
    _finish(service, seen)
    service.stop()
    lost, doubled = _compare(folder / "data" / DATABASE, seen)
    unfinished = sum(state != "done" for state in _states(folder / "data" / DATABASE).values())
    return {"kills": n_kills, **{f"killed_{name}": number for name, number in killed.items()}, "jobs": len(seen.accepted),
            "documents": sum(map(len, seen.accepted.values())), "lost": lost, "doubled": doubled,
            "backwards": seen.n_backwards, "unfinished": unfinished}  # fmt: skip


def _give_in(service: Service, seen: Seen, folder: Path, numbers: count[int]) -> None:
    """A job of new reports, unless enough wait already."""
    with service.client() as client:
        if sum(job.state in ("queued", "running") for job in client.jobs()) > 3:
            return
        texts = [report(next(numbers)) for _ in range(DOCUMENTS)]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for number, text in enumerate(texts):
                archive.writestr(f"{number:03}.txt", text)
        file = folder / "job.zip"
        file.write_bytes(packed.getvalue())
        job = client.submit([file])
        seen.accepted[job.id] = set(texts)


def _look(service: Service, seen: Seen, seconds: float) -> None:
    """Watch the jobs for a while."""
    until = time.monotonic() + seconds
    with service.client() as client:
        while time.monotonic() < until:
            try:
                for job in client.jobs():
                    seen.n_backwards += job.n_read < seen.n_read[job.id]
                    seen.n_read[job.id] = job.n_read
            except ServiceError as error:
                print(f"while looking: {error}", file=sys.stderr)
            time.sleep(0.1)


def _kill_worker(service: Service, chance: random.Random) -> bool:
    workers = [child for child in service.process.children(recursive=True) if "spawn_main" in " ".join(child.cmdline())]
    if not workers:
        return False
    try:
        chance.choice(workers).kill()
    except psutil.NoSuchProcess:
        return False
    return True


def _finish(service: Service, seen: Seen) -> None:
    """Wait until nothing is under way."""
    until = time.monotonic() + 600
    with service.client() as client:
        while time.monotonic() < until and any(job.state in ("queued", "running", "cancelling") for job in client.jobs()):
            _look(service, seen, 1)


def _states(database: Path) -> dict[str, str]:
    with sqlite3.connect(database) as connection:
        return dict(connection.execute("SELECT id, state FROM jobs").fetchall())


def _compare(database: Path, seen: Seen) -> tuple[int, int]:
    """How many documents have no record of their own or one that failed, and how many records are there more than once."""
    from nlp.service.database import Database
    from nlp.service.records import Filters, Records

    state = Database(database)
    records, lost, doubled = Records(state), 0, 0
    for job, texts in seen.accepted.items():
        found = [record.text for _, record in records.each(Filters(job=job), 10_000) if record.status != "failed"]
        lost += len(texts - set(found))
        rows = state.reading.execute("SELECT count(*) FROM job_records WHERE job_id = ?", (job,)).fetchone()[0]
        doubled += len(found) - len(set(found)) + max(0, rows - len(texts))
    return lost, doubled


if __name__ == "__main__":
    sys.exit(main())
