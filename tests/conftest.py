"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow machine is no failure; CI tries the same examples every time, so that it fails for what a change did.
settings.register_profile(
    "gongkai", deadline=None, print_blob=True, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gongkai")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real reports beside the checkout; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "gold").is_dir():
        pytest.skip("../shared (real reports with gold) is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample reports written for this project."""
    return ROOT / "tests" / "samples"
