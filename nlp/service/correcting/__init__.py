"""What people correct in a record: cells, spans, facts; applied to the machine's record, which stays as it is."""

from nlp.service.correcting.apply import Corrected, apply, corrected
from nlp.service.correcting.change import CellTarget, Change, Correction, FactTarget, SpanTarget, UnfitError

__all__ = ["CellTarget", "Change", "Corrected", "Correction", "FactTarget", "SpanTarget", "UnfitError", "apply", "corrected"]
