"""A file converted by LibreOffice, where it is installed: in a profile of its own, without macros, network or much time."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from nlp.ingest.raw import UnreadableError
from nlp.settings import Limits, config_path

_PROGRAMS = ("soffice", "libreoffice")
_MEMORY = 4 << 30  # bytes of address space; LibreOffice 7.4 takes 1.1 GB for a report
_GRACE = 5  # seconds of processor time beyond the limit, after which the kernel ends what this process did not


def converted(data: bytes, kind: str, target: str, limits: Limits) -> bytes:
    """The bytes of a `kind` file (`doc`, `xls`, `odt`) as a `target` file (`docx`, `xlsx`).

    Raises UnreadableError: no LibreOffice here, more than `limits.max_seconds`, a file it cannot open, a result too large.
    """
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        message = (
            f"reading {kind} files needs LibreOffice; install it (soffice on the PATH), or convert to {target} first"
        )
        raise UnreadableError("needs_libreoffice", message)
    with tempfile.TemporaryDirectory(prefix="gongkai-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        given, made = folder / f"report.{kind}", folder / "made" / f"report.{target}"
        given.write_bytes(data)
        _make_profile(folder / "profile")
        _run([program, *_arguments(folder, target), str(given)], folder, limits)
        if not made.is_file():
            message = (
                f"LibreOffice cannot open the {kind} file: it is damaged or has a password; open it and save it anew"
            )
            raise UnreadableError("conversion_failed", message)
        if made.stat().st_size > limits.max_bytes:
            message = f"the {kind} file becomes more than {limits.max_bytes} bytes of {target}; split it"
            raise UnreadableError("too_large", message)
        return made.read_bytes()


def _arguments(folder: Path, target: str) -> list[str]:
    profile = (folder / "profile").as_uri()
    quiet = ("--headless", "--norestore", "--nolockcheck", "--nologo", "--nodefault")
    return [f"-env:UserInstallation={profile}", *quiet, "--convert-to", target, "--outdir", str(folder / "made")]


def _make_profile(folder: Path) -> None:
    """A fresh profile that forbids macros and every link that leads out of the document."""
    (folder / "user").mkdir(parents=True)
    shutil.copyfile(config_path("soffice.xcu"), folder / "user" / "registrymodifications.xcu")


def _run(command: list[str], folder: Path, limits: Limits) -> None:
    """Runs the command in a process group of its own, ended with all its children when time is up."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
    }
    process = subprocess.Popen(  # noqa: S603  # the program found on the PATH, on a file named here
        command, cwd=folder, env=environment, start_new_session=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _bound(process.pid, limits)
        process.wait(limits.max_seconds)
    except subprocess.TimeoutExpired as error:
        message = f"LibreOffice took more than {limits.max_seconds:g} seconds; raise limits.max_seconds in the settings"
        raise UnreadableError("time_limit", f"{message}, or convert the file by hand") from error
    finally:
        _end(process)


def _bound(process_id: int, limits: Limits) -> None:
    """Bounds that the kernel keeps even if this process is killed: processor time, memory, bytes written."""
    if sys.platform == "linux":
        import resource

        seconds = int(limits.max_seconds) + _GRACE
        for kind, most in (
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_AS, _MEMORY),
            (resource.RLIMIT_FSIZE, 4 * limits.max_bytes),
            (resource.RLIMIT_CORE, 0),
        ):
            try:
                resource.prlimit(process_id, kind, (most, most))
            except (ProcessLookupError, PermissionError, ValueError):  # it has ended, or its bounds are lower already
                continue


def _end(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):  # all have ended
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
