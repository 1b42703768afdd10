"""The sandbox's Slack in a real browser: acting as Ann and Ben, by mouse and by keyboard, wide and narrow."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import orjson
import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.clock import ManualClock
from sandbox.slack.page import routes
from sandbox.slack.settings import Settings
from sandbox.slack.testing import running_slack, serving
from tests.e2e.chromium import chromium
from tests.unit.sandbox_page.stage import ANN, BEN, CAM, CARD, FORM, NOON, OPS, Stage, plain, section

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=780)

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh browser profile, which fails the test if a page's script or its security policy complains."""
    made = await browser.new_context(viewport=WIDE)
    made.set_default_timeout(10_000)
    complaints: list[str] = []
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    made.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    yield made
    await made.close()
    assert complaints == []


@pytest.fixture
async def stage() -> Stage:
    return Stage(clock=ManualClock(NOON))


@pytest.fixture
async def address(stage: Stage) -> AsyncIterator[str]:
    async with serving(Starlette(routes=routes(stage.workspace, stage))) as found:
        yield found
        stage.workspace.close_subscriptions()


async def visit(context: BrowserContext, url: str) -> Page:
    page = await context.new_page()
    await page.goto(url)
    await expect(page.locator("body[data-live=yes]")).to_be_attached()
    return page


async def ops(context: BrowserContext, address: str, user: str = ANN) -> Page:
    return await visit(context, f"{address}/as/{user}/c/{OPS}")


async def test_one_becomes_a_person_and_finds_the_apps_home(context: BrowserContext, address: str) -> None:
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_role("link", name="Ann Lee").click()
    await expect(page.get_by_role("heading", name="Hello Ann Lee")).to_be_visible()
    await page.locator(".switch-person summary").click()
    await page.get_by_role("link", name=re.compile("Ben Okafor")).first.click()
    await expect(page.get_by_role("heading", name="Hello Ben Okafor")).to_be_visible()


async def test_a_press_shows_pending_then_the_card_turns_for_everybody(
    context: BrowserContext, address: str, stage: Stage
) -> None:
    stage.card()
    ann, ben = await ops(context, address), await ops(context, address, BEN)
    stage.gate.clear()
    approve = ben.locator("[data-lane='acc:r1'] [data-action-id=approve]")
    await approve.click()
    await expect(approve).to_have_attribute("aria-busy", "true")
    await approve.click()
    stage.gate.set()
    for page in (ann, ben):
        card = page.locator("[data-lane='acc:r1']")
        await expect(card).to_contain_text("✅ Granted until 6:00 PM.")
        await expect(card).to_contain_text("(edited)")
    assert [name for name, _ in stage.deeds] == ["approve"]


async def test_a_confirm_dialog_stands_between(context: BrowserContext, address: str, stage: Stage) -> None:
    stage.card()
    page = await ops(context, address)
    dialog = page.get_by_role("alertdialog", name="Deny this request?")
    for answer, deeds in (("Not yet", []), ("Deny", ["deny"])):
        await page.locator("[data-action-id=deny]").click()
        await expect(dialog).to_be_visible()
        await dialog.get_by_role("button", name=answer).click()
        await expect(dialog).to_be_hidden()
        await expect(page.locator("[data-action-id=deny][aria-busy]")).to_have_count(0)
        assert [name for name, _ in stage.deeds] == deeds


async def test_what_the_app_failed_at_is_said(context: BrowserContext, address: str, stage: Stage) -> None:
    stage.card()
    page = await ops(context, address)
    await page.locator("[data-action-id=silent]").click()
    await expect(page.get_by_role("alert").filter(has_text="Chaperone did not respond.")).to_be_visible()
    await page.get_by_label("Message #ops").fill("/breach now")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("/breach failed because the app did not respond.")).to_be_visible()
    await expect(page.get_by_label("Message #ops")).to_have_value("/breach now")


async def test_a_form_by_keyboard_with_its_error_at_the_field(
    context: BrowserContext, address: str, stage: Stage
) -> None:
    page = await ops(context, address)
    await page.get_by_label("Message #ops").fill("/acc")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Message #ops")).to_have_value("/access ")
    await page.keyboard.type("prod")
    await page.keyboard.press("Enter")
    modal = page.get_by_role("dialog", name="Request access")
    await expect(modal.get_by_role("combobox", name="What do you need?")).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    await expect(modal.get_by_role("combobox", name="What do you need?")).to_have_value("billing-logs")
    await page.keyboard.press("Tab")
    await page.keyboard.type("ben")
    await page.keyboard.press("Enter")
    await expect(modal.locator(".chip")).to_have_text("Ben Okafor×")  # noqa: RUF001  the sign people know
    await modal.get_by_role("button", name="Ask", exact=True).click()
    why = modal.get_by_label("Why?")
    await expect(why).to_have_attribute("aria-invalid", "true")
    await expect(why).to_be_focused()
    await expect(why).to_have_accessible_description(
        "Say why, in five characters or more. No patient data here, please."
    )
    await page.keyboard.type("OPS-7 is slow")
    await modal.get_by_label("One hour").check()
    await modal.get_by_label("I know that this is recorded").check()
    await modal.get_by_role("button", name="Ask", exact=True).click()
    await expect(modal).to_be_hidden()
    await expect(page.locator("[data-ephemeral]")).to_contain_text("Only visible to you")
    assert stage.deeds[1] == ("pick", "logs")
    assert stage.deeds[-2] == (
        "submit",
        {
            "target": "logs",
            "who": [BEN],
            "patient": None,
            "why": "OPS-7 is slow",
            "start": 1772474400,
            "length": "1",
            "terms": ["yes"],
        },
    )


async def test_an_external_select_asks_the_app(context: BrowserContext, address: str, stage: Stage) -> None:
    page = await ops(context, address)
    stage.open(ANN)
    ticket = page.get_by_role("combobox", name="Ticket")
    await ticket.click()
    await page.keyboard.type("slow")
    await page.get_by_role("option", name="OPS-8: slow").click()
    await expect(ticket).to_have_value("OPS-8: slow")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.locator("[data-error]")).to_be_visible()
    await expect(ticket).to_have_value("OPS-8: slow")


async def test_modals_open_stack_and_change_by_themselves_and_escape_goes_back(
    context: BrowserContext, address: str, stage: Stage
) -> None:
    page = await ops(context, address)
    await page.get_by_label("Message #ops").focus()
    below = stage.open(ANN, title="Below")
    await expect(page.get_by_role("dialog", name="Below")).to_be_visible()
    await page.get_by_label("Why?").fill("half a sen")
    below.blocks = [section("The app changed its mind."), *below.blocks]
    stage.workspace.changed("view", user=ANN)
    await expect(page.get_by_text("The app changed its mind.")).to_be_visible()
    await expect(page.get_by_label("Why?")).to_have_value("half a sen")
    await expect(page.get_by_label("Why?")).to_be_focused()
    stage.open(ANN, title="Above", blocks=[section("More")], submit=None)
    await expect(page.get_by_role("dialog", name="Above")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Below")).to_be_visible()
    await page.get_by_role("button", name="Close", exact=True).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_label("Message #ops")).to_be_focused()
    assert [deed for deed in stage.deeds if deed[0] == "close"] == [("close", False), ("close", True)]


async def test_news_keeps_typed_text_focus_and_scroll(context: BrowserContext, address: str, stage: Stage) -> None:
    for number in range(60):
        stage.post(f"line {number}", BEN)
    page = await ops(context, address)
    log = page.get_by_role("log")
    await expect(page.get_by_text("line 59")).to_be_in_viewport()
    await page.get_by_label("Message #ops").fill("half a sentence")
    stage.post("at the end", BEN)
    await expect(page.get_by_text("at the end")).to_be_in_viewport()
    await log.evaluate("log => (log.scrollTop = 0)")
    stage.post("further down", BEN)
    await expect(page.get_by_text("further down")).to_be_attached()
    assert await log.evaluate("log => log.scrollTop") == 0
    await expect(page.get_by_label("Message #ops")).to_have_value("half a sentence")
    await expect(page.get_by_label("Message #ops")).to_be_focused()


async def test_threads_mentions_and_unread_counts(context: BrowserContext, address: str, stage: Stage) -> None:
    parent = stage.post("Who looks at this?", BEN)
    page, ben = await ops(context, address), await visit(context, f"{address}/as/{BEN}/home")
    message = page.locator(f"[data-ts='{parent.ts}']").first
    await message.hover()
    await message.get_by_role("link", name="Reply in thread").click()
    await page.get_by_label("Reply…").fill("I do")
    await page.keyboard.press("Enter")
    await expect(page.locator("#part-thread .msg")).to_have_count(2)
    await expect(page.locator("#part-main .replies")).to_contain_text("1 reply")
    assert stage.deeds[-1] == ("say", "I do")
    await page.get_by_label("Message #ops").fill("@be")
    await page.keyboard.press("Enter")
    await page.keyboard.type("can you?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("can you?")).to_be_visible()
    await expect(ben.locator(f"#part-sidebar [data-channel={OPS}] [data-count]")).to_contain_text("1")
    await ben.locator(f"#part-sidebar [data-channel={OPS}]").click()
    await expect(ben.locator(".mention-me")).to_have_text("@Ben Okafor")
    await expect(ben.locator("[data-count]")).to_have_count(0)


async def test_shortcuts_from_a_message_and_from_the_composer(
    context: BrowserContext, address: str, stage: Stage
) -> None:
    message = stage.post("evidence", BEN)
    page = await ops(context, address)
    await page.locator(f"[data-ts='{message.ts}']").hover()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Take as evidence").click()
    await page.get_by_role("button", name="Shortcuts").click()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Shortcuts")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Request access").click()
    await expect(page.get_by_role("dialog", name="Request access")).to_be_visible()
    assert stage.deeds == [("message", ("evidence", message.ts)), ("global", "ask")]


async def test_an_overflow_menu_and_a_picker_in_a_message(context: BrowserContext, address: str, stage: Stage) -> None:
    stage.card()
    picker = {"type": "datepicker", "action_id": "day", "initial_date": "2026-03-02"}
    stage.post("pick", blocks=[{"type": "actions", "block_id": "p", "elements": [picker]}])
    page = await ops(context, address)
    await page.locator("[data-action-id=more] [data-menu]").click()
    await page.get_by_role("menuitem", name="Withdraw").click()
    await page.locator("[data-action-id=day]").fill("2026-03-09")
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert stage.deeds == [("more", "withdraw"), ("day", "2026-03-09")]


async def test_the_switcher_jumps_by_keyboard(context: BrowserContext, address: str, stage: Stage) -> None:
    page = await visit(context, f"{address}/as/{ANN}/home")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("#op")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="ops", level=1)).to_be_visible()
    await expect(page).to_have_url(f"{address}/as/{ANN}/c/{OPS}")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("cam")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{address}/as/{ANN}/c/{stage.workspace.dm(ANN, CAM).id}")
    await page.go_back()
    await expect(page.get_by_role("heading", name="ops", level=1)).to_be_visible()


async def test_the_first_tab_stop_skips_to_the_conversation(context: BrowserContext, address: str) -> None:
    page = await ops(context, address)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the conversation")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()


async def test_the_page_comes_back_after_the_server_was_away(
    context: BrowserContext, address: str, stage: Stage
) -> None:
    page = await ops(context, address)
    stage.workspace.close_subscriptions()
    stage.post("written meanwhile", BEN)
    await expect(page.get_by_text("written meanwhile")).to_be_visible()


async def test_a_hidden_page_lets_go_of_its_connection_and_catches_up(
    context: BrowserContext, address: str, stage: Stage
) -> None:
    page = await ops(context, address)
    turn = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
    turn += " document.dispatchEvent(new Event('visibilitychange')); }"
    await page.evaluate(turn, arg=True)
    await expect(page.locator("body[data-live=no]")).to_be_attached()
    stage.post("written meanwhile", BEN)
    await page.evaluate(turn, arg=False)
    await expect(page.get_by_text("written meanwhile")).to_be_visible()


async def test_hostile_text_runs_nothing(context: BrowserContext, address: str, stage: Stage) -> None:
    bad = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    stage.post(bad, BEN, blocks=[section(bad) | {"text": plain(bad)}])
    stage.post(bad, BEN)
    page = await ops(context, address)
    await expect(page.locator(".msg")).to_have_count(2)
    assert await page.locator("#log img, #log script").count() == 0
    assert await page.title() == "Ann Lee · Harbour Clinic"


async def test_on_a_phone_the_conversations_are_a_drawer_and_nothing_overflows(
    browser: Browser, address: str, stage: Stage, tmp_path: Path
) -> None:
    stage.card()
    context = await browser.new_context(viewport=NARROW, color_scheme="dark", reduced_motion="reduce")
    page = await ops(context, address)
    await expect(page.locator("#part-sidebar")).to_be_hidden()
    await page.get_by_role("button", name="Conversations").click()
    await page.locator("#part-sidebar").get_by_role("link", name="Chaperone").click()
    await expect(page.locator("#part-sidebar")).to_be_hidden()
    await expect(page.get_by_role("heading", name="Hello Ann Lee")).to_be_visible()
    for path in ("home", f"c/{OPS}"):
        await page.goto(f"{address}/as/{ANN}/{path}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    stage.open(ANN)
    await expect(page.get_by_role("dialog", name="Request access")).to_be_visible()
    assert await page.get_by_role("dialog").evaluate("one => one.getBoundingClientRect().width") == NARROW["width"]
    await context.close()


async def test_a_guest_and_a_day_later(context: BrowserContext, address: str, stage: Stage) -> None:
    stage.post("yesterday's news", BEN)
    assert isinstance(stage.clock, ManualClock)
    stage.clock.advance(timedelta(days=1))
    page = await ops(context, address, CAM)
    await expect(page.get_by_role("log").get_by_role("separator")).to_have_text("Yesterday")
    stage.workspace.deactivate(CAM)
    await expect(page.get_by_text("is deactivated")).to_be_visible()


class TinyBot:
    """An app over HTTP: /access opens the form, a submission without a reason is refused, else it posts."""

    def __init__(self) -> None:
        self.api = ""
        self.submitted: dict[str, Any] = {}

    async def __call__(self, request: Request) -> Response:
        body = (await request.body()).decode()
        if request.headers["content-type"].startswith("application/json"):
            return JSONResponse({"challenge": orjson.loads(body).get("challenge")})
        sent = dict(parse_qsl(body))
        payload = orjson.loads(sent.get("payload", "null"))
        if payload is None:
            view = {"type": "modal", "title": plain("Request access"), "submit": plain("Ask"), "blocks": FORM}
            await self.call("views.open", trigger_id=sent["trigger_id"], view=view)
        elif payload["type"] == "view_submission":
            return await self.answered(payload["view"]["state"]["values"])
        return Response()

    async def answered(self, values: dict[str, Any]) -> Response:
        if "database" not in values["why"]["text"]["value"]:
            return JSONResponse({"response_action": "errors", "errors": {"why": "Name the database."}})
        self.submitted = values
        await self.call("chat.postMessage", channel="C01OPS", text="Ana asks for access", blocks=CARD)
        return Response()

    async def call(self, method: str, **arguments: Any) -> None:
        async with httpx.AsyncClient(headers={"authorization": "Bearer xoxb-sandbox"}) as client:
            answer = (await client.post(self.api + method, json=arguments)).json()
        assert answer["ok"], answer


async def test_on_the_real_simulator_a_request_goes_all_the_way(context: BrowserContext) -> None:
    bot = TinyBot()
    route = Route("/slack/events", bot.__call__, methods=["POST"])
    async with serving(Starlette(routes=[route])) as at:
        settings = Settings(request_urls=(f"{at}/slack/events",), retry_scale=0.0)
        async with running_slack(page_routes=routes, settings=settings) as slack:
            bot.api = slack.api_url
            page = await visit(context, f"{slack.base_url}/as/U01ANA/c/C01OPS")
            await page.get_by_label("Message #ops").fill("/access")
            await page.keyboard.press("Enter")
            modal = page.get_by_role("dialog", name="Request access")
            await modal.get_by_role("combobox", name="What do you need?").click()
            await page.get_by_role("option", name="patient-db (read)").click()
            await modal.get_by_label("Why?").fill("it is slow")
            await modal.get_by_label("Four hours").check()
            await modal.get_by_role("button", name="Ask", exact=True).click()
            terms = modal.locator("[data-block-id=terms] [data-error]")
            await expect(terms).to_be_visible()
            await modal.get_by_label("I know that this is recorded").check()
            await modal.get_by_role("button", name="Ask", exact=True).click()
            await expect(modal.locator("[data-error]")).to_have_text("Name the database.")
            await modal.get_by_label("Why?").fill("the database is slow")
            await modal.get_by_role("button", name="Ask", exact=True).click()
            await expect(modal).to_be_hidden()
            await expect(page.get_by_role("log")).to_contain_text("Access request")
    assert bot.submitted["target"]["pick"]["selected_option"]["value"] == "db"
    assert bot.submitted["length"]["hours"]["selected_option"]["value"] == "4"
    assert bot.submitted["start"]["at"]["selected_date_time"] == 1772474400


async def test_on_the_real_simulator_a_silent_app_is_told_as_slack_would(context: BrowserContext) -> None:
    async with running_slack(page_routes=routes) as slack:
        page = await visit(context, f"{slack.base_url}/as/U01ANA/c/C01OPS")
        await page.get_by_label("Message #ops").fill("hello *all*")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log").locator(".msg")).to_contain_text("hello all")
        await page.get_by_label("Message #ops").fill("/access")
        await page.keyboard.press("Enter")
        await expect(page.locator("#toasts .toast")).to_contain_text("/access failed")
