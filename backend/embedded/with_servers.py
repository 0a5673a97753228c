"""Runs one command with temporary servers and the settings that lead to them.

python -m backend.embedded.with_servers COMMAND ...
"""

import os
import subprocess
import sys

from backend.embedded.errors import StartError
from backend.embedded.temporary import temporary_servers


def main() -> int:
    try:
        with temporary_servers(os.environ, say=lambda _text: None) as settings:
            environment = {**os.environ, **settings}
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
    except StartError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
