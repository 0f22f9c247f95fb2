/** Promise: a side's public key is taken as tools write it, and a private one is never kept. */

import { expect, test } from "vitest";
import { identityKeyIn, MOST_PEM } from "./identity-key";

// RFC 8032, 7.1, test 1, as `openssl pkey -pubout` writes it.
const KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const PEM = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
`;
const SECRET = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`;
// An elliptic key of the kind that browsers use elsewhere (P-256), cut short: its kind is told before its length.
const P256 = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
-----END PUBLIC KEY-----`;

test.each([
  ["digits", KEY],
  ["digits in capitals", KEY.toUpperCase()],
  ["digits in groups", ` ${KEY.replaceAll(/(.{8})/g, "$1 ")}\n`],
  ["PEM", PEM],
  ["PEM with other line ends", PEM.replaceAll("\n", "\r\n")],
  ["PEM after a comment", `Public key of Ana\n${PEM}`],
])("%s", (_, text) => {
  expect(identityKeyIn(text)).toEqual({ key: KEY });
});

test.each([
  ["nothing", "", "form"],
  ["a digit too few", KEY.slice(1), "form"],
  ["a digit too many", `${KEY}0`, "form"],
  ["letters", "g".repeat(64), "form"],
  ["a certificate", PEM.replaceAll("PUBLIC KEY", "CERTIFICATE"), "form"],
  ["PEM without its end", PEM.slice(0, 80), "form"],
  ["PEM that is no base64", PEM.replace("MCow", "MC=w"), "form"],
  ["a private key", SECRET, "private"],
  ["a private key without its end", SECRET.slice(0, 60), "private"],
  ["a private key under a passphrase", SECRET.replaceAll("PRIVATE", "ENCRYPTED PRIVATE"), "private"],
  ["OpenSSH's private key", "-----BEGIN OPENSSH PRIVATE KEY-----", "private"],
  ["a private key beside the public one", PEM + SECRET, "private"],
  ["another kind of key", P256, "kind"],
  ["a key cut off inside", PEM.replace("HURo=", ""), "kind"],
  ["a key of small order", `01${"00".repeat(31)}`, "weak"],
  ["a key that is not in its shortest form", "ff".repeat(32), "weak"],
  ["far too much", PEM + "x".repeat(MOST_PEM), "form"],
])("%s is refused: %s", (_, text, why) => {
  expect(identityKeyIn(text)).toEqual({ why });
});
