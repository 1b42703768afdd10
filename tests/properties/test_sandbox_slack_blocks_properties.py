"""Whatever an app sends as blocks or a view, the simulated Slack answers and never breaks."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack.blocks import check_message_blocks, check_options_answer, check_view

KINDS = st.sampled_from(
    ["section", "actions", "input", "context", "rich_text", "static_select", "button", "plain_text", "mrkdwn", "modal"]
)
NAMES = st.sampled_from(
    ["type", "text", "blocks", "elements", "element", "accessory", "options", "option_groups", "initial_option"]
) | st.text(max_size=5)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | KINDS
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=20
)
OPTION = {"text": {"type": "plain_text", "text": "A"}, "value": "a"}
VALID: list[Any] = [
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "x"},
        "accessory": {"type": "static_select", "options": [OPTION]},
    },
    {"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": OPTION["text"]}]},
    {"type": "input", "label": OPTION["text"], "element": {"type": "plain_text_input", "min_length": 1}},
]


@given(ANYTHING)
def test_any_json_gets_an_answer(anything: Any) -> None:
    for faults in (
        check_message_blocks(anything),
        check_view(anything, "modal"),
        check_view(anything, "home"),
        check_options_answer(anything),
    ):
        assert all(str(fault) for fault in faults)


@given(st.data())
def test_right_blocks_with_one_part_exchanged_get_an_answer(data: st.DataObject) -> None:
    blocks = copy.deepcopy(VALID)
    assert check_message_blocks(blocks) == []
    place: Any = data.draw(st.sampled_from(blocks))
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(ANYTHING)
    assert json.dumps([str(fault) for fault in check_message_blocks(blocks)])
