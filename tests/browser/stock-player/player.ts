// The stock player as its own documentation has it; told only where the line is and what to trust.
import type MoqWatch from "@moq/watch/element";
import "@moq/watch/element";

const asked = new URLSearchParams(location.search);
const player = document.querySelector("moq-watch") as MoqWatch;
player.connection.webtransport = {
  serverCertificateHashes: [{ algorithm: "sha-256", value: asked.get("fingerprint") ?? "" }],
};
player.name = asked.get("name") ?? "";
player.url = asked.get("line") ?? "";
