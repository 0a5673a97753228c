#!/usr/bin/env python3
"""`up` runs the whole album on this machine; everything else is a Django command of it."""

import os
import sys
from pathlib import Path

from backend.embedded.env_file import fill_environment
from backend.embedded.errors import StartError


def main() -> int:
    arguments = sys.argv[1:]
    starts = arguments[:1] == ["up"]
    try:
        # Commands other than `up` talk to the servers that a running `up` has started.
        fill_environment(os.environ, folder=Path(__file__).resolve().parent, instance=not starts)
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    if starts:
        from backend.embedded.launcher import up

        return up(os.environ)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
