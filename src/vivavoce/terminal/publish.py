"""`vivavoce publish`: a side from the terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from vivavoce.clock import SystemClock
from vivavoce.errors import RefusedError, YourInputError
from vivavoce.line.sources.process import Spec
from vivavoce.seal.papers import MOST_REVOCATIONS
from vivavoce.seal.signer import Signer
from vivavoce.terminal.addresses import StageAddress, checked_fingerprint
from vivavoce.terminal.api import HostApi
from vivavoce.terminal.keyfiles import load_envelopes, load_signer
from vivavoce.terminal.screen import say, stop_on_signal, warn
from vivavoce.terminal.side import Side, why_it_ended
from vivavoce.terminal.sidekeys import SideKeys
from vivavoce.terminal.status import Status

__all__ = ["publish"]


def publish(
    stage_url: Annotated[
        str, typer.Argument(help="The stage address, with the part after the #; in quotes, for the shell.")
    ],
    file: Annotated[
        Path | None, typer.Option(help="Publish this file: a picture, one or more sound tracks, or both.")
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="With --file: begin again at its end.")] = False,
    camera: Annotated[bool, typer.Option("--camera", help="Publish a camera and a microphone.")] = False,
    camera_device: Annotated[
        str | None, typer.Option(help="With --camera: /dev/video2 (Linux), a name or number (macOS).")
    ] = None,
    microphone_device: Annotated[
        str | None, typer.Option(help="With --camera: an ALSA name (Linux), a name or number (macOS).")
    ] = None,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="Publish a drawn, talking person.")] = False,
    language: Annotated[
        str | None, typer.Option(help="BCP 47, of the floor; by default what the host has for this side.")
    ] = None,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Put another device off the air, seen by all.")
    ] = False,
    identity: Annotated[
        Path | None,
        typer.Option(help="The seat's identity key, a file of `vivavoce keys`; it vouches for this device."),
    ] = None,
    device_key: Annotated[
        Path | None, typer.Option(help="This device's own key; without it one is made for this run.")
    ] = None,
    voucher: Annotated[
        list[Path] | None, typer.Option(help="What `vivavoce keys vouch` wrote for --device-key.")
    ] = None,
    revocation: Annotated[
        list[Path] | None,
        typer.Option(help="What `vivavoce keys revoke` wrote; those who watch are told. Repeatable."),
    ] = None,
    fingerprint: Annotated[
        str | None, typer.Option(help="SHA-256, in hex, of the host's certificate, if it made its own.")
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Accept any certificate: whoever is in between can read the secret."),
    ] = False,
) -> None:
    """Go on air as a side, until Ctrl-C or the file's end.

    Give one of --file, --camera, --synthetic. Pictures and sound that already are H.264 without B-pictures
    and Opus go as they are; all else is encoded. All that is sent is sealed on this machine.
    """
    stage = StageAddress.parse(stage_url)
    if [file is not None, camera, synthetic].count(True) != 1:
        raise YourInputError("input.option", "Give one of --file, --camera and --synthetic.")
    if loop and file is None:
        raise YourInputError("input.option", "--loop goes with --file.")
    if file is not None and not file.is_file():
        raise YourInputError("input.file", f"{str(file)!r} is no file.")

    def spec(seat: dict[str, Any]) -> Spec:
        spoken = language or seat["language"]
        if file is not None:
            options = {"path": str(file.resolve()), "seat": stage.seat, "language": spoken, "loop": loop}
            return Spec("file", options)
        if camera:
            return Spec("camera", {"video": camera_device, "audio": microphone_device, "language": spoken})
        drawn = stage.seat if stage.seat in ("north", "south") else "north"
        return Spec("synthetic", {"side": drawn, "name": seat["name"], "language": spoken})

    if insecure:
        warn("The host's certificate is not checked: whoever is in between can read the secret.")
    if voucher and device_key is None:
        raise YourInputError("input.option", "--voucher goes with --device-key.")
    if len(revocation or []) > MOST_REVOCATIONS:
        raise YourInputError("input.option", f"--revocation may be given {MOST_REVOCATIONS} times.")
    pinned = checked_fingerprint(fingerprint)
    keys = SideKeys(
        device=load_signer(device_key) if device_key else Signer(),
        identity=load_signer(identity) if identity else None,
        vouchers=load_envelopes(voucher or []),
        revocations=load_envelopes(revocation or []),
    )
    code = asyncio.run(_publish(stage, spec, pinned, insecure, take_over, keys))
    if code is not None:
        say(why_it_ended(code))
        raise typer.Exit(1)


async def _publish(
    stage: StageAddress,
    spec: Any,
    fingerprint: str | None,
    insecure: bool,
    take_over: bool,
    keys: SideKeys,
) -> str | None:
    clock = SystemClock()
    with stop_on_signal() as stop:
        async with HostApi(stage.base, clock=clock, fingerprint=fingerprint, insecure=insecure) as api:
            side = Side(api, stage, spec, clock=clock, take_over=take_over, keys=keys)
            showing = asyncio.create_task(Status(side, stage, clock).run())
            try:
                return await side.run(stop)
            except RefusedError as error:
                if error.code != "air.taken":
                    raise
                remedy = "Give --take-over to put it off the air, seen by all; or leave it there."
                raise RefusedError(error.code, error.message, remedy=remedy) from None
            finally:
                showing.cancel()
                await asyncio.gather(showing, return_exceptions=True)
