"""Plain text → Document. The text stays as decoded; crawler header and page chrome become blocks of kind chrome."""

from __future__ import annotations

import dataclasses

from nlp.document import Block, Document, Folded, Issue, Source, Span
from nlp.fold import fold
from nlp.ingest.chrome import chrome_spans, stated_date, title_span
from nlp.ingest.dates import iso_date
from nlp.ingest.header import Header, read_header


def read_plain(text: str, source: Source, document_id: str, issues: tuple[Issue, ...] = ()) -> Document:
    """The Document of a decoded text file; what header lines and date lines state becomes title, published, author, url."""
    folded = fold(text)
    header = read_header(folded.text)
    body = folded.text[header.span.end :]
    chrome = [Span(s + header.span.end, e + header.span.end) for s, e in chrome_spans(body)]
    title = header.fields.get("title") or title_span(folded.text, chrome)
    fields = {name: _printed(folded, text, span) for name, span in header.fields.items()}
    return Document(
        id=document_id,
        source=dataclasses.replace(source, url=fields.get("url", source.url)),
        text=text,
        blocks=_blocks(folded, header, chrome, title),
        title=_printed(folded, text, title) if title else None,
        published=iso_date(fields.get("published", "")) or stated_date([folded.text[slice(*span)] for span in chrome]),
        site=fields.get("site"),
        author=fields.get("author"),
        issues=issues,
    )


def _blocks(folded: Folded, header: Header, chrome: list[Span], title: Span | None) -> tuple[Block, ...]:
    spans = [header.span, *chrome] if header.span.end else chrome
    blocks = [Block(folded.original(*span), "chrome") for span in spans]
    if title is not None and title.start >= header.span.end:
        blocks.append(Block(folded.original(*title), "heading"))
    return tuple(sorted(blocks, key=lambda block: block.span))


def _printed(folded: Folded, text: str, span: Span) -> str:
    start, end = folded.original(*span)
    return text[start:end]
