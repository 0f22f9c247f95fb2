"""A room: its microphone hears what its loudspeaker plays. PulseAudio, a null sink and its monitor."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.setup import find_browser

FAKE = "--use-fake-device-for-media-stream"


@dataclass
class Room:
    """browser: a program that runs the browser with the room's devices in place of stand-ins."""

    browser: Path


class NoRoomError(Exception):
    """This machine has no PulseAudio, or it does not start."""


@contextlib.contextmanager
def room(folder: Path) -> Iterator[Room]:
    """A room for as long as the context lasts. folder: for its socket and its program.

    Raises NoRoomError.
    """
    program, browser = shutil.which("pulseaudio"), find_browser()
    if program is None or browser is None:
        raise NoRoomError("pulseaudio is not installed (Debian: apt install pulseaudio)")
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "sound"
    server = subprocess.Popen(
        [
            program,
            *("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error"),
            f"--load=module-native-protocol-unix auth-anonymous=1 socket={socket}",
            "--load=module-null-sink sink_name=room rate=48000 channels=2",
            # Browsers do not offer a monitor as a microphone.
            "--load=module-remap-source master=room.monitor source_name=ear",
        ],
        env={**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        for _ in range(100):
            if socket.exists():
                break
            if server.poll() is not None:
                raise NoRoomError(
                    f"pulseaudio ended: {(server.stderr.read() if server.stderr else b'')[-300:]!r}"
                )
            time.sleep(0.1)
        else:
            raise NoRoomError("pulseaudio opened no socket within ten seconds")
        yield Room(_browser(folder / "browser-in-the-room", Path(browser), socket))
    finally:
        server.terminate()
        server.communicate(timeout=10)


def _browser(path: Path, browser: Path, socket: Path) -> Path:
    path.write_text(
        "#!/bin/sh\n"
        f'export PULSE_SERVER="unix:{socket}"\n'
        f'for each; do shift; [ "$each" = {FAKE} ] || set -- "$@" "$each"; done\n'
        f'exec "{browser}" "$@"\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
