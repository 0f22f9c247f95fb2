"""The command `vivavoce`. Each command's module is imported when it is run, so that a host starts quickly."""

from __future__ import annotations

import gc
import importlib
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from vivavoce.errors import VivavoceError
from vivavoce.settings import Settings

__all__ = ["COMMANDS", "app", "main"]

COMMANDS: Final = {
    "serve": "vivavoce.cli:serve",
    "demo": "vivavoce.terminal.demo:demo",
    "publish": "vivavoce.terminal.publish:publish",
    "watch": "vivavoce.terminal.watch:watch",
    "export": "vivavoce.record.command:export",
    "clip": "vivavoce.record.clip_command:clip",
    "keys": "vivavoce.terminal.keys:keys",
    "verify": "vivavoce.record.verify_command:verify",
}
"""A command's name, and the function that Typer takes it from, or a Typer of several."""


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        found = getattr(importlib.import_module(module), function)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        one = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        one.command(cmd_name)(found)
        return typer.main.get_command(one)


app = typer.Typer(cls=_Commands, add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def _about() -> None:
    """A live discussion between two sides that do not trust each other, in front of everyone."""


def main() -> None:
    """Run a command. What stands in its way is one line on standard error, and exit 2."""
    try:
        app()
    except VivavoceError as error:
        print(f"vivavoce: {error.message} {error.remedy} [{error.code}]", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None


def serve(
    data: Annotated[
        Path, typer.Option(help="Folder of records, database, certificates.", envvar="VIVAVOCE_DATA")
    ] = Path("vivavoce-data"),
    host: Annotated[
        str,
        typer.Option(
            help="Name or address by which visitors reach this host; 0.0.0.0 for this machine's own.",
            envvar="VIVAVOCE_HOST",
        ),
    ] = "localhost",
    port: Annotated[
        int, typer.Option(help="TCP for pages, UDP for the line; 0 takes a free one.", envvar="VIVAVOCE_PORT")
    ] = 8080,
    relay: Annotated[
        str | None,
        typer.Option(
            help="An external moq-relay, https://…, that viewers take the line from.", envvar="VIVAVOCE_RELAY"
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="postgresql://… ; by default SQLite in the data folder.",
            envvar="VIVAVOCE_DATABASE",
            show_envvar=True,
        ),
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option(help="PEM certificate chain for pages and line.", envvar="VIVAVOCE_TLS_CERT"),
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its PEM key.", envvar="VIVAVOCE_TLS_KEY")] = None,
    sessions: Annotated[
        int, typer.Option(help="Most connections on the line.", envvar="VIVAVOCE_SESSIONS")
    ] = 4096,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log more.")] = False,
) -> None:
    """Run a host: one process, one port number, TCP for its pages and UDP for its line."""
    from vivavoce import log

    log.set_up(level="debug" if verbose else "info")
    settings = Settings(
        data=data,
        host=host,
        port=port,
        relay=relay,
        database=database,
        tls_cert=tls_cert,
        tls_key=tls_key,
        sessions=sessions,
    )
    from vivavoce import loop  # it takes as long to load as a short record takes to judge

    loop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    # Nothing that start-up makes is garbage: looking for some would take a tenth of it, and all the later
    # looking, which holds up the line, would go over it again.
    gc.disable()
    import asyncio

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    from vivavoce.host import Host

    async with Host(settings) as host:
        gc.freeze()
        gc.enable()
        say(where_to_go(host.url, host.secret_file, settings))
        stopped = asyncio.create_task(stop.wait())
        failed = asyncio.create_task(host.failed())
        await asyncio.wait({stopped, failed}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if failed.done():
            failed.result()
        failed.cancel()


def where_to_go(url: str, secret_file: Path, settings: Settings) -> str:
    """What a host says when it is up: one line, and two sentences where a browser will ask."""
    text = f"Vivavoce is at {url}/ (host's secret: {secret_file})"
    if settings.is_secure and settings.tls_cert is None:
        text += (
            "\nThe first time, each browser warns that it does not know this host, since its certificate"
            " is of its own making."
            "\nChoose “Advanced”, then “Proceed” (Chrome, Edge) or “Accept the Risk and Continue” (Firefox)."
        )
    return text


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
