"""`python clients/python ...`: the same as `shiguang ...`, without installing anything."""

import sys

from shiguang.command_line import main

sys.exit(main())
