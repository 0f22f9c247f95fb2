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

  // sound: with the microphone as well, in one stream with the picture, so that lips and voice are kept together.
  globalThis.__callOffer = async (bitrate, sound = null) => {
    const peer = new RTCPeerConnection({ iceServers: [] });
    globalThis.__peer = peer;
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 } },
      audio: sound ?? false,
    });
    const [track] = stream.getVideoTracks();
    const sender = peer.addTransceiver(track, {
      direction: "sendonly",
      streams: [stream],
      sendEncodings: [{ maxBitrate: bitrate, maxFramerate: 30 }],
    });
    // With what mends losses beside it, as every call has it: sending again in a stream of its own, and correction.
    const codecs = RTCRtpSender.getCapabilities("video").codecs;
    const h264 = codecs.filter(
      ({ mimeType, sdpFmtpLine }) =>
        mimeType === "video/H264" && /packetization-mode=1.*profile-level-id=42e0/.test(sdpFmtpLine),
    );
    const mending = codecs.filter(({ mimeType }) => /^video\/(rtx|red|ulpfec|flexfec-03)$/.test(mimeType));
    sender.setCodecPreferences([...h264, ...mending]);
    for (const voice of stream.getAudioTracks())
      peer.addTransceiver(voice, { direction: "sendonly", streams: [stream] });
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
      globalThis.__callRemote = streams[0];
      if (track.kind === "audio") {
        // Played by an element, as calls do; by one of its own where there is no video element.
        const element = shown === "video" ? video : new Audio();
        element.muted = false;
        element.srcObject = shown === "video" ? streams[0] : new MediaStream([track]);
        element.play();
        return;
      }
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
      if (report.type !== "outbound-rtp" || report.kind !== "video") continue;
      const { bytesSent, retransmittedBytesSent, framesEncoded, frameWidth, frameHeight, qpSum, timestamp } = report;
      // What is sent again mends a loss, or tries how much the path takes: neither is the picture's bitrate.
      const bytes = bytesSent - (retransmittedBytesSent ?? 0);
      return { bytes, pictures: framesEncoded, frameWidth, frameHeight, qpSum, timestamp };
    }
    return null;
  };

  // What the receiving end says of its picture, counted since the call began.
  globalThis.__callShown = async () => {
    for (const report of (await __peer.getStats()).values()) {
      if (report.type !== "inbound-rtp" || report.kind !== "video") continue;
      const { framesReceived, framesDecoded, framesDropped, freezeCount, totalFreezesDuration } = report;
      const { pliCount, nackCount, keyFramesDecoded, packetsLost } = report;
      return {
        framesReceived,
        framesDecoded,
        framesDropped,
        freezeCount,
        totalFreezesDuration,
        pliCount,
        nackCount,
        keyFramesDecoded,
        packetsLost,
      };
    }
    return null;
  };

  // What the receiving end says of its sound: of the packets, of what it hid, and of its way to the loudspeaker.
  globalThis.__callHeard = async () => {
    const told = {};
    for (const report of (await __peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "audio") told.inbound = report;
      if (report.type === "media-playout") told.playout = report;
    }
    return told;
  };
})();
