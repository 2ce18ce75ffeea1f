from __future__ import annotations

from nlp.forms import load_forms


def test_the_forms_have_the_cells_of_the_notices() -> None:
    sizes = {
        name: (
            sum(len(table.rows) * len(table.columns) for table in form.disclosure),
            len(form.applications.rows) * len(form.applications.columns),
            sum(len(block.columns) for block in form.review_litigation),
        )
        for name, form in load_forms().items()
    }
    assert sizes == {"2019": (22, 161, 15), "2021": (10, 175, 15)}


def test_keys_are_unique_and_the_shared_specification_agrees(shared) -> None:  # type: ignore[no-untyped-def]
    import json

    spec = json.loads((shared / "spec/forms.json").read_text(encoding="utf-8"))
    for name, form in load_forms().items():
        rows = [row.key for row in form.applications.rows]
        assert rows == [row["key"] for row in spec[name]["applications"]["rows"]]
        assert len(set(rows)) == len(rows)
        for table in form.disclosure:
            want = spec[name]["disclosure"][table.key]
            assert [row.label for row in table.rows] == [row["label"] for row in want["rows"]]
            assert [column.label for column in table.columns] == [column["label"] for column in want["columns"]]
