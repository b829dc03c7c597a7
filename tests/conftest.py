"""Fixtures that every test may use."""

pytest_plugins = ["tests.model_server.fixtures"]
