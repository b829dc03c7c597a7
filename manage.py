#!/usr/bin/env python3
"""Answerdesk's command line: Django's, with the embedded services of DATA_DIR behind it."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    from assistant.project.embedded import Problem, services_for_command

    try:
        with services_for_command(sys.argv):
            from assistant.project.preparation import prepare_for_command

            prepare_for_command(sys.argv)
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except Problem as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
