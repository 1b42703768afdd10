"""conversations.*, users.* and usergroups.* of the simulated Slack, through slack_sdk's own client."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.testing import RunningSlack, running_slack
from sandbox.slack.workspace import DEFAULT_SCOPES, Installation, UserGroup
from tests.contracts.slack_refusals import code, refusal


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    async with running_slack() as running:
        yield running


@pytest.fixture
def client(slack: RunningSlack) -> AsyncWebClient:
    return AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)


async def test_the_bot_learns_who_it_is_and_what_it_may(slack: RunningSlack, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0SANDBOX", "U0CHAPERONE", "B0CHAPERONE")
    assert set(answer.headers["x-oauth-scopes"].split(",")) == DEFAULT_SCOPES


async def test_tokens_are_checked_before_anything_else(slack: RunningSlack) -> None:
    def with_token(token: str) -> AsyncWebClient:
        return AsyncWebClient(token, base_url=slack.api_url)

    assert await code(with_token("").auth_test()) == "not_authed"
    assert await code(with_token("xoxb-stolen").auth_test()) == "invalid_auth"
    assert await code(with_token("xapp-sandbox").users_list()) == "not_allowed_token_type"
    assert await code(with_token("xoxb-sandbox").apps_connections_open(app_token="xoxb-sandbox")) == (
        "not_allowed_token_type"
    )
    assert (await with_token("xapp-sandbox").auth_test())["ok"]


async def test_a_method_that_is_not_simulated_is_unknown(client: AsyncWebClient) -> None:
    assert await code(client.api_call("chat.scheduleMessage", json={"channel": "C01OPS"})) == "unknown_method"


async def test_each_method_asks_for_its_scope() -> None:
    app = Installation(scopes=frozenset({"users:read", "channels:read", "groups:write"}))
    async with running_slack(app=app) as slack:
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
        answer = await refusal(client.chat_postMessage(channel="C01OPS", text="x"))
        assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
        assert answer["provided"] == "channels:read,groups:write,users:read"
        assert (await refusal(client.conversations_info(channel="C01PRIV")))["needed"] == "groups:read"
        assert (await refusal(client.conversations_create(name="open-one")))["needed"] == "channels:manage"
        assert (await refusal(client.conversations_list(types="public_channel,im")))["needed"] == "im:read"
        assert (await client.conversations_create(name="closed-one", is_private=True))["channel"]["is_private"]
        assert "email" not in (await client.users_info(user="U01ANA"))["user"]["profile"]


async def test_people_are_found_by_id_and_by_address(client: AsyncWebClient) -> None:
    user = (await client.users_lookupByEmail(email="ANA@Clinic.example"))["user"]
    assert user == (await client.users_info(user="U01ANA"))["user"]
    assert (user["real_name"], user["profile"]["email"], user["deleted"]) == ("Ana Souza", "ana@clinic.example", False)
    assert await code(client.users_info(user="U0NOBODY")) == "user_not_found"
    assert await code(client.users_lookupByEmail(email="eve@clinic.example")) == "users_not_found"
    everybody = {one["id"]: one for one in (await client.users_list())["members"]}
    assert everybody["U01EVE"]["deleted"]
    assert everybody["U01GUS"]["is_restricted"]
    assert everybody["U0CHAPERONE"]["is_bot"]


async def test_long_lists_come_in_pages(client: AsyncWebClient) -> None:
    first = await client.users_list(limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    seen = [one["id"] for one in first["members"]]
    while cursor:
        page = await client.users_list(limit=2, cursor=cursor)
        seen += [one["id"] for one in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
    assert sorted(seen) == ["U01ANA", "U01BEN", "U01EVE", "U01GUS", "U0CHAPERONE"]
    assert await code(client.users_list(limit=2, cursor="bogus")) == "invalid_cursor"
    assert await code(client.users_list(limit=-1)) == "invalid_limit"
    assert await code(client.users_list(limit="many")) == "invalid_arguments"  # type: ignore[arg-type]


async def test_the_bot_sees_public_channels_and_the_private_ones_that_it_is_in(client: AsyncWebClient) -> None:
    listed = (await client.conversations_list(types="public_channel,private_channel"))["channels"]
    assert {one["name"] for one in listed} == {"general", "ops", "open", "private"}
    assert {one["name"] for one in listed if one["is_member"]} == {"ops", "private"}
    assert await code(client.conversations_info(channel="C01SECR")) == "channel_not_found"
    assert await code(client.conversations_list(types="rooms")) == "invalid_types"
    mine = (await client.users_conversations(types="public_channel,private_channel"))["channels"]
    assert {one["name"] for one in mine} == {"ops", "private"}
    assert (await client.conversations_members(channel="C01OPS"))["members"] == ["U01ANA", "U01BEN", "U0CHAPERONE"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("--", "invalid_name_punctuation"),
        ("Big Room", "invalid_name_specials"),
        ("Capital", "invalid_name_specials"),
        ("ops", "name_taken"),
    ],
)
async def test_a_channel_name_follows_slacks_rules(client: AsyncWebClient, name: str, error: str) -> None:
    assert await code(client.conversations_create(name=name)) == error


async def test_an_incident_channel_is_made_filled_described_and_closed(
    slack: RunningSlack, client: AsyncWebClient
) -> None:
    made = (await client.conversations_create(name="inc-1", is_private=True))["channel"]["id"]
    invited = await client.conversations_invite(channel=made, users=["U01ANA", "U01BEN"])
    assert invited["channel"]["num_members"] == 3
    await client.conversations_setTopic(channel=made, topic="Contain first")
    await client.conversations_setPurpose(channel=made, purpose="A breach")
    info = (await client.conversations_info(channel=made))["channel"]
    assert (info["topic"]["value"], info["purpose"]["value"]) == ("Contain first", "A breach")
    await client.conversations_kick(channel=made, user="U01BEN")
    await client.conversations_archive(channel=made)
    room = slack.workspace.channels[made]
    assert room.members == {"U01ANA", "U0CHAPERONE"}
    assert [message.subtype for message in room.messages] == [
        "group_join",
        "group_join",
        "group_topic",
        "group_purpose",
        "group_leave",
        "group_archive",
    ]
    assert await code(client.conversations_archive(channel=made)) == "already_archived"
    assert await code(client.conversations_invite(channel=made, users="U01BEN")) == "is_archived"
    assert made not in {
        one["id"]
        for one in (await client.conversations_list(types="private_channel", exclude_archived=True))["channels"]
    }
    await client.conversations_unarchive(channel=made)
    assert await code(client.conversations_unarchive(channel=made)) == "not_archived"


@pytest.mark.parametrize(
    ("channel", "users", "error"),
    [
        ("C01OPS", "U0CHAPERONE", "cant_invite_self"),
        ("C01OPS", "U01ANA", "already_in_channel"),
        ("C01OPS", "U0NOBODY", "user_not_found"),
        ("C01OPS", "U01EVE", "cant_invite"),
        ("C01OPEN", "U01BEN", "not_in_channel"),
        ("C01SECR", "U01ANA", "channel_not_found"),
        ("C0NONE", "U01ANA", "channel_not_found"),
        ("C01OPS", "", "invalid_arguments"),
        ("", "U01ANA", "invalid_arguments"),
    ],
)
async def test_an_invitation_is_refused_with_its_reason(
    client: AsyncWebClient, channel: str, users: str, error: str
) -> None:
    assert await code(client.conversations_invite(channel=channel, users=users)) == error


async def test_one_who_cannot_be_invited_keeps_the_others_out_unless_forced(
    slack: RunningSlack, client: AsyncWebClient
) -> None:
    answer = await refusal(client.conversations_invite(channel="C01PRIV", users="U01BEN,U01EVE"))
    assert answer["errors"] == [{"user": "U01EVE", "ok": False, "error": "cant_invite"}]
    assert "U01BEN" not in slack.workspace.channels["C01PRIV"].members
    await client.conversations_invite(channel="C01PRIV", users="U01BEN,U01EVE", force=True)
    assert slack.workspace.channels["C01PRIV"].members == {"U01ANA", "U01BEN", "U0CHAPERONE"}


async def test_other_refusals_of_channel_calls(slack: RunningSlack, client: AsyncWebClient) -> None:
    dm = (await client.conversations_open(users="U01ANA", return_im=True))["channel"]
    assert dm["user"] == "U01ANA"
    assert (await client.conversations_open(channel=dm["id"]))["channel"]["id"] == dm["id"]
    assert await code(client.conversations_open(users="U01EVE")) == "user_disabled"
    assert await code(client.conversations_open(users="U01ANA,U01BEN")) == "method_not_supported_for_channel_type"
    assert await code(client.conversations_join(channel="C01OPEN")) == "missing_scope"
    to_dm = client.conversations_invite(channel=dm["id"], users="U01BEN")
    assert await code(to_dm) == "method_not_supported_for_channel_type"
    assert await code(client.conversations_kick(channel="C01OPS", user="U0CHAPERONE")) == "cant_kick_self"
    assert await code(client.conversations_kick(channel="C01OPS", user="U01GUS")) == "not_in_channel"
    assert await code(client.conversations_setTopic(channel="C01OPS", topic="x" * 251)) == "too_long"
    assert await code(client.conversations_setPurpose(channel="C01OPS", purpose="x" * 251)) == "too_long"
    assert await code(client.conversations_archive(channel="CGENERAL")) == "channel_not_found"
    assert await code(client.conversations_archive(channel="#general")) == "cant_archive_general"
    slack.workspace.join(slack.workspace.channels["C0GENERAL"], "U0CHAPERONE")
    assert await code(client.conversations_kick(channel="C0GENERAL", user="U01ANA")) == "cant_kick_from_general"
    await client.conversations_archive(channel="C01OPS")
    slack.workspace.leave(slack.workspace.channels["C01OPS"], "U0CHAPERONE")
    assert await code(client.conversations_unarchive(channel="C01OPS")) == "not_in_channel"


async def test_with_the_scope_the_bot_joins_public_channels_by_itself() -> None:
    app = Installation(scopes=DEFAULT_SCOPES | {"channels:join"})
    async with running_slack(app=app) as slack:
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
        assert (await client.conversations_join(channel="C01OPEN"))["channel"]["is_member"]
        assert (await client.conversations_join(channel="C01OPEN"))["warning"] == "already_in_channel"
        assert await code(client.conversations_join(channel="C01PRIV")) == "method_not_supported_for_channel_type"
        slack.workspace.channels["C01OPS"].is_archived = True
        assert await code(client.conversations_join(channel="C01OPS")) == "is_archived"


async def test_user_groups_are_read_with_the_read_scope_and_written_with_the_write_scope() -> None:
    app = Installation(scopes=DEFAULT_SCOPES | {"usergroups:write"})
    async with running_slack(app=app) as slack:
        slack.workspace.usergroups["S01X"] = UserGroup("S01X", "oncall", "On call")
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
        made = (await client.usergroups_create(name="Privacy Office"))["usergroup"]
        assert made["handle"] == "privacy-office"
        assert await code(client.usergroups_create(name="Privacy Office")) == "handle_already_exists"
        await client.usergroups_users_update(usergroup=made["id"], users=["U01ANA", "U01BEN"])
        assert (await client.usergroups_users_list(usergroup=made["id"]))["users"] == ["U01ANA", "U01BEN"]
        groups = (await client.usergroups_list(include_users=True))["usergroups"]
        assert {group["handle"]: group["users"] for group in groups} == {
            "engineering": ["U01ANA"],
            "managers": ["U01BEN"],
            "oncall": [],
            "privacy-office": ["U01ANA", "U01BEN"],
        }
        assert await code(client.usergroups_users_list(usergroup="S0NONE")) == "no_such_subteam"
