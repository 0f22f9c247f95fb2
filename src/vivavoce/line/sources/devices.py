"""How a camera or a microphone is opened: V4L2, PulseAudio and ALSA on Linux, AVFoundation on macOS.

On Linux sound comes from the system's own recorder (`parec`, `arecord`) where there is one: the ALSA in
PyAV's wheels knows neither the system's configuration nor its plug-ins, hence no sound server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import UnavailableError
from vivavoce.line.encode import OPUS_SAMPLES, SAMPLE_RATE

__all__ = ["Device", "camera_at", "frames_of", "microphone_at"]

_ALSA_SETTINGS: Final = "/usr/share/alsa"


@dataclass(frozen=True, slots=True)
class Device:
    """name, format: for FFmpeg. tries: sets of options, the first that the device takes is used.
    command: instead of both, a program that writes mono sound of 16 bits at 48 kHz to its output."""

    name: str
    format: str = ""
    tries: tuple[dict[str, str], ...] = ({},)
    command: tuple[str, ...] = ()


def camera_at(given: str | None, platform: str = sys.platform) -> tuple[Device, ...]:
    """Devices to be tried in order. given: /dev/video2 on Linux; a name or number on macOS; None for the
    first camera. Raises UnavailableError `device.camera` on other systems."""
    wanted = {"framerate": "30", "video_size": "1280x720"}
    tries: tuple[dict[str, str], ...] = (wanted, {"framerate": "30"}, {})
    if platform.startswith("linux"):
        return (Device(given or "/dev/video0", "v4l2", tries),)
    if platform == "darwin":
        return (Device(f"{given or 'default'}:none", "avfoundation", tries),)
    raise _nowhere("camera", platform)


def microphone_at(given: str | None, platform: str = sys.platform) -> tuple[Device, ...]:
    """Devices to be tried in order. given: a PulseAudio source or an ALSA name, such as `hw:1`, on Linux; a
    name or number on macOS; None for the first. Raises UnavailableError `device.microphone` elsewhere."""
    if platform == "darwin":
        return (Device(f"none:{given or 'default'}", "avfoundation"),)
    if not platform.startswith("linux"):
        raise _nowhere("microphone", platform)
    found: list[Device] = []
    if parec := shutil.which("parec"):
        source = (f"--device={given}",) if given else ()
        form = ("--raw", "--format=s16le", f"--rate={SAMPLE_RATE}", "--channels=1", "--latency-msec=20")
        found.append(Device(given or "default", command=(parec, *form, *source)))
    if arecord := shutil.which("arecord"):
        wanted = ("-q", "-t", "raw", "-f", "S16_LE", "-r", str(SAMPLE_RATE), "-c", "1", "--period-size=960")
        found.append(Device(given or "default", command=(arecord, *wanted, "-D", given or "default")))
    found.append(Device(given or "default", "alsa", ({"sample_rate": str(SAMPLE_RATE), "channels": "1"}, {})))
    return tuple(found)


def frames_of(devices: tuple[Device, ...]) -> Iterator[Any]:
    """What the first device that works gives: FFmpeg's frames, or 20 ms of sound as 1 by 960 samples.

    Blocks. Ends when the device does. Raises OSError with a sentence if none gives anything.
    """
    problems: list[str] = []
    for device in devices:
        got_any = False
        try:
            for frame in _piped(device) if device.command else _opened(device):
                got_any = True
                yield frame
            problems.append("gives nothing")
        except (av.FFmpegError, OSError, ValueError) as error:
            problems.append(f"cannot be used: {getattr(error, 'strerror', None) or error}")
        if got_any:
            return
    raise OSError("; ".join(dict.fromkeys(problems)))


def _opened(device: Device) -> Iterator[Any]:
    # Otherwise the wheel's ALSA looks below /tmp, where anyone could put a configuration.
    os.environ.setdefault("ALSA_CONFIG_DIR", _ALSA_SETTINGS)
    os.environ.setdefault("ALSA_CONFIG_PATH", f"{_ALSA_SETTINGS}/alsa.conf")
    with _container(device) as container:
        yield from container.decode(container.streams[0])


def _container(device: Device) -> Any:
    problem: Exception | None = None
    for options in device.tries:
        try:
            return av.open(device.name, format=device.format, options=options)
        except (av.FFmpegError, OSError, ValueError) as error:
            problem = error
    assert problem is not None
    raise problem


def _piped(device: Device) -> Iterator[NDArray[np.int16]]:
    process = subprocess.Popen(
        device.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        while len(data := process.stdout.read(2 * OPUS_SAMPLES)) == 2 * OPUS_SAMPLES:
            yield np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False).reshape(1, -1)
        said = process.stderr.read(1000).decode(errors="replace").strip().splitlines()
        raise OSError(said[0].rstrip(".") if said else "it has ended")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def _nowhere(what: str, platform: str) -> UnavailableError:
    remedy = "Go on air from the stage page in a browser, which knows this system's devices."
    return UnavailableError(
        f"device.{what}", f"No {what} can be opened from the terminal on {platform}.", remedy=remedy
    )
