"""Where on the page a person is: a conversation with perhaps a thread, or the app's Home."""

from dataclasses import dataclass

from starlette.requests import Request

from sandbox.slack.workspace import Channel, User, Workspace


@dataclass(frozen=True)
class Place:
    """``channel`` is None on the app's Home. ``thread`` is the ts of the open thread's first message."""

    user: User
    channel: Channel | None = None
    thread: str | None = None

    def with_bot(self, workspace: Workspace) -> bool:
        """Whether this is the app's own place: its Home, or the direct message with it."""
        return self.channel is None or (self.channel.is_im and workspace.app.bot_user in self.channel.members)


class Nowhere(Exception):  # noqa: N818  the page says "nothing here", and so does this
    """No such person, or no conversation that this person may see. ``status`` is the HTTP status that says so."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def actor(request: Request, workspace: Workspace) -> User:
    """The person as whom the page is used. Raises Nowhere for strangers, bots and the deactivated."""
    user = workspace.users.get(request.path_params["user"])
    if user is None or user.is_bot:
        raise Nowhere("There is no such person in this clinic.", 404)
    if user.deleted:
        raise Nowhere(f"The account of {user.shown_name} is deactivated. Slack would not let them sign in.", 403)
    return user


def place(user: User, channel_id: str | None, thread: str | None, workspace: Workspace) -> Place:
    """Raises Nowhere for a conversation that the person may not see."""
    if not channel_id:
        return Place(user)
    channel = workspace.channels.get(channel_id)
    if channel is None or not workspace.may_see(user.id, channel):
        raise Nowhere("There is no such conversation, or it is private and you are not in it.", 404)
    return Place(user, channel, thread or None)
