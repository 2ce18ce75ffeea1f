"""A labeller can be thrown away: its threads end with it, in a process of its own so that a hang is seen and not shared."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from nlp.narrative.tagger import Tagger
from nlp.narrative.windows import Passage
text = "全年在县政府网站发布信息268条。" * 40
for _ in range(6):
    tagger = Tagger.load(threads=2)
    assert tagger(text, [Passage(0, len(text), "overview")]).mentions
    del tagger
"""


def test_labellers_end_without_waiting_for_each_other() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=120)
