"""A webhook on loopback."""

from __future__ import annotations

import pytest

from tests.webhooks import receiving


@pytest.fixture
def receiver():
    """Keeps what is posted."""
    with receiving() as server:
        yield server
