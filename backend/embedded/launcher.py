"""`manage.py up`: the whole album on this machine, until Ctrl-C."""

import os
import signal
import sys
from collections.abc import Mapping

from backend.embedded.data_dir import empty_folder, only_instance, prepare_data_dir
from backend.embedded.env_file import INSTANCE_FILE, write_env_file
from backend.embedded.environment import backend_environment, instance_environment
from backend.embedded.errors import StartError
from backend.embedded.leftovers import end_leftovers
from backend.embedded.options import Options, read_options, web_url
from backend.embedded.own_programs import STAGES, own_programs
from backend.embedded.own_secrets import keep_secrets
from backend.embedded.ports import check_web_port
from backend.embedded.process import ROOT, end_with_parent, log_path, temporary_dir
from backend.embedded.servers import set_up_servers
from backend.embedded.supervisor import StopRequestedError, Supervisor

_START_SECONDS = 120.0
_WEBHOOK_PATH = "/internal/storage-events"


def up(environ: Mapping[str, str]) -> int:
    """Run the album until asked to stop. Returns the exit code.

    0: stopped as asked. 1: it could not start or go on, and what is wrong has been said.
    """
    try:
        options = read_options(environ, folder=ROOT)
        if options.stop_with_parent and (
            ask := end_with_parent(signal.SIGTERM, parent=os.getppid())
        ):
            ask()
        prepare_data_dir(options.data_dir)
        with only_instance(options.data_dir):
            return _Album(options, environ).run()
    except StartError as error:
        say(str(error), error=True)
        return 1


def say(text: str, *, error: bool = False) -> None:
    """One line for the user; a closed terminal is no reason to stop."""
    stream = sys.stderr if error else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        # What could not be written would be tried again, and fail, at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Album:
    """One run of the album, from the first server to the last line."""

    def __init__(self, options: Options, environ: Mapping[str, str]) -> None:
        self._options = options
        self._environ = environ
        self._data_dir = options.data_dir
        self._supervisor = Supervisor(say=say)

    def run(self) -> int:
        code = 0
        with self._supervisor.handling_signals():
            try:
                self._start()
                self._supervisor.watch()
            except StopRequestedError:
                pass
            except (StartError, OSError) as error:  # such as a disk that has filled up
                say(str(error), error=True)
                code = 1
            finally:
                self._supervisor.stop(STAGES)
        return code

    def _start(self) -> None:
        options = self._options
        if ended := end_leftovers(self._data_dir):
            say(f"Ended {ended} processes that an earlier run had left behind.")
        empty_folder(temporary_dir(self._data_dir))
        check_web_port(options.host, options.port)
        secrets = self._secrets()
        say(f"Starting the album of {self._data_dir} ...")
        programs, servers = set_up_servers(
            options,
            secrets=secrets,
            environ=self._environ,
            webhook_url=f"{web_url(options)}{_WEBHOOK_PATH}",
            say=say,
        )
        instance = instance_environment(
            options=options, servers=servers, secrets=secrets, environ=self._environ
        )
        write_env_file(self._data_dir / INSTANCE_FILE, instance)
        self._supervisor.start(programs)
        self._fetch_networks(instance)
        self._supervisor.wait_until_ready(seconds=_START_SECONDS)
        self._prepare(instance)
        self._supervisor.start(
            own_programs(options, instance=instance, servers=servers, environ=self._environ)
        )
        self._supervisor.wait_until_ready(seconds=_START_SECONDS)
        if options.open_to_network:
            say(
                f"Open to the network: everybody who reaches {options.host} can open the sign-in "
                f"page, and passwords and photos travel unencrypted. Use it only in a network that "
                f"you trust."
            )
        self._tell_password(secrets)
        say(f"Ready: {web_url(options)}")

    def _secrets(self) -> dict[str, str]:
        first = (
            {"ADMIN_PASSWORD": self._options.admin_password} if self._options.admin_password else {}
        )
        kept = keep_secrets(self._data_dir / "secrets.env", first=first)
        chosen = ("SECRET_KEY", "DELIVERY_SECRET", "WEBHOOK_TOKEN")
        return kept | {name: self._environ[name] for name in chosen if self._environ.get(name)}

    def _fetch_networks(self, instance: Mapping[str, str]) -> None:
        """The networks are in their folder; it tells the user itself how far it is."""
        code = self._supervisor.run_to_end(
            [sys.executable, "-m", "functions.networks.fetch"],
            environment=backend_environment(
                instance, environ=self._environ, data_dir=self._data_dir
            ),
            log=None,
        )
        if code != 0:
            raise StartError("The networks could not be fetched; without them nothing is found.")

    def _prepare(self, instance: Mapping[str, str]) -> None:
        """Tables, bucket, static files and the first account are up to date."""
        log = log_path(self._data_dir, "prepare")
        code = self._supervisor.run_to_end(
            [sys.executable, str(ROOT / "manage.py"), "prepare"],
            environment=backend_environment(
                instance, environ=self._environ, data_dir=self._data_dir
            ),
            log=log,
        )
        if code != 0:
            words = log.read_text(errors="replace").strip().splitlines() or [f"exit code {code}"]
            raise StartError(
                f"The database and the storage could not be prepared: {words[-1]} (see {log})"
            )

    def _tell_password(self, secrets: Mapping[str, str]) -> None:
        """Once for each first account that has a password of our making."""
        told = self._data_dir / "accounts"
        name = self._options.admin_username
        known = told.read_text().splitlines() if told.exists() else []
        if name in known:
            return
        told.write_text("".join(f"{each}\n" for each in [*known, name]))
        if self._options.admin_password is None:
            say(
                f"Sign in as {name} with the password {secrets['ADMIN_PASSWORD']} "
                f"(made up just now and kept in {self._data_dir / 'secrets.env'})."
            )
