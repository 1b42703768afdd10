"""Starting every part in its order, and ending them in theirs."""

import asyncio
import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

from core.private_file import write_private
from sandbox import aws
from sandbox.house import clinic_database, environment
from sandbox.house.database import DatabasePart
from sandbox.house.faults import PartFailed
from sandbox.house.options import Options, Tell
from sandbox.house.parts import Part, Warden
from sandbox.house.places import Place
from sandbox.house.programs import chaperone
from sandbox.house.readiness import await_ready
from sandbox.house.slack_control import SlackControl
from sandbox.house.slack_set_up import invite_the_bot

_SELF = "https://chaperone.example"
"""The manifest wants an address; the sandbox's Slack is told the true ones when it starts."""


@dataclass
class House:
    """What has been started so far."""

    place: Place
    options: Options
    keeper: Warden
    tell: Tell
    database: DatabasePart
    parts: dict[str, Part] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    slack: SlackControl | None = None

    # --- starting -------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Raises PartFailed, core's ConfigurationFault, or what the clinic's files are at fault with."""
        wanted = clinic_database.read(self.options.clinic)
        secrets = self._secrets(wanted)
        names = self.options.names()
        # Chosen first, since Slack has to know where to call before anybody is there to be called.
        self.ports = dict(zip(names, environment.free_ports(len(names)), strict=True))
        self.tell("Starting PostgreSQL, AWS (moto) and Slack")
        await together(
            asyncio.to_thread(self._start_database, wanted),
            asyncio.to_thread(self._start_aws),
            asyncio.to_thread(self._start_slack, secrets["signing_secret"]),
        )
        self.slack = SlackControl(f"http://127.0.0.1:{self.ports['slack']}")
        self.environment = self._environment(secrets["signing_secret"])
        self.tell("Bringing in the schema and the ledger's key")
        await together(self._release(), invite_the_bot(self.slack, self.options.clinic))
        self.tell(f"Starting {', '.join(names)}")
        await self._start_processes()

    def login_url(self, login: str) -> str:
        """The clinic's database as one of its logins."""
        socket = self.database.cluster
        return clinic_database.url(socket, login, self.passwords[login])

    def _secrets(self, wanted: clinic_database.Wanted) -> Mapping[str, str]:
        """Invented once per folder: a sandbox that is started again knows its old passwords."""
        file = self.place.secrets
        said = json.loads(file.read_text()) if file.exists() else {}
        secrets = environment.invented() | said.get("secrets", {})
        self.passwords = clinic_database.invent(wanted) | said.get("passwords", {})
        write_private(file, json.dumps({"secrets": secrets, "passwords": self.passwords}))
        return dict(secrets)

    def _start_database(self, wanted: clinic_database.Wanted) -> None:
        self.database.start()
        clinic_database.seed(self.database.cluster, wanted, self.passwords)

    def _start_aws(self) -> None:
        moto = self._outside("aws", "sandbox.aws")
        upstream = f"http://127.0.0.1:{moto}"
        self._outside("aws-front", "sandbox.aws_front", "--upstream", upstream, "--polls", str(self.options.aws_polls))
        aws.seed(upstream, self.options.clinic)

    def _start_slack(self, signing_secret: str) -> None:
        self._write_manifest()
        words = ["--clinic", str(self.options.clinic), "--manifest", str(self.place.manifest)]
        words += ["--clock-offset-file", str(self.place.clock), "--signing-secret", signing_secret]
        words += ["--port", str(environment.page_port(self.options.port))]
        webs = [port for name, port in self.ports.items() if name.startswith("web-")]
        for port in webs:
            words += ["--request-url", f"http://127.0.0.1:{port}/slack/events"]
        self._outside("slack", "sandbox.slack", *words)

    def _write_manifest(self) -> None:
        """Installed as a company would: from the manifest that Chaperone prints, with no scope more."""
        done = chaperone("manifest", "--url", _SELF, environment={"CHAPERONE_CONFIG": str(self.options.clinic)})
        if done.returncode:
            raise PartFailed("manifest", f"ended with exit code {done.returncode}", said=done.stderr)
        self.place.manifest.write_text(done.stdout)

    def _outside(self, name: str, module: str, *words: str) -> int:
        """A part that writes its port into a file once it listens."""
        port_file = self.place.folder / f"{name}.port"
        port_file.unlink(missing_ok=True)
        part = self._new(name, environment.module(module, "--port-file", str(port_file), *words), {})
        part.start()
        self.ports[name] = int(part.await_file(port_file))
        return self.ports[name]

    def _environment(self, signing_secret: str) -> Mapping[str, str]:
        cluster = self.database.cluster
        return environment.chaperone(
            clinic=self.options.clinic,
            databases={
                "app": cluster.app_url,
                "owner": cluster.owner_url,
                "clinic": self.login_url(clinic_database.GRANTER),
            },
            slack_url=f"http://127.0.0.1:{self.ports['slack']}",
            signing_secret=signing_secret,
            aws_endpoint=f"http://127.0.0.1:{self.ports['aws-front']}",
            ledger_key=self.place.ledger_key,
            clock=self.place.clock,
        )

    async def _release(self) -> None:
        done = await asyncio.to_thread(chaperone, "release", environment=self.environment)
        if done.returncode:
            raise PartFailed("release", f"ended with exit code {done.returncode}", said=done.stdout + done.stderr)

    async def _start_processes(self) -> None:
        names = self.options.names()
        for name in names:
            command = environment.command(name.partition("-")[0])
            self._new(name, command, {**self.environment, "PORT": str(self.ports[name])}).start()
        await together(*(await_ready(self.parts[name], self.ports[name]) for name in names))

    def _new(self, name: str, command: list[str], extra: Mapping[str, str]) -> Part:
        log = self.place.logs / f"{name}.log"
        self.parts[name] = Part(name, command, environment.base() | dict(extra), log, self.keeper)
        return self.parts[name]

    # --- ending ---------------------------------------------------------------------------------------------

    async def end(self) -> None:
        """Those who call others first. Ends also what was started halfway."""
        if self.slack:
            await self.slack.close()
        await asyncio.to_thread(self._stop_parts)

    def _stop_parts(self) -> None:
        callers = {name: part for name, part in self.parts.items() if name in self.options.names()}
        for part in callers.values():
            part.ask_to_stop()
        for part in (callers | self.parts).values():
            part.stop()
        self.database.stop()


async def together(*works: Awaitable[object]) -> None:
    """All at once. What is under way is waited for, also when we are cancelled: a thread cannot be called back."""
    gathered = asyncio.gather(*works, return_exceptions=True)
    try:
        outcomes = await asyncio.shield(gathered)
    except asyncio.CancelledError:
        await gathered
        raise
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
