"""Dates as pages state them → ISO dates."""

from __future__ import annotations

import datetime
import re

_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d{2})(?:\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)|(\d{2})(\d{2})(?!\d))"
)


def iso_date(text: str) -> str | None:
    """The first date in `text` (`2021-02-19 08:39`, `2021年2月19日`, `20210219`) as `2021-02-19`; None without one."""
    for match in _DATE.finditer(text):
        year, month, day = int(match[1]), int(match[2] or match[4]), int(match[3] or match[5])
        try:
            return datetime.date(year, month, day).isoformat()
        except ValueError:
            continue
    return None
