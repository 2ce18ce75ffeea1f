"""Archives to read in batches: short reports of invented agencies, some of them broken or twice there."""

from __future__ import annotations

import zipfile
from pathlib import Path

from nlp.batch.folder import Folder
from nlp.batch.run import Job
from nlp.batch.settings import BatchSettings, load_batch_settings
from nlp.settings import load_settings

PLACES = ["青湾", "白石", "云岭", "柳河", "东溪", "金滩", "石桥", "松坪", "兰江", "梅坞"]


def report(number: int) -> str:
    """A short report; another number gives another text."""
    place, year = PLACES[number % len(PLACES)], 2010 + number % 14
    return (
        f"{place}县第{number}小学{year}年政府信息公开工作年度报告\n一、总体情况\n{year}年，本校主动公开信息{number}条。\n"
        f"二、主动公开政府信息情况\n全年公开招生信息{number % 7}条。\n三、存在的主要问题及改进情况\n公开不够及时，下一步及时更新。\n"
    )


def archive(folder: Path, n_documents: int) -> Path:
    """A folder with a ZIP of two thirds of the reports and the others as files; every 20th is there twice, every 30th empty."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "many.zip", "w") as packed:
        for number in range(n_documents):
            text = "" if number % 30 == 29 else report(number)
            if number % 3:
                packed.writestr(f"{number:05}.txt", text)
            else:
                (folder / f"{number:05}.txt").write_text(text, encoding="utf-8")
            if number % 20 == 0:
                (folder / f"copy-{number:05}.txt").write_text(text, encoding="utf-8")
    return folder


def batch_settings(**changes: float) -> BatchSettings:
    """Small shards, two workers."""
    return load_batch_settings().model_copy(update={"workers": 2, "shard_documents": 7, **changes})


def job(source: Path, out: Path | str, **changes: float) -> Job:
    """A job without the labeller."""
    settings = load_settings().model_copy(update={"labeller": False})
    return Job([str(source)], Folder(str(out)), settings, batch_settings(**changes))


def bytes_of(out: Path) -> dict[str, bytes]:
    """Every file of an output folder but the store, by name."""
    files = (path for path in out.glob("**/*") if path.is_file() and path.suffix != ".duckdb")
    return {str(path.relative_to(out)): path.read_bytes() for path in files}
