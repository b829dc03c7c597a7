"""API keys: known by their hash alone, refused once revoked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assistant import keys
from assistant.models import ApiKey

pytestmark = pytest.mark.django_db


def test_a_key_is_found_by_its_text_and_only_its_hash_is_stored() -> None:
    row, text = keys.issue("Importer")
    assert text.startswith("ak_")
    assert keys.find(text) == row
    stored = ApiKey.objects.values().get()
    assert text not in str(stored)
    assert stored["prefix"] == text[:8]


@pytest.mark.parametrize("text", ["", "ak_", "ak_unknown", "nonsense", "ak_\x00", "ak_\ud800", "ak_" + "x" * 100_000])
def test_what_is_no_key_is_nobody(text: str) -> None:
    keys.issue("Importer")
    assert keys.find(text) is None


def test_the_stored_hash_is_no_key() -> None:
    row, _ = keys.issue("Importer")
    assert keys.find(row.key_hash) is None
    assert keys.find(f"ak_{row.key_hash}") is None


def test_a_revoked_key_is_refused_and_keeps_its_date() -> None:
    row, text = keys.issue("Importer")
    keys.revoke(row)
    row.refresh_from_db()
    first = row.revoked_at
    keys.revoke(row)
    row.refresh_from_db()
    assert keys.find(text) is None
    assert row.revoked_at == first is not None


def test_use_is_recorded_at_most_once_a_minute() -> None:
    row, text = keys.issue("Importer")
    keys.find(text)
    row.refresh_from_db()
    first = row.last_used_at
    keys.find(text)
    row.refresh_from_db()
    assert row.last_used_at == first is not None
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    keys.find(text)
    row.refresh_from_db()
    assert row.last_used_at > first
