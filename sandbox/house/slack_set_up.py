"""What people do in Slack once the app is installed: they invite it to the channels that it posts in."""

from pathlib import Path

import yaml

from sandbox.house.faults import SandboxFault
from sandbox.house.slack_control import SlackControl

_POSTS_IN = ("channel", "alerts_channel")


async def invite_the_bot(slack: SlackControl, clinic: Path) -> None:
    """Let a member of each of the bot's channels invite it. Raises SandboxFault for a channel without members."""
    chosen = yaml.safe_load((clinic / "chaperone.yaml").read_text(encoding="utf-8"))["slack"]
    bot = next(user["id"] for user in (await slack.state())["users"] if user["is_bot"])
    for name in dict.fromkeys(chosen[each] for each in _POSTS_IN):
        channel = await slack.channel(name)
        if bot in channel["members"]:
            continue
        if not channel["members"]:
            raise SandboxFault(f"Nobody is in {name} who could invite the bot. Add a member in people.yaml.")
        await slack.act(channel["members"][0], "invite", channel=name, whom=bot)
