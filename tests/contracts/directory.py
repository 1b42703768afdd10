"""What every Directory must do, as one test class: the fake, the YAML file and the identity store answer to it.

To run it, subclass ``DirectoryContract`` and give the subclass (or its module) a function-scoped fixture ``company``
that yields a fresh ``Company`` of these people, all in Slack team ``T0COMPANY``:

ada (U0ADA, also U0ADA2; groups dba and leads; manager grace; training until 2031-05-31 00:00 UTC; accounts aws
"ada", postgres "ada_db"), grace (U0GRACE; leads; no manager), gus (U0GUS, a guest; dba), dana (U0DANA, deactivated;
dba). There is a group "nobody" without members.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol

import pytest

from core.errors import NotFound, Transient
from integrations.ports import Directory

TEAM = "T0COMPANY"
TRAINED = datetime(2031, 5, 31, tzinfo=UTC)


class Company(Protocol):
    """The people above, in a directory that can be taken away."""

    directory: Directory
    forgets_the_deactivated: bool
    """Whether a deactivated person is no longer known at all."""

    def subject(self, name: str) -> str:
        """The subject of one of the people above."""
        ...

    def group(self, name: str) -> str:
        """The name by which the directory knows one of the groups above."""
        ...

    async def take_away(self) -> None:
        """Make the directory impossible to ask."""
        ...

    async def let_go(self, name: str) -> None:
        """Deactivate a person now."""
        ...


QUESTIONS: dict[str, Callable[[Company], Awaitable[object]]] = {
    "person": lambda company: company.directory.person(company.subject("ada")),
    "by_slack": lambda company: company.directory.by_slack(TEAM, "U0ADA"),
    "members": lambda company: company.directory.members(company.group("dba")),
}
ABOUT_STRANGERS: dict[str, Callable[[Company], Awaitable[object]]] = {
    "person": lambda company: company.directory.person("nobody-of-that-name"),
    "by_slack": lambda company: company.directory.by_slack(TEAM, "U0NOBODY"),
    "members": lambda company: company.directory.members("no-such-group"),
}


class DirectoryContract:
    """Subclass it and bring a ``company`` fixture."""

    async def test_a_person_is_known_by_subject_with_all_that_decisions_need(self, company: Company) -> None:
        ada = await company.directory.person(company.subject("ada"))
        assert ada.subject == company.subject("ada")
        assert ada.name
        assert ada.email
        assert ada.active
        assert not ada.guest
        assert (ada.slack_team, ada.slack_user) == (TEAM, "U0ADA")
        assert ada.manager == company.subject("grace")
        assert ada.groups == {company.group("dba"), company.group("leads")}
        assert ada.accounts.keys() == {"aws", "postgres"}
        assert ada.training_until == TRAINED

    async def test_what_a_person_does_not_have_is_none(self, company: Company) -> None:
        grace = await company.directory.person(company.subject("grace"))
        assert grace.manager is None
        assert grace.training_until is None

    async def test_a_slack_account_leads_to_the_same_person(self, company: Company) -> None:
        by_slack = await company.directory.by_slack(TEAM, "U0ADA")
        assert by_slack == await company.directory.person(company.subject("ada"))

    async def test_a_second_slack_account_is_the_same_person_and_not_another_voice(self, company: Company) -> None:
        first = await company.directory.by_slack(TEAM, "U0ADA")
        assert await company.directory.by_slack(TEAM, "U0ADA2") == first

    @pytest.mark.parametrize(
        ("team", "user"),
        [
            (TEAM, "U0NOBODY"),
            ("T0OTHER", "U0ADA"),
            ("", "U0ADA"),
            (TEAM, ""),
            ("", ""),
            (TEAM, "U0GUS"),
            (TEAM, "USLACKBOT"),
        ],
        ids=["unknown", "another company", "no team", "no user", "nothing", "a guest", "a bot"],
    )
    async def test_whoever_does_not_work_here_is_not_found(self, company: Company, team: str, user: str) -> None:
        with pytest.raises(NotFound) as unknown:
            await company.directory.by_slack(team, user)
        assert str(unknown.value)

    async def test_a_deactivated_person_is_never_active(self, company: Company) -> None:
        for question in (
            company.directory.person(company.subject("dana")),
            company.directory.by_slack(TEAM, "U0DANA"),
        ):
            if company.forgets_the_deactivated:
                with pytest.raises(NotFound):
                    await question
            else:
                assert not (await question).active

    async def test_the_members_of_a_group_are_its_active_employees(self, company: Company) -> None:
        members = await company.directory.members(company.group("dba"))
        assert [one.subject for one in members] == [company.subject("ada")]
        leads = await company.directory.members(company.group("leads"))
        assert {one.subject for one in leads} == {company.subject("ada"), company.subject("grace")}

    async def test_members_are_as_complete_as_when_asked_for_one_by_one(self, company: Company) -> None:
        (ada,) = await company.directory.members(company.group("dba"))
        assert ada == await company.directory.person(company.subject("ada"))

    async def test_a_group_without_members_is_empty_and_an_unknown_group_is_not_found(self, company: Company) -> None:
        assert list(await company.directory.members(company.group("nobody"))) == []
        with pytest.raises(NotFound):
            await company.directory.members("no-such-group")

    async def test_an_unknown_subject_is_not_found(self, company: Company) -> None:
        for subject in ("nobody-of-that-name", "", "11111111-2222-3333-4444-555555555555"):
            with pytest.raises(NotFound):
                await company.directory.person(subject)

    async def test_a_person_let_go_a_moment_ago_is_no_member_any_more(self, company: Company) -> None:
        assert await company.directory.members(company.group("dba"))
        await company.let_go("ada")
        assert list(await company.directory.members(company.group("dba"))) == []

    @pytest.mark.parametrize("question", QUESTIONS)
    async def test_a_directory_that_cannot_be_asked_never_answers(self, company: Company, question: str) -> None:
        await QUESTIONS["person"](company)
        await company.take_away()
        with pytest.raises(Transient):
            await QUESTIONS[question](company)

    @pytest.mark.parametrize("question", ABOUT_STRANGERS)
    async def test_a_directory_that_cannot_be_asked_lets_no_stranger_in(self, company: Company, question: str) -> None:
        await company.take_away()
        with pytest.raises((Transient, NotFound)):
            await ABOUT_STRANGERS[question](company)
