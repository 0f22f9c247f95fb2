// One end of a plain WebRTC call. The signalling is carried by whoever drives the two pages.
(() => {
  const found = async (peer) => {
    if (peer.iceGatheringState !== "complete")
      await new Promise((resolve) => {
        peer.addEventListener("icegatheringstatechange", () => {
          if (peer.iceGatheringState === "complete") resolve();
        });
      });
    return peer.localDescription.sdp;
  };

  // Without it a call begins at 300 kbit/s and climbs for seconds; this begins it where it ends.
  const fromTheStart = (sdp, kilobits) =>
    sdp.replace(/(a=fmtp:\d+ .*level-asymmetry-allowed=.*)/g, `$1;x-google-start-bitrate=${kilobits}`);

  globalThis.__callOffer = async (bitrate) => {
    const peer = new RTCPeerConnection({ iceServers: [] });
    globalThis.__peer = peer;
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 } } });
    const [track] = stream.getVideoTracks();
    const sender = peer.addTransceiver(track, {
      direction: "sendonly",
      streams: [stream],
      sendEncodings: [{ maxBitrate: bitrate, maxFramerate: 30 }],
    });
    const h264 = RTCRtpSender.getCapabilities("video").codecs.filter(
      ({ mimeType, sdpFmtpLine }) =>
        mimeType === "video/H264" && /packetization-mode=1.*profile-level-id=42e0/.test(sdpFmtpLine),
    );
    sender.setCodecPreferences(h264);
    await peer.setLocalDescription();
    return found(peer);
  };

  globalThis.__callAnswered = async (sdp, bitrate) => {
    await __peer.setRemoteDescription({
      type: "answer",
      sdp: fromTheStart(sdp, Math.round(bitrate / 1000)),
    });
    const [sender] = __peer.getSenders();
    const parameters = sender.getParameters();
    parameters.degradationPreference = "maintain-resolution";
    await sender.setParameters(parameters);
  };

  globalThis.__callAnswer = async (sdp, shown) => {
    const peer = new RTCPeerConnection({ iceServers: [] });
    globalThis.__peer = peer;
    const video = document.querySelector("video");
    const canvas = document.querySelector("canvas");
    peer.ontrack = ({ track, streams }) => {
      if (shown === "video") {
        video.srcObject = streams[0];
        canvas.remove();
        return;
      }
      video.remove();
      // Drawn as the product draws: in a worker, each picture as soon as it is decoded.
      const frames = new MediaStreamTrackProcessor({ track, maxBufferSize: 1 }).readable;
      const offscreen = canvas.transferControlToOffscreen();
      new Worker("painter.js").postMessage({ frames, offscreen }, [frames, offscreen]);
    };
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription();
    return found(peer);
  };

  globalThis.__callSent = async () => {
    for (const report of (await __peer.getStats()).values()) {
      if (report.type !== "outbound-rtp") continue;
      const { bytesSent, framesEncoded, frameWidth, frameHeight, qpSum, timestamp } = report;
      return { bytes: bytesSent, pictures: framesEncoded, frameWidth, frameHeight, qpSum, timestamp };
    }
    return null;
  };
})();
