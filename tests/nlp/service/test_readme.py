"""The examples of nlp/service/README.md, run in order against a real service: status, and the output that stands there."""

import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from tests.conftest import ROOT
from tests.service_running import Service

TEXT = (ROOT / "nlp" / "service" / "README.md").read_text(encoding="utf-8")
SAMPLES = ROOT / "tests" / "samples" / "reports.zip"
PATIENCE = 240.0  # seconds for the job or the summary of the samples


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("readme")
    (folder / "reports.zip").write_bytes(SAMPLES.read_bytes())
    with zipfile.ZipFile(SAMPLES) as packed:
        (folder / "report.txt").write_bytes(packed.read("江苏省/白马渡镇2022.txt"))
    found = Service(folder / "data")
    found.start()
    yield found
    assert found.stop() == 0


def test_every_example_answers_as_it_says(service: Service) -> None:
    examples = [one for block in re.findall(r"^```console\n(.*?)^```", TEXT, re.S | re.M) for one in _examples(block)]
    assert len(examples) > 20
    for command, output in examples:
        _check(service, command, output)
    folder = service.data.parent
    assert (folder / "records.parquet").read_bytes()[:4] == b"PAR1"
    assert (folder / "records.xlsx").read_bytes()[:2] == b"PK"
    script = re.search(r"^```python\n(.*?)^```", TEXT, re.S | re.M)
    assert script
    assert _run(service, [sys.executable, "-c", script[1]]).splitlines() == ["兴化市白马渡镇人民政府 2022", "done 36 6"]


def _examples(block: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output.strip()


def _check(service: Service, command: str, output: str) -> None:
    """Run it until it answers as it says; only what is told to take time is asked again."""
    told = command.partition("  # ")[2]
    status = told if told.isdigit() else "200"
    wanted = re.compile(".*".join(map(re.escape, output.split("…"))), re.S)
    end = time.monotonic() + (PATIENCE if told and not told.isdigit() else 0)
    while True:
        answer, _, code = _run(service, ["sh", "-c", command.replace("curl", "curl -w '\\n%{http_code}'", 1)]).rpartition("\n")
        if (code == status and wanted.match(answer.strip())) or time.monotonic() >= end:
            break
        time.sleep(0.5)
    assert code == status, f"{command}\n{answer[:500]}"
    assert wanted.match(answer.strip()), f"{command}\n{answer[:500]}"


def _run(service: Service, words: list[str]) -> str:
    environment = {**os.environ, "URL": service.url, "KEY": service.key, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=service.data.parent, env=environment, capture_output=True, check=True, timeout=PATIENCE)
    return done.stdout.decode()
