"""Block Kit as strictly as Slack takes it: limits, placement, uniqueness.

Left out, and answered with "unsupported type": table, file, card, carousel, alert, plan and task blocks, workflow
buttons. Source: https://docs.slack.dev/reference/block-kit
"""

from sandbox.slack.blocks.rules import Fault
from sandbox.slack.blocks.surfaces import (
    check_message_blocks,
    check_options_answer,
    check_view,
    elements_of,
    prepare,
    too_large,
)

__all__ = ["Fault", "check_message_blocks", "check_options_answer", "check_view", "elements_of", "prepare", "too_large"]
