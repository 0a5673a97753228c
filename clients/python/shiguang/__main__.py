import sys

from shiguang.command_line import main

sys.exit(main())
