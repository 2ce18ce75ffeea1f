"""What the service takes, over real HTTP to a real process.

    python -m tests.bench_service start                       seconds to ready
    python -m tests.bench_service single                      POST /v1/extract with 1 and 16 clients: median, p95
    python -m tests.bench_service pages --records 100000      GET /v1/records, first page and page 1,000
    python -m tests.bench_service load --users 200 --seconds 120    Locust (tests/load/locustfile.py): 5xx, records, memory

Each prints one JSON line. `load` exits with 1 on a 5xx, or a record that is lost or doubled.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

import nlp
from nlp.service.database import Database
from nlp.service.records import Records
from nlp.service.state import DATABASE
from nlp.settings import load_settings
from tests.bench import samples
from tests.conftest import ROOT
from tests.nlp.batch.making import PLACES, report
from tests.service_running import Service

BROKEN = ("损坏", "空文件", "座谈会")  # samples that are no reports


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("start", "single", "pages", "load"))
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=120)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data")
        try:
            figures = {"start": start, "single": single, "pages": pages, "load": load}[arguments.what](service, arguments)
        finally:
            if service.is_running:
                service.stop()
    print(json.dumps(figures))
    return 1 if figures.get("n_5xx") or figures.get("lost") or figures.get("doubled") else 0


def start(service: Service, arguments: argparse.Namespace) -> dict[str, object]:
    """Seconds to ready, three times."""
    took = []
    for _ in range(3):
        took.append(round(service.start(), 2))
        service.stop()
    return {"seconds": took}


def single(service: Service, arguments: argparse.Namespace) -> dict[str, object]:
    """The samples in text and HTML, each time with a line of its own, so that none is known."""
    service.start()
    some = [data for name, data in samples(".txt") + samples(".html") if not any(word in name for word in BROKEN)]
    figures: dict[str, object] = {}
    _extract(service, [b"\n".join([some[n % len(some)], f"热身{n}".encode()]) for n in range(8)], 2)
    for n_clients in (1, 16):
        given = [some[n % len(some)] + f"\n第{n_clients}轮第{n}号".encode() for n in range(4 * len(some))]
        took = sorted(_extract(service, given, n_clients))
        p95 = took[int(len(took) * 0.95)]
        figures[f"clients_{n_clients}"] = {"reports": len(took), "median_ms": _ms(statistics.median(took)), "p95_ms": _ms(p95)}
    return figures


def pages(service: Service, arguments: argparse.Namespace) -> dict[str, object]:
    """A store of so many records: the first page, page 1,000, filters and full text, 100 times each."""
    began = time.monotonic()
    fill(service.data, arguments.records)
    figures: dict[str, object] = {"records": arguments.records, "filled_s": round(time.monotonic() - began)}
    service.start()
    with httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {service.key}"}, timeout=60) as client:
        cursor = None
        for _ in range(999):
            page = client.get("/v1/records", params={"size": 50, **({"cursor": cursor} if cursor else {})}).json()
            cursor = page["next"] or cursor
        asked: dict[str, dict[str, object]] = {
            "first": {}, "page_1000": {"cursor": cursor}, "year": {"year": 2015}, "text": {"text": "及时更新"},
            "agency": {"agency": "云岭县第12"},
        }  # fmt: skip
        for name, parameters in asked.items():
            took = []
            for _ in range(100):
                at = time.perf_counter()
                client.get("/v1/records", params={"size": 50, **parameters}).raise_for_status()
                took.append(time.perf_counter() - at)
            figures[name] = {"p95_ms": _ms(sorted(took)[95])}
    return figures


def load(service: Service, arguments: argparse.Namespace) -> dict[str, object]:
    """Locust against the service."""
    service.start()
    prefix = service.data.parent / "load"
    memory: list[int] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(1):
            memory.append(service.process.memory_info().rss >> 20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    file = ROOT / "tests" / "load" / "locustfile.py"
    words = [sys.executable, "-m", "locust", "-f", str(file), "--headless", "--host", service.url, "--only-summary"]
    words += ["--csv", str(prefix), "-u", str(arguments.users), "-r", "20", "-t", f"{arguments.seconds}s"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GONGKAI_KEY": service.key}
    subprocess.run(words, env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    is_over.set()
    watcher.join()
    with (prefix.parent / "load_stats.csv").open(encoding="utf-8") as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    with (prefix.parent / "load_failures.csv").open(encoding="utf-8") as file:
        failures = {f"{row['Name']} {row['Error']}": int(row["Occurrences"]) for row in csv.DictReader(file)}
    with httpx.Client(headers={"Authorization": f"Bearer {service.key}"}) as client:
        metrics = client.get(f"{service.url}/metrics").text
    n_stored, n_distinct = _stored(service.data)
    n_given = _answered(metrics, "/extract", "200")
    total = rows["Aggregated"]
    return {
        "users": arguments.users, "requests": int(total["Request Count"]), "per_second": round(float(total["Requests/s"]), 1),
        "p95_ms": {name: row["95%"] for name, row in rows.items()}, "failures": failures,
        "n_5xx": _answered(metrics, "", "5"),
        "extracted": n_given, "busy_429": _answered(metrics, "/extract", "429"), "records": n_stored,
        "lost": n_given - n_stored, "doubled": n_stored - n_distinct, "memory_mib": memory[:: max(1, len(memory) // 12)],
    }  # fmt: skip


def fill(data: Path, n_records: int) -> None:
    """Records of short reports, put straight into the state."""
    database = Database(data / DATABASE)
    records = Records(database)
    settings = load_settings().model_copy(update={"labeller": False})
    some = [nlp.extract(report(number), settings) for number in range(len(PLACES))]
    for first in range(0, n_records, 1000):
        with database.writing() as connection:
            for number in range(first, min(first + 1000, n_records)):
                text = report(number)
                record = dataclasses.replace(
                    some[number % len(some)], id=hashlib.sha256(text.encode()).hexdigest(), text=text, year=2010 + number % 14,
                    agency=dataclasses.replace(some[number % len(some)].agency, name=text.split("小学")[0] + "小学"),
                )  # fmt: skip
                records.add(connection, record, record.id)


def _extract(service: Service, given: list[bytes], n_clients: int) -> list[float]:
    """Seconds of each answer."""

    def one(data: bytes) -> float:
        at = time.perf_counter()
        httpx.post(f"{service.url}/v1/extract", files={"file": ("a.html", data)}, headers=headers, timeout=60).raise_for_status()
        return time.perf_counter() - at

    headers = {"Authorization": f"Bearer {service.key}"}
    with ThreadPoolExecutor(n_clients) as pool:
        return list(pool.map(one, given))


def _stored(data: Path) -> tuple[int, int]:
    database = Database(data / DATABASE)
    return tuple(database.reading.execute("SELECT count(*), count(DISTINCT id) FROM records").fetchone())


def _answered(metrics: str, route: str, status: str) -> int:
    """How many answers have a status that begins so, on a route or (empty) on all."""
    lines = [line for line in metrics.splitlines() if line.startswith("gongkai_requests_total")]
    wanted = [line for line in lines if f'status="{status}' in line and (not route or f'route="{route}"' in line)]
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in wanted)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


if __name__ == "__main__":
    sys.exit(main())
