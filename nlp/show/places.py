"""Where things stand on the page: ids of cells, facts and their spans, so that each side leads to the other."""

from __future__ import annotations

from nlp.columns import placed_cells
from nlp.record import Cell, Record


def cells_by_path(record: Record) -> dict[str, Cell]:
    """Every cell of the record by its dotted path below `statistics`; an indicator is `indicators.<n>`."""
    cells = {placed.path: placed.cell for placed in placed_cells(record)}
    return cells | {f"indicators.{n}": indicator.cell for n, indicator in enumerate(record.statistics.indicators)}


def anchors_by_path(record: Record) -> dict[str, str]:
    """The id of the place in the source of every cell that has one; cells of one run of digits share it."""
    first: dict[tuple[int, int], str] = {}
    return {
        path: f"at-{first.setdefault((cell.span.start, cell.span.end), path)}"
        for path, cell in cells_by_path(record).items()
        if cell.span
    }


def facts_by_mention(record: Record) -> dict[int, str]:
    """For the mentions that a fact was built from, a link to it."""
    narrative = record.narrative
    links = {m: f"#group-{n}" for n, group in enumerate(narrative.leadership_groups) for m in group.mentions}
    links |= {m: f"#count-{n}" for n, count in enumerate(narrative.counts) for m in count.mentions}
    problems = {tuple(problem.span): f"#problem-{n}" for n, problem in enumerate(narrative.problems)}
    remedies = {tuple(remedy.span): f"#remedy-{n}" for n, remedy in enumerate(narrative.remedies)}
    for n, mention in enumerate(narrative.mentions):
        if link := (problems | remedies).get((mention.start, mention.end)):
            links[n] = link
    return links


def anchors_of_facts(record: Record) -> dict[str, str]:
    """For each fact (`group-0`, `count-3`, `problem-1`, `remedy-0`), the id of its first span in the source."""
    anchors: dict[str, str] = {}
    for mention, link in sorted(facts_by_mention(record).items()):
        anchors.setdefault(link.removeprefix("#"), f"m{mention}")
    narrative = record.narrative
    for kind, n_facts in (("problem", len(narrative.problems)), ("remedy", len(narrative.remedies))):
        for n in range(n_facts):
            anchors.setdefault(f"{kind}-{n}", f"at-{kind}-{n}")
    return anchors
