"""Cost of a summary: `python -m tests.bench_summary [N ...]`, by default 20,000 and 200,000 problems.

Problems are authored statements (`training/summary/keypoints/train.tsv`), varied by who, where and when, most of them distinct;
four a report. Time is that of `summarize` without copies (`training/summary/copies.py` measures those), memory the highest of
this process; each size runs in a process of its own.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from nlp import output, store
from nlp.record import Record
from nlp.summary import Options, summarize
from nlp.summary.vectors import Encoder
from tests.nlp.summary.stating import Stated, stating
from training.summary.fit import FOLDER, read_grouped

A_REPORT = 4
_WHO = ["", "我局", "部分科室", "个别单位", "少数村", "有的部门", "各镇街", "基层站所", "一些股室", "个别下属单位"]
_WHEN = ["", "今年以来", "全年看", "上半年", "总体上", "年中检查发现", "从考核情况看", "与上年相比", "随着机构改革", "受人手影响"]
_THEN = ["", "，仍需加强", "，有待改进", "，影响了公开效果", "，群众有意见", "，与要求还有差距", "，亟待解决", "，需要下功夫"]


def records(n_problems: int) -> list[Record]:
    """Reports with `n_problems` problems in all."""
    chance = random.Random(n_problems)
    statements = [one.text for one in read_grouped(FOLDER / "train.tsv")]
    made = []
    for number in range(n_problems // A_REPORT):
        stated = [
            Stated(
                chance.choice(_WHEN) + chance.choice(_WHO) + text + chance.choice(_THEN),
                remedies=((f"针对{text[:8]}，{chance.choice(('建立台账', '加强培训', '明确专人', '按月通报'))}", False),),
            )
            for text in chance.sample(statements, A_REPORT)
        ]
        place = f"第{number // 20}县", f"第{number // 400}市"
        agency = f"{place[0]}第{number // 5 % 4}{chance.choice(('教育', '水务', '财政', '交通'))}局"
        made.append(stating(agency, 2018 + number % 5, stated, (place[1], place[0])))
    return made


def measure(n_problems: int) -> str:
    """Seconds and memory for so many problems."""
    with TemporaryDirectory() as folder:
        parquet, database = Path(folder) / "records.parquet", Path(folder) / "reports.duckdb"
        output.write(records(n_problems), parquet, "parquet")
        store.build(parquet, database)
        start = time.perf_counter()
        summary = summarize(database, Options(copies=False), Encoder())
        seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    distinct = len({member.text for point in summary.key_points for member in point.members})
    return (
        f"{n_problems:>8,} problems ({distinct:,} distinct in key points): {seconds:6.1f} s, {memory:.2f} GiB,"
        f" {len(summary.key_points)} key points, {len(summary.remainder):,} in the remainder"
    )


if __name__ == "__main__":
    sizes = [int(one) for one in sys.argv[1:]] or [20_000, 200_000]
    if len(sizes) == 1:
        print(measure(sizes[0]), flush=True)
    else:
        for size in sizes:
            subprocess.run([sys.executable, "-m", "tests.bench_summary", str(size)], check=True)  # our own
