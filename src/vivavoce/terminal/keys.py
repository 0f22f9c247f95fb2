"""`vivavoce keys`: a side's keys in files, and what its identity key says of its devices."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer

from vivavoce.clock import SystemClock
from vivavoce.discussion.discussion import MAX_NAME, checked_text
from vivavoce.seal.keys import key_id
from vivavoce.seal.statement import Founding
from vivavoce.terminal import vouching
from vivavoce.terminal.addresses import AudienceAddress, checked_fingerprint
from vivavoce.terminal.api import HostApi
from vivavoce.terminal.founding import founding_from
from vivavoce.terminal.keyfiles import load_public, load_signer, new_key, write_new
from vivavoce.terminal.screen import say, warn

__all__ = ["keys"]

keys: Final = typer.Typer(
    name="keys",
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Make and use the keys of a side: its identity key, and its devices'.",
)

_Identity = Annotated[Path, typer.Option("--identity", help="PEM file of the side's private identity key.")]
_Device = Annotated[
    str, typer.Option("--device", metavar="FILE_OR_HEX", help="The device's key: a PEM file, or 64 digits.")
]
_For = Annotated[
    str, typer.Option("--for", metavar="AUDIENCE_URL", help="The discussion, by its audience address.")
]
_Out = Annotated[Path, typer.Option("--out", help="The file to write; one that is there is left alone.")]
_Fingerprint = Annotated[
    str | None, typer.Option(help="SHA-256, in hex, of the host's certificate, if it made its own.")
]
_Insecure = Annotated[bool, typer.Option("--insecure", help="Accept any certificate.")]


@keys.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; PEM, for its owner only.")],
) -> None:
    """Make a private key, and tell its public key.

    The public key of an identity key goes to the host before the discussion is made, and to wherever
    people know the side from. The file stays with its owner.
    """
    made = new_key(file)
    say(f"Public key: {made.public.hex()}\nIts id: {key_id(made.public).hex()}")


@keys.command()
def show(
    file: Annotated[str, typer.Argument(metavar="FILE", help="PEM file of a private key or a public one.")],
) -> None:
    """Tell the public key of a key in a file, 64 hexadecimal digits."""
    say(load_public(file).hex())


@keys.command()
def vouch(
    identity: _Identity,
    device: _Device,
    audience_url: _For,
    seat: Annotated[str, typer.Option(help="north, south, or booth-fr.")],
    out: _Out,
    name: Annotated[str, typer.Option(help="The device's name; by default the seat's.")] = "",
    days: Annotated[int, typer.Option(min=1, max=366, help="For how long.")] = 1,
    fingerprint: _Fingerprint = None,
    insecure: _Insecure = False,
) -> None:
    """Let a device speak for a seat, signed by the seat's identity key.

    The device shows the file when it goes on air.
    """
    signer, key = load_signer(identity), load_public(device)
    named = checked_text(name, "device's name", MAX_NAME)
    founding = _founding(audience_url, fingerprint, insecure)
    envelope, said = vouching.vouched(
        founding, seat, signer, key, name=named, now_us=SystemClock().now_us(), days=days
    )
    write_new(out, envelope)
    say(vouching.in_words(founding))
    times = f"from {vouching.moment(said.from_us)} until {vouching.moment(said.until_us)}"
    say(f"Signed: the device {key.hex()}, {vouching.shown(said.name)}, speaks for {seat}\n  {times}.")


@keys.command()
def revoke(
    identity: _Identity,
    device: _Device,
    audience_url: _For,
    out: _Out,
    fingerprint: _Fingerprint = None,
    insecure: _Insecure = False,
) -> None:
    """Take a device's word from it, signed by the identity key that gave it.

    What it began before stands: put it off the air by going on air from another device.
    """
    signer, key = load_signer(identity), load_public(device)
    founding, now_us = _founding(audience_url, fingerprint, insecure), SystemClock().now_us()
    write_new(out, vouching.revoked(founding, signer, key, now_us))
    say(vouching.in_words(founding))
    seats = " and ".join(vouching.seats_of_key(founding, signer.public))
    say(f"Signed: the device {key.hex()} does not speak for {seats}\n  from {vouching.moment(now_us)} on.")


def _founding(audience_url: str, fingerprint: str | None, insecure: bool) -> Founding:
    """The founding facts of the discussion at an address, as its host tells them."""
    address = AudienceAddress.parse(audience_url)
    pinned = checked_fingerprint(fingerprint)
    if insecure:
        warn("The host's certificate is not checked: whoever is in between can tell other founding facts.")

    async def ask() -> Founding:
        async with HostApi(address.base, clock=SystemClock(), fingerprint=pinned, insecure=insecure) as api:
            return (await founding_from(api, address.discussion)).founding

    return asyncio.run(ask())
