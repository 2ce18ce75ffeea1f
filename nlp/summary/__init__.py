"""What agencies say is wrong, who says it, since when, and who only copies: summaries over a store.

`summarize(database)` gives the whole answer; `nlp.summary.model` says what it holds.
"""

from nlp.summary.build import Options, summarize
from nlp.summary.model import Summary, from_json, to_json

__all__ = ["Options", "Summary", "from_json", "summarize", "to_json"]
