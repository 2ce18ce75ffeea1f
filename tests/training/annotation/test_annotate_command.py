"""`gongkai annotate` from reports to a tool and back, and commands of other packages."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from nlp.cli import main
from nlp.ingest.sources import sources
from nlp.pipeline import Extractor
from nlp.record import Record
from nlp.settings import load_settings
from tests.conftest import ROOT
from training.annotation.command import FORMATS as NAMES
from training.annotation.formats import FORMATS, read
from training.annotation.preannotate import Witness
from training.annotation.text import AnnotatedText
from training.markup import Annotated


@pytest.fixture(scope="session")
def reports(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A third of the sample reports, and a broken one."""
    folder = tmp_path_factory.mktemp("reports")
    with zipfile.ZipFile(samples / "reports.zip") as archive:
        for number, member in enumerate(archive.infolist()[::3]):
            (folder / f"{number:02}").with_suffix(Path(member.filename).suffix).write_bytes(archive.read(member))
    (folder / "broken.txt").write_bytes(b"")
    return folder


@pytest.fixture(scope="session")
def records(reports: Path) -> dict[str, Record]:
    settings = load_settings()
    extractor = Extractor(settings, Witness.of(settings))
    found = (record for raw in sources([reports], settings.limits) for record in extractor(raw))
    return {record.id: record for record in found if record.status != "failed"}


@pytest.fixture(scope="session")
def pre_annotated(reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "all.jsonl"
    assert main(["annotate", "export", str(reports), "-o", str(path), "--format", "doccano"]) == 1
    return path


def content(texts: list[AnnotatedText]) -> list[tuple[object, ...]]:
    """What must survive an import; its markup adds nothing but header lines."""
    return [(one.id, one.text, one.spans, dict(one.meta)) for one in sorted(texts, key=lambda one: one.id)]


def test_the_table_of_formats_is_what_the_command_offers() -> None:
    assert sorted(NAMES) == sorted(FORMATS)


@pytest.mark.parametrize("format", NAMES)
def test_what_is_exported_is_imported(
    format: str, pre_annotated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = tmp_path / ("x.spacy" if format == "docbin" else "x")
    assert main(["annotate", "convert", str(pre_annotated), str(exported), "--format", format]) == 0
    assert main(["annotate", "check", str(exported)]) == 0
    assert "nothing wrong: " in capsys.readouterr().err
    assert main(["annotate", "import", str(exported), "-o", str(tmp_path / "annotated")]) == 0
    found = read(tmp_path / "annotated", "markup")
    assert content(found) == content(read(pre_annotated)) and any(one.spans for one in found)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["annotated", exported.name]


def test_passages_say_where_they_are_from_and_how_uncertain(pre_annotated: Path, records: dict[str, Record]) -> None:
    texts = read(pre_annotated)
    doubts = [float(one.meta["uncertainty"]) for one in texts]
    assert doubts == sorted(doubts, reverse=True) and 0 <= doubts[-1] < doubts[0] <= 1
    assert [one.id for one in texts] == sorted(one.id for one in texts)
    assert any(not one.spans and doubt > doubts[-1] for one, doubt in zip(texts, doubts, strict=True))
    found = set()
    for one in texts:
        record, start = records[one.meta["record"]], int(one.meta["offset"])
        assert record.text[start : start + len(one.text)] == one.text and one.text == one.text.strip()
        assert one.meta["year"] == str(record.year) and one.meta["source"] == record.source.path
        assert any(section.kind == one.meta["section"] for section in record.sections)
        found |= {(record.id, span.label, span.start + start, span.end + start) for span in one.spans}
    wanted = {(record.id, m.label, m.start, m.end) for record in records.values() for m in record.narrative.mentions}
    assert found == wanted and wanted


def test_documents_hold_the_links_of_their_record(
    reports: Path, records: dict[str, Record], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    command = ["annotate", "export", str(reports), "-o", str(path), "--format", "label-studio", "--documents"]
    assert main([*command, "--limit", "9"]) == 1
    assert f"reports → 9 texts of {len(records)}, " in capsys.readouterr().err
    texts = read(path)
    n_links = 0
    for one in texts:
        record = records[one.meta["record"]]
        facts, remedies = record.narrative, [span for span in one.spans if span.label == "REMEDY"]
        wanted = [tuple(p for p, problem in enumerate(facts.problems) if n in problem.remedies) for n in range(len(remedies))]
        assert one.text == record.text and len(one.spans) == len(facts.mentions)
        assert [span.answers for span in remedies] == wanted
        assert [span.done for span in remedies] == [remedy.status == "done" for remedy in facts.remedies]
        assert [list(span.codes) for span in remedies] == [remedy.categories for remedy in facts.remedies]
        n_links += sum(len(answers) for answers in wanted)
    assert len(texts) == 9 and n_links


def test_wrong_annotations_are_told_a_line_each_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.jsonl"
    rows = [{"id": n, "text": "更新慢。", "label": [[0, end, "PROBLEM"]]} for n, end in enumerate((3, 4, 9))]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for command in (["import", str(path), "-o", str(tmp_path / "out")], ["check", str(path)]):
        assert main(["annotate", *command]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert lines[0].startswith("gongkai: error: x.jsonl, line 3: PROBLEM [0, 9) lies outside the text")
        assert lines[-1] == f"gongkai: error: {path}: nothing was written"
    path.write_text("\n".join(map(json.dumps, rows[:2])), encoding="utf-8")
    assert main(["annotate", "import", str(path), "-o", str(tmp_path / "out")]) == 2
    assert "text 0: {PROBLEM:更新慢}: category codes missing" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["x.jsonl"]
    mend = ["annotate", "import", str(path), "-o", str(tmp_path / "out"), "--code", "timeliness", "--trim"]
    assert main(mend) == 0 and main(mend) == 2
    assert "--force" in capsys.readouterr().err
    assert main([*mend, "--force"]) == 0
    assert main([*mend[:4], str(tmp_path / "other"), "--code", "late"]) == 2
    assert "unknown category code 'late'; codes are awareness" in capsys.readouterr().err


def test_labels_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, path = tmp_path / "my.toml", tmp_path / "x.jsonl"
    settings.write_text('labels = ["DOCUMENT_TITLE"]\n')
    row = {"id": "a", "text": "依据《公开办法》更新慢", "label": [[2, 8, "DOCUMENT_TITLE"], [8, 11, "PROBLEM"]]}
    path.write_text(json.dumps(row), encoding="utf-8")
    command = ["annotate", "import", str(path), "-o", str(tmp_path / "out"), "--only", "DOCUMENT_TITLE"]
    assert main(command) == 2
    assert "unknown label DOCUMENT_TITLE in the header" in capsys.readouterr().err
    assert main([*command, "--settings", str(settings)]) == 0
    (one,) = read(tmp_path / "out")
    assert one.spans == (Annotated("DOCUMENT_TITLE", 2, 8),) and one.meta["labels"] == "DOCUMENT_TITLE"
    assert main(["annotate", "check", str(tmp_path / "out"), "--settings", str(settings)]) == 0
    assert main(["annotate", "setup", "doccano", "--settings", str(settings)]) == 0
    assert '"text": "DOCUMENT_TITLE"' in capsys.readouterr().out


@pytest.mark.parametrize(("tool", "holds"), [("doccano", '"text": "GROUP"'), ("label-studio", '<Choice value="timeliness"/>'),
                                             ("brat", "Answers\tArg1:REMEDY, Arg2:PROBLEM")])  # fmt: skip
def test_setup_prints_the_labels(tool: str, holds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate", "setup", tool]) == 0
    assert holds in capsys.readouterr().out


def test_help_of_every_action(capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("export", "import", "check", "convert", "setup"):
        with pytest.raises(SystemExit) as stop:
            main(["annotate", action, "--help"])
        assert stop.value.code == 0 and "--help" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stop:
        main(["annotate", "export", "x", "-o", "y", "--format", "doccano", "--limit", "0"])
    assert stop.value.code == 2 and "give 1 or more" in capsys.readouterr().err


def plug_in(name: str, loads: object) -> SimpleNamespace:
    def load() -> object:
        if isinstance(loads, Exception):
            raise loads
        return loads

    return SimpleNamespace(name=name, load=load)


def test_commands_of_other_packages_are_listed_and_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(arguments: object) -> int:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    lazy = SimpleNamespace(__doc__="Train.\n\nMore.", EXAMPLES="", add_arguments=lambda parser: None, run=run)
    eager = plug_in("evaluate", ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn"))
    monkeypatch.setattr("nlp.cli.entry_points", lambda group: [plug_in("train", lazy), eager])
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = capsys.readouterr().out
    assert "train     Train." in listed and "evaluate  needs `pip install 'gongkai[train]'`" in listed
    for command in (["train"], ["evaluate", "--model", "x", "y"]):
        assert main(command) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.startswith("gongkai: error: needs `pip install 'gongkai[train]'` (No module named 'torch")


def test_a_module_of_ours_that_is_missing_is_no_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = plug_in("train", ModuleNotFoundError("No module named 'training.gone'", name="training.gone"))
    monkeypatch.setattr("nlp.cli.entry_points", lambda group: [broken])
    with pytest.raises(ModuleNotFoundError, match=r"training\.gone"):
        main(["train"])


def test_annotate_is_declared_and_light_to_load() -> None:
    declared = {entry.name: entry.value for entry in importlib.metadata.entry_points(group="gongkai.commands")}
    if not declared:
        pytest.skip("gongkai is not installed here, only on the path")
    assert declared["annotate"] == "training.annotation.command"
    heavy = {"spacy", "duckdb", "pyarrow", "rich", "numpy", "jionlp", "lxml", "torch", "datasets"}
    code = f"import sys, training.annotation.command; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == "set()\n"
