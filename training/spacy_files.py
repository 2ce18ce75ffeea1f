"""What `spacy.load` reads beside a released model: settings and description of the pipeline of `nlp.language`."""

from __future__ import annotations

import json
from pathlib import Path

from nlp.language import load
from nlp.settings import load_settings

CONFIG, META = "config.cfg", "meta.json"
SPACY = ">=3.8,<4"


def write_spacy_files(folder: Path) -> None:
    """Write `config.cfg` and `meta.json` into a model folder, before it is sealed.

    The pipeline reads with the model of the folder it is opened from, whatever the folder is called then.
    """
    language = load(load_settings())
    language.config.to_disk(folder / CONFIG)
    meta = {**language.meta, "name": folder.name, "spacy_version": SPACY, "license": "Apache-2.0"}
    del meta["spacy_git_version"]
    (folder / META).write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
