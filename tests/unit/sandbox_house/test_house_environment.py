"""What the sandbox's processes are told, and what of the user's own shell they are not."""

import socket
import sys
from pathlib import Path

import pytest

from sandbox.house import Rows, SandboxFault, ask, environment, export_lines
from sandbox.house.attending import last_words


def test_nothing_of_the_users_own_production_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "DATABASE_URL", "PGPASSWORD", "SLACK_BOT_TOKEN", "VAULT_TOKEN", "PORT", "LOG_LEVEL"):
        monkeypatch.setenv(name, "production")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    told = environment.base()
    assert "production" not in told.values()
    assert (told["HTTP_PROXY"], told["NO_PROXY"]) == ("http://proxy.example:3128", "127.0.0.1,localhost,::1")


def test_the_page_takes_the_next_free_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert environment.page_port(port) > port
        assert environment.page_port(port, tries=1) == 0
    assert environment.page_port(0) == 0


def test_free_ports_are_all_different() -> None:
    assert len(set(environment.free_ports(5))) == 5


def test_where_chaperone_is_not_installed_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SandboxFault, match="pip install"):
        environment.command("web")


def test_exports_survive_a_shell() -> None:
    assert export_lines({"B": "it's $5", "A": "1"}) == "export A=1\nexport B='it'\"'\"'s $5'"


def test_whoever_has_no_login_is_told_who_has() -> None:
    with pytest.raises(SandboxFault, match=r"priya has no login .* There are: ana_ruiz, ben_okafor"):
        ask({"ben_okafor": "", "ana_ruiz": ""}, "priya", "SELECT 1")


def test_a_statement_is_answered_in_rows_or_not_at_all(superuser_url: str) -> None:
    logins = {"ana_ruiz": superuser_url}
    assert ask(logins, "Ana", "SELECT 1 AS one, 'x' AS two") == Rows(["one", "two"], [(1, "x")])
    assert ask(logins, "ana_ruiz", "CREATE TEMP TABLE t (a int)") == Rows((), ())
    with pytest.raises(SandboxFault, match=r'The database refuses ana_ruiz: .*relation "nowhere" does not exist'):
        ask(logins, "ana", "SELECT * FROM nowhere")


def test_the_servers_words_are_told_without_where_they_were_found() -> None:
    error = OSError('connection failed: FATAL:  password authentication failed for user "ana_ruiz"\nDETAIL: no')
    assert last_words(error) == 'password authentication failed for user "ana_ruiz"'
    assert last_words(OSError("")) == "no reason given"
