"""A company with two collections, and callers of its API."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from assistant import keys
from knowledge.models import Collection


@dataclass
class Caller:
    """Somebody with an API key."""

    text: str

    def call(self, method: str, path: str, body: Any = None, raw: bytes | None = None, **query: str) -> HttpResponse:
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return Client().generic(
            method,
            f"/api/v1/{path}",
            data,
            content_type="application/json",
            query_params=query,
            headers={"Authorization": f"Bearer {self.text}"},
        )


@pytest.fixture
def collections(db: None) -> tuple[Collection, Collection]:
    shop, _ = Collection.objects.get_or_create(slug="default", defaults={"name": "Shop"})
    lab = Collection.objects.create(slug="lab", name="Lab")
    return shop, lab


@pytest.fixture
def caller(collections: tuple[Collection, Collection]) -> Caller:
    return Caller(keys.issue("Everything")[1])


@pytest.fixture
def lab_caller(collections: tuple[Collection, Collection]) -> Caller:
    return Caller(keys.issue("Lab only", collections[1])[1])
