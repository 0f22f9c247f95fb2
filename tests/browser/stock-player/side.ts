// Publishes a side with the product's own publisher, without a stage around it.
import { HostClock } from "../../../web/src/line/clock";
import { type AirGrant, Publisher } from "../../../web/src/line/publisher";

declare global {
  var goOnAir: (grant: AirGrant, wanted: MediaStreamConstraints) => Promise<void>;
  var publisher: Publisher;
}

globalThis.goOnAir = async (grant, wanted) => {
  const clock = new HostClock();
  clock.start();
  const stream = await navigator.mediaDevices.getUserMedia(wanted);
  globalThis.publisher = new Publisher({ grant, stream, language: "en", echoCancellation: false, clock });
  await publisher.start();
};
