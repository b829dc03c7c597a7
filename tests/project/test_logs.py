"""What the log says of an exception that a library tells of."""

import json
import logging.config

import pytest

from assistant.project.logs import configure_logging

SECRET = "correct horse"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_librarys_exception_is_told_with_its_place_and_without_what_variables_held(log_format: str) -> None:
    handler = logging.config.DictConfigurator(  # type: ignore[attr-defined]
        configure_logging(log_format, "INFO")
    ).config["formatters"]["line"]
    formatter = handler.pop("()")(**handler)
    password = SECRET
    try:
        raise ValueError(len(password))
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
    line = formatter.format(logging.LogRecord("django.request", logging.ERROR, "", 1, "Failed", (), told))
    assert SECRET not in line.replace("SECRET", "")
    text = json.loads(line)["exception"] if log_format == "json" else line
    assert "ValueError: 13" in text
    assert "in test_a_librarys_exception" in text
