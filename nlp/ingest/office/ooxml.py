"""The package of an OOXML file (DOCX, XLSX): parts of a ZIP, found by their relationships, parsed within bounds.

ECMA-376 part 2 (Open Packaging Conventions). Not python-docx: it unpacks every part at once, whatever it unpacks to.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile

from lxml import etree

from nlp.ingest.archive.zipped import BROKEN
from nlp.ingest.raw import UnreadableError
from nlp.settings import Limits

_MARKUP = 32  # bytes of XML a character of text may cost; Word needs about 15 in its most broken-up tables
_SMALL = 1 << 20  # bytes; below it no ratio is held against a file
_ENCRYPTED = 0x1
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(wordprocessingml|spreadsheetml|officeDocument)/")
_DTD = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")
_ROOT = "_rels/.rels"


class Package:
    """The parts of an OOXML file, read one by one. Raises UnreadableError where the ZIP itself cannot be read."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (*BROKEN, NotImplementedError) as error:
            message = f"the file is cut off or damaged ({error}); fetch it again"
            raise UnreadableError("damaged_file", message) from error
        self._infos = {_plain(info.filename): info for info in self._zip.infolist()}
        self.max_part = min(_MARKUP * limits.max_characters, limits.max_bytes)
        size = sum(info.file_size for info in self._infos.values())
        if size > max(_SMALL, limits.max_ratio * len(data)):
            message = f"the file unpacks to more than {limits.max_ratio:g} times its size, as an archive bomb does"
            raise UnreadableError("compression_ratio", f"{message}; it was not read")

    def read(self, part: str) -> bytes | None:
        """The bytes of a part; None where there is none. Raises UnreadableError for one too large or damaged."""
        info = self._infos.get(_plain(part))
        if info is None:
            return None
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableError("encrypted", "the file is encrypted; open it with its password and save it without")
        if info.file_size > self.max_part:
            message = f"{part} unpacks to {info.file_size} bytes, over the {self.max_part} that the limits allow"
            raise UnreadableError(
                "too_large", f"{message}; split the file, or raise limits.max_characters in the settings"
            )
        try:
            return self._zip.read(info)
        except (*BROKEN, NotImplementedError) as error:
            raise UnreadableError("damaged_file", f"{part} is damaged ({error}); fetch the file again") from error

    def xml(self, part: str) -> tuple[etree._Element | None, bool]:
        """The root of an XML part in the namespaces of ECMA-376 (transitional), and whether the part is whole.

        None where it is missing or beyond repair. Raises UnreadableError for a DTD, which these formats forbid.
        """
        data = self.read(part)
        if data is None:
            return None, False
        if _DTD.search(data):
            raise UnreadableError("hostile_xml", f"{part} declares entities, which no office program writes; not read")
        data = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", data)
        root = _parsed(data, recover=False)
        return (root, True) if root is not None else (_parsed(data, recover=True), False)

    def targets(self, part: str, kind: str) -> dict[str, str]:
        """Parts inside the package that `part` ("" for the package) refers to by relationships of a kind, by their id."""
        folder, name = posixpath.split(part)
        root, _ = self.xml(posixpath.join(folder, "_rels", f"{name}.rels") if part else _ROOT)
        found = {}
        for link in root if root is not None else ():
            if str(link.get("Type")).endswith(f"/{kind}") and link.get("TargetMode") != "External":
                target = (link.get("Target") or "").replace("\\", "/")
                found[link.get("Id") or ""] = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        return found

    def main(self, usual: str) -> str:
        """The name of the main part: what the package states, else the usual one."""
        stated = next(iter(self.targets("", "officeDocument").values()), usual)
        return stated if _plain(stated) in self._infos else usual


def _plain(name: str) -> str:
    """Part names differ neither by case nor by the slash that careless programs write."""
    return name.replace("\\", "/").lstrip("/").lower()


def _parsed(data: bytes, recover: bool) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError):
        return None
