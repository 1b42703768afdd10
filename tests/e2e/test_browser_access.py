"""The access story in a real browser: Ana asks, Ben approves, the card turns, Ana is done. On a phone as well."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize, async_playwright, expect

from sandbox.house import Options, Sandbox
from tests.e2e.chromium import chromium
from tests.e2e.stories import READ, STAGING_DB, Story

OPTIONS = Options(fresh=True, durable=False)
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
WIDE, PHONE = ViewportSize(width=1180, height=760), ViewportSize(width=390, height=780)
ANA, BEN, CHANNEL = "U0ANARUIZ", "U0BENOKAF", "C0PRODACC"
PICTURES = Path(__file__).parents[2] / "docs" / "images"
PATIENCE = 30_000
PURPOSE = "Working on an incident"
REASON = "INC-4711: the EHR lags behind, I look for the stuck replica"

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh profile, which fails the test if a page's script or its security policy complains."""
    made = await browser.new_context(viewport=WIDE, reduced_motion="reduce")
    made.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    made.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    yield made
    await made.close()
    assert complaints == []


@pytest.fixture
def story(house: Sandbox) -> Story:
    return Story(house)


async def visit(context: BrowserContext, url: str) -> Page:
    page = await context.new_page()
    await page.goto(url)
    await expect(page.locator("body[data-live=yes]")).to_be_attached()
    return page


async def picture(subject: Page | Locator, name: str) -> None:
    """A screenshot for the documentation, taken where CHAPERONE_SCREENSHOTS is set."""
    if os.environ.get("CHAPERONE_SCREENSHOTS"):
        PICTURES.mkdir(exist_ok=True)
        page = subject if isinstance(subject, Page) else subject.page
        await page.mouse.move(0, 0)
        await expect(page.locator("body[data-live=yes]")).to_be_attached()
        await subject.screenshot(path=PICTURES / f"{name}.png")


async def test_a_request_is_asked_for_approved_seen_granted_and_given_back(
    context: BrowserContext, house: Sandbox, story: Story
) -> None:
    channel = f"{house.page_url}/as/{{}}/c/{CHANNEL}"
    await house.slack.act("ana", "say", channel=CHANNEL, text="The health record is slow. I am on it: INC-4711")
    ana = await visit(context, channel.format(ANA))
    await ask(ana)
    ben = await visit(context, channel.format(BEN))
    card = ben.locator(f"article[data-lane^='access.card']:has-text('{READ}')").last
    await expect(card).to_contain_text("Waiting for approval")
    await expect(card).to_contain_text("PHI")
    await picture(card, "card-waiting")
    await approve(ben, card)
    for page in (ana, ben):
        seen = page.locator(f"article[data-lane^='access.card']:has-text('{READ}')").last
        await expect(seen).to_contain_text("Granted (approved by Ben Okafor)", timeout=PATIENCE)
        await expect(seen.get_by_role("button", name="Approve")).to_have_count(0)
    await picture(card, "card")
    await picture(ben, "channel")
    assert await story.database("ana_ruiz").refusal() == ""
    await give_back(ana, house)
    await expect(card).to_contain_text("read back as gone", timeout=PATIENCE)
    assert await story.database("ana_ruiz").refusal()


async def ask(page: Page) -> None:
    """With /access, in the modal: too much said at first, and the error stands at its field."""
    await page.get_by_label("Message #prod-access").fill("/access")
    await page.keyboard.press("Enter")
    modal = page.get_by_role("dialog", name="Request access")
    await modal.get_by_role("combobox", name="What do you need?").click()
    await page.get_by_role("option", name="EHR database: Read", exact=True).click()
    least = modal.get_by_label("Minimum necessary")
    await expect(least).to_be_visible()
    await least.fill("Only ehr.replica: names and lag, no charts")
    await modal.get_by_role("combobox", name="Purpose of use").click()
    await page.get_by_role("option", name=PURPOSE).click()
    reason = modal.get_by_label("Reason")
    await reason.fill(REASON)
    await picture(modal, "modal")
    await reason.fill("The chart of patient 078-05-1120 does not open")
    await modal.get_by_role("button", name="Request", exact=True).click()
    await expect(reason).to_have_attribute("aria-invalid", "true")
    await expect(modal.locator("[data-error]")).to_contain_text("social security number")
    await expect(least).to_have_value("Only ehr.replica: names and lag, no charts")
    await picture(modal, "modal-error")
    await reason.fill(REASON)
    await modal.get_by_role("button", name="Request", exact=True).click()
    await expect(modal).to_be_hidden()


async def approve(page: Page, card: Locator) -> None:
    """A confirm dialog stands between."""
    await card.get_by_role("button", name="Approve").click()
    dialog = page.get_by_role("alertdialog", name="Approve this access?")
    await expect(dialog).to_contain_text("Ana Ruiz gets EHR database: Read")
    await dialog.get_by_role("button", name="Approve").click()
    await expect(dialog).to_be_hidden()


async def give_back(page: Page, house: Sandbox) -> None:
    """In the app's Home."""
    await page.goto(f"{house.page_url}/as/{ANA}/home")
    done = page.get_by_role("button", name="End ehr-db/read now")
    await expect(done).to_be_visible()
    await picture(page, "home")
    await done.click()
    await page.get_by_role("alertdialog", name="End this access now?").get_by_role("button", name="I'm done").click()
    await expect(page.get_by_text("You hold no temporary access.")).to_be_visible(timeout=PATIENCE)


async def test_home_shows_an_approver_what_waits_and_it_is_denied_with_a_reason(
    context: BrowserContext, house: Sandbox, story: Story
) -> None:
    request = await story.ask("hal", "aws-staging/power-user", minutes=4320)
    page = await visit(context, f"{house.page_url}/as/U0MARCUSL/home")
    waiting = page.get_by_role("main")
    await expect(waiting).to_contain_text("asks for AWS staging: PowerUser", timeout=PATIENCE)
    await page.get_by_role("button", name="Deny Hal Svensson").click()
    modal = page.get_by_role("dialog", name="Deny access")
    await modal.get_by_label("Reason").fill("Eight hours are enough for this. Ask for them, they need nobody.")
    await modal.get_by_role("button", name="Deny", exact=True).click()
    await expect(modal).to_be_hidden()
    await expect(waiting).to_contain_text("Nothing waits for your decision.", timeout=PATIENCE)
    await story.card_says(request, "Denied")


async def test_on_a_phone_the_same_story_fits(browser: Browser, house: Sandbox, story: Story) -> None:
    context = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    context.set_default_timeout(PATIENCE)
    page = await visit(context, f"{house.page_url}/as/U0LENAFIS/c/{CHANNEL}")
    request = await story.ask("lena", STAGING_DB)
    card = page.locator(f"article[data-lane='access.card:{request}']")
    await expect(card).to_contain_text("Granted (approved by", timeout=PATIENCE)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await picture(page, "phone")
    await page.goto(f"{house.page_url}/as/U0LENAFIS/home")
    await page.get_by_role("button", name="Request access").click()
    modal = page.get_by_role("dialog", name="Request access")
    await expect(modal).to_be_visible()
    assert await modal.evaluate("one => one.getBoundingClientRect().width") <= PHONE["width"]
    await modal.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="End scheduling-db-staging/read now").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="I'm done").click()
    await story.comes_to(request, "revoked")
    await context.close()
