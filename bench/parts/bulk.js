// A page that sends as much as its connection takes: one group of one track. Packed with the library by bench/parts/bulk.py.
import { Broadcast, Connection, Group, Path, Time } from "../../web/node_modules/@moq/net/index.js";

globalThis.__bulkGive = async (url, fingerprint, frames, size) => {
  const value = Uint8Array.from(fingerprint.match(/../g), (byte) => Number.parseInt(byte, 16));
  const transport = new WebTransport(url, {
    allowPooling: false,
    congestionControl: "low-latency",
    protocols: ["moq-lite-05"],
    serverCertificateHashes: [{ algorithm: "sha-256", value }],
  });
  await transport.ready;
  const session = await Connection.connect(new URL(url), { transport });
  const broadcast = new Broadcast.Producer();
  const track = broadcast.createTrack("bytes", { timescale: Time.Timescale.MICRO });
  const group = new Group.Producer(0);
  const payload = crypto.getRandomValues(new Uint8Array(size));
  for (let number = 0; number < frames; number++)
    group.writeFrame({ payload, timestamp: Time.Timestamp.fromMicros(number * 1000) });
  group.close();
  track.writeGroup(group);
  session.publish(Path.from("bulk/up"), broadcast);
  return transport.congestionControl ?? null;
};
