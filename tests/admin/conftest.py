"""An admin at work in a browser without scripts."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from assistant.models import User
from knowledge.models import Collection


@pytest.fixture
def admin_user(db: None) -> User:
    return User.objects.create_user("robin", password="correct horse", role=User.Role.ADMIN, display_name="Robin")


@pytest.fixture
def office(admin_user: User, settings: Settings, tmp_path: Any) -> Client:
    """A client with an admin logged in, and a folder for uploads."""
    settings.MEDIA_ROOT = tmp_path
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def shop(db: None) -> Collection:
    return Collection.objects.get_or_create(slug="default", defaults={"name": "Shop"})[0]
