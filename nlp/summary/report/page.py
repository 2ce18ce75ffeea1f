"""A summary as one HTML page: no request leaves it, nothing of a report's text can run, it reads without a script."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nlp.output import whole_file
from nlp.settings import load_toml
from nlp.summary.model import Member, Summary
from nlp.summary.report import names
from nlp.summary.report.figures import outcomes, overview
from nlp.summary.report.pairs import n_with_last, n_with_next
from nlp.summary.report.tables import problems, promises
from nlp.summary.settings import load_reuse_settings

_HERE = Path(__file__).resolve().parent
PAGE_ID = 16
"""Characters of a record's id that name its page in a folder made by `gongkai show`."""


def write_html(summary: Summary, path: Path, pages: Path | None = None) -> None:
    """Write the page; `pages` is a folder of `gongkai show`, by default `pages` beside `path`: quotes link to what is there.

    Raises StoreError when the page cannot be written.
    """
    addresses = linked_pages(path, [report.id for report in summary.reports], pages)
    with whole_file(path) as stream:
        stream.write(html(summary, addresses).encode())


def linked_pages(path: Path, ids: Iterable[str], pages: Path | None = None) -> dict[str, str]:
    """Addresses, as seen from the page `path`, of the records that have a page in the folder `pages` (`pages` beside it)."""
    folder = pages or path.parent / "pages"
    address = (folder.relative_to(path.parent) if folder.is_relative_to(path.parent) else folder.resolve()).as_posix()
    return {key: f"{address}/{key[:PAGE_ID]}.html" for key in ids if (folder / f"{key[:PAGE_ID]}.html").is_file()}


def html(summary: Summary, pages: dict[str, str] | None = None, *, framed: bool = False) -> str:
    """The page; `pages` has the addresses of the pages of records, by id; `framed`: they open in place of the page around it."""
    known = problems(summary)
    return render(
        "report.html.j2",
        s=summary,
        pages=pages or {},
        framed=framed,
        overview=list(overview(summary)),
        n_with_last=n_with_last(summary),
        n_with_next=n_with_next(summary),
        outcomes=list(outcomes(summary)),
        settings=load_toml("summary.toml")["report"],
        reuse=load_reuse_settings(),
        cited=set(),  # the reports that the page names, gathered while it is written
        places={report.id: n for n, report in enumerate(summary.reports)},
        problems=known,
        promises=promises(summary),
        of_category=_of_categories(known.values()),
        equal_years=sorted(summary.copies.equal_years, key=lambda years: -years.equal / years.compared),
        group_names={(d.key, group.key): group.name for d in summary.dimensions for group in d.groups},
        point_names={point.id: point.name for point in summary.key_points},
        measures={measure.key: measure for measure in summary.statistics.measures} if summary.statistics else {},
        aligned={(pair.older, pair.newer): pair.passages for pair in summary.copies.aligned},
    )


def _of_categories(members: Iterable[Member]) -> dict[str, list[Member]]:
    """Problems by the categories that they carry, in the order of reports."""
    found: defaultdict[str, list[Member]] = defaultdict(list)
    for member in sorted(members, key=lambda member: (member.report, member.n)):
        for code in member.categories:
            found[code].append(member)
    return found


def _shortened(words: str) -> str:
    longest = load_toml("summary.toml")["report"]["longest"]
    return words if len(words) <= longest else words[:longest] + "…"


def render(template: str, **values: object) -> str:
    """A page from a template of this folder, with the look and the script that all pages share."""
    code = (_HERE / "report.js").read_text(encoding="utf-8")
    return (
        _templates()
        .get_template(template)
        .render(
            values,
            style=Markup((_HERE / "report.css").read_text(encoding="utf-8")),  # noqa: S704  # our own files, not a report's text
            script=Markup(code),  # noqa: S704
            script_sha256=base64.b64encode(hashlib.sha256(code.encode()).digest()).decode(),
        )
    )


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "number": names.number, "percent": names.percent, "interval": names.interval, "category": names.category,
        "source": names.source, "cell": names.cell_name, "shortened": _shortened,
    }  # fmt: skip
    return environment
