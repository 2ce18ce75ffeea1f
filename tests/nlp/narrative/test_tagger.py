"""The released model through its own door."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from nlp.errors import ModelError
from nlp.narrative.release import RELEASED, WEIGHTS, open_release
from nlp.narrative.runtime import OnnxRuntime, OpenVino
from nlp.narrative.tagger import Tagged, Tagger
from nlp.narrative.windows import Passage
from nlp.settings import data_path

GROUP = "为加强组织领导，乡政府成立了栗坪乡政府信息公开工作领导小组，由乡长贺云川任组长，副乡长米兰秋任副组长，办公室设在党政综合办。"
COUNTS = "全年通过“栗坪发布”微信公众号推送政务信息３８６条，在县政府网站公开文件42份，张贴公告１１０余张。"
PROBLEMS = "存在的主要问题：一是部分村的公开栏更新不及时；二是业务人员对依申请公开的规定不够熟悉，答复文书不规范。"
REMEDIES = "下一步，我乡将从以下方面改进：一是每月对村公开栏检查一次，逾期通报；二是举办依申请公开业务培训班，提高答复水平。"
TEXT = "\n".join((GROUP, *[COUNTS] * 12, PROBLEMS, REMEDIES))  # several windows long


def passages_of(text: str) -> list[Passage]:
    counts, problems = text.index(COUNTS), text.index(PROBLEMS)
    return [Passage(0, counts, "overview"), Passage(counts, problems, "disclosure"), Passage(problems, len(text), "problems")]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(threads=2)


@pytest.fixture(scope="module")
def tagged(tagger: Tagger) -> Tagged:
    return tagger(TEXT, passages_of(TEXT))


def test_it_reads_a_plain_report(tagged: Tagged) -> None:
    found = {(mention.label, mention.text) for mention in tagged.mentions}
    assert ("PERSON", "贺云川") in found
    assert ("QUANTITY", "３８６条") in found
    assert ("ROLE", "副组长") in found
    assert {"PROBLEM", "REMEDY"} <= {label for label, _ in found}


def test_mentions_are_flat_exact_and_inside_their_passage(tagged: Tagged) -> None:
    passages = passages_of(TEXT)
    position = 0
    for mention in tagged.mentions:
        assert TEXT[mention.start : mention.end] == mention.text == mention.text.strip()
        assert mention.start >= position
        assert any(one.start <= mention.start and mention.end <= one.end for one in passages)
        assert 0 <= mention.score <= 1
        position = mention.end


def test_offsets_survive_carriage_returns_and_astral_signs(tagger: Tagger) -> None:
    text = "😀\r\n" + COUNTS.replace("，", "，\r\n　　") + "𠀀"
    found = tagger(text, [Passage(0, len(text), "overview")]).mentions
    assert any(mention.text == "３８６条" for mention in found)
    assert all(text[mention.start : mention.end] == mention.text for mention in found)


def test_neither_company_nor_threads_change_a_thing(tagged: Tagged) -> None:
    one_thread = Tagger.load(threads=1)
    case = (TEXT, passages_of(TEXT))
    other = (GROUP, [Passage(0, len(GROUP), "preamble")])
    for result in (one_thread(*case), *one_thread.tag_many([other, *[case] * 7])[1:]):
        assert result.mentions == tagged.mentions
        assert np.array_equal(result.log_probabilities, tagged.log_probabilities)


def test_both_runtimes_read_alike(tagger: Tagger, tagged: Tagged) -> None:
    network = data_path("models", RELEASED, "model.onnx")
    assert isinstance(tagger._run, OpenVino)
    plain = Tagger(open_release(), tagger._codec, tagger._heads, OnnxRuntime(network, 2))
    read, expected = plain(TEXT, passages_of(TEXT)).mentions, tagged.mentions
    assert [(m.label, m.start, m.end) for m in read] == [(m.label, m.start, m.end) for m in expected]
    assert max(abs(one.score - other.score) for one, other in zip(read, expected, strict=True)) < 0.01


def test_probabilities_of_a_stretch_sum_to_one(tagged: Tagged) -> None:
    start = TEXT.index("部分村的公开栏")
    shares = tagged.label_probability(start, start + len("部分村的公开栏更新不及时"))
    assert sum(shares.values()) == pytest.approx(1)
    assert max(shares, key=lambda label: shares[label]) == "PROBLEM"
    assert tagged.label_probability(0, 0) == {"PROBLEM": 0.0, "REMEDY": 0.0, "none": 1.0}


def test_heads_speak_of_spans(tagged: Tagged) -> None:
    problem = "业务人员对依申请公开的规定不够熟悉"
    remedies = "每月对村公开栏检查一次，逾期通报", "举办依申请公开业务培训班，提高答复水平"
    spans = [(TEXT.index(text), TEXT.index(text) + len(text)) for text in (problem, *remedies)]
    categories = tagged.name_categories(tagged.category_probabilities(spans))
    assert "capability" in categories[2]
    assert all(1 <= len(codes) <= 3 for codes in categories)
    assert tagged.vectors(spans).shape == (3, 384)
    scores = tagged.link_scores(spans[:1], spans[1:])
    assert scores.shape == (1, 2)
    assert scores[0, 1] > scores[0, 0]
    assert tagged.remedy_status(spans[1:]) == ["planned", "planned"]


def test_no_passage_no_mention(tagger: Tagger) -> None:
    for text, passages in (("", []), (TEXT, []), (" \n", [Passage(0, 2, "other")])):
        empty = tagger(text, passages)
        assert empty.mentions == ()
        assert empty.category_probabilities([]).shape == (0, 17)
        assert empty.link_scores([], []).shape == (0, 0)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_path("models", RELEASED), tmp_path / RELEASED))


def test_a_changed_byte_is_an_error(copy: Path) -> None:
    content = bytearray((copy / WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match="is not the file its manifest names"):
        Tagger.load(copy)


@pytest.mark.parametrize("name", ["manifest.json", "vocab.txt", "heads.safetensors"])
def test_a_missing_file_is_an_error(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=name):
        Tagger.load(copy)


def test_a_broken_manifest_is_an_error(copy: Path) -> None:
    (copy / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="is not JSON"):
        Tagger.load(copy)
