"""Records as self-contained HTML pages: the source beside what was read from it."""

from nlp.show.page import page
from nlp.show.site import write_site

__all__ = ["page", "write_site"]
