from nlp.document import Document, Folded, Span
from nlp.record import Indicator


def read_indicators(document: Document, folded: Folded, outside: tuple[Span, ...]) -> tuple[list[Indicator], tuple[Span, ...]]:
    return [], ()
