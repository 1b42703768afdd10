"""What each message of a request shows now: rows loaded together, handed to the blocks."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from core.database import Transaction
from core.errors import NotFound
from integrations.ports import Drawing, Person
from playbooks.access.blocks import Home, Sheet, alert, card, home, mine, reminder
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.load import approvals_of
from playbooks.access.lifecycle import ACTIVE, GRANTING, PENDING, REVOKING
from playbooks.access.models import AccessGrant, AccessRequest

Drawer = Callable[[str], Awaitable[Drawing | None]]


def drawers(desk: Desk) -> Mapping[str, Drawer]:
    """Lane kind to what draws it."""

    def of_request(drawing: Callable[[Sheet], Drawing | None]) -> Drawer:
        async def draw(key: str) -> Drawing | None:
            return drawing(await load_sheet(desk, UUID(key)))

        return draw

    async def draw_home(slack_user: str) -> Drawing | None:
        try:
            person = await desk.directory.by_slack(desk.team, slack_user)
        except NotFound:
            return None
        return Drawing("Production access", home(await load_home(desk, person)))

    return {
        "access.card": of_request(card),
        "access.mine": of_request(mine),
        "access.reminder": of_request(reminder),
        "access.alert": of_request(alert),
        "home": draw_home,
    }


def followers(desk: Desk) -> Callable[[str], Awaitable[list[str]]]:
    """Whose Home tabs show a request: what else is drawn when its messages are."""

    async def homes(key: str) -> list[str]:
        async with desk.database.transaction() as tx:
            request = await tx.session.get(AccessRequest, UUID(key))
        if request is None:
            return []
        return [f"home:{user}" for user in [request.requester_slack, *request.asked_slack] if user]

    return homes


async def load_sheet(desk: Desk, request_id: UUID) -> Sheet:
    """Everything that a card about this request shows. Raises NotFound."""
    async with desk.database.transaction() as tx:
        request = await tx.session.get(AccessRequest, request_id)
        if request is None:
            raise NotFound("There is no such request.")
        return await _sheet(desk, tx, request)


async def load_home(desk: Desk, person: Person) -> Home:
    """What waits for this person, what they hold and what they asked for lately."""
    request, grant = AccessRequest, AccessGrant
    waiting = (
        select(request)
        .where(request.status == PENDING, col(request.asked).contains([person.subject]))
        .order_by(col(request.created_at))
    )
    own = select(request).where(request.requester == person.subject).order_by(col(request.created_at).desc()).limit(20)
    holding = (
        select(request)
        .join(grant, col(grant.request_id) == col(request.id))
        .where(grant.subject == person.subject, col(grant.status).in_([GRANTING, ACTIVE, REVOKING]))
        .order_by(col(grant.due_at))
    )
    async with desk.database.transaction() as tx:
        shown = [
            tuple([await _sheet(desk, tx, each) for each in (await tx.session.execute(query.limit(20))).scalars()])
            for query in (waiting, holding, own)
        ]
    held = {sheet.request.id for sheet in shown[1]}
    recent = tuple(sheet for sheet in shown[2] if sheet.request.id not in held)
    return Home(person.name, shown[0], shown[1], recent)


async def _sheet(desk: Desk, tx: Transaction, request: AccessRequest) -> Sheet:
    grant = select(AccessGrant).where(AccessGrant.request_id == request.id)
    path = desk.policies.paths.get(request.path or "")
    return Sheet(
        request=request,
        grant=(await tx.session.execute(grant)).scalar_one_or_none(),
        approvals=tuple(await approvals_of(tx, request.id)),
        entitlement=desk.catalogue.entitlements.get(request.entitlement),
        path_title=path.title if path else (request.path or "none"),
        approvers=await _slack_ids(desk, request),
        past_grants=await _past_grants(tx, request),
        page_after=desk.timing.page_after,
    )


async def _slack_ids(desk: Desk, request: AccessRequest) -> tuple[str, ...]:
    """Mentions for those who were asked. Whoever has left since is not mentioned."""
    if request.status != PENDING:
        return ()
    found = []
    for subject in request.asked:
        try:
            found.append((await desk.directory.person(subject)).slack_user)
        except NotFound:
            continue
    return tuple(found)


async def _past_grants(tx: Transaction, request: AccessRequest) -> int:
    earlier = (
        select(func.count())
        .select_from(AccessGrant)
        .where(
            AccessGrant.subject == request.requester,
            AccessGrant.target == request.target,
            col(AccessGrant.active_at).is_not(None),
            AccessGrant.request_id != request.id,
            AccessGrant.began_at <= request.created_at,
        )
    )
    return int((await tx.session.execute(earlier)).scalar_one())
