"""``python -m sandbox.slack``."""

from sandbox.slack.server import main

main()
