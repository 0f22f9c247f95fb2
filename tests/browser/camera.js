// A camera that paints the time it was painted, over fine motion, and a microphone that hums.
// Installed before the page's own scripts: what the page captures is then known to the millisecond.
(() => {
  const BITS = 24;
  // How far what is filmed moves, across and down, in half pixels of the picture.
  const SHIFTS = 256;
  const LIFTS = 64;
  const hue = Number(globalThis.__vivavoceHue ?? 210);
  const pitch = Number(globalThis.__vivavocePitch ?? 220);
  const rate = Number(globalThis.__vivavoceRate ?? 30);
  const live = { video: [], audio: [] };

  // now: whole milliseconds since 1970; the picture depends on nothing else.
  function paint(context, width, height, ground, now) {
    // Fine motion: without it an encoder needs almost no bits, and figures mean nothing.
    const shift = Math.floor(now / 16) % SHIFTS;
    context.drawImage(ground, -2 * shift, -2 * ((shift * 7) % LIFTS));
    const x = width * (0.5 + 0.3 * Math.sin(now / 900));
    context.fillStyle = `hsl(${hue} 70% 70%)`;
    context.beginPath();
    context.arc(x, height * 0.6, height * 0.16, 0, 7);
    context.fill();
    const cell = width / (BITS + 2);
    const code = now % (1 << BITS);
    let ones = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const on = (code >> bit) & 1;
      ones += on;
      context.fillStyle = on ? "#fff" : "#000";
      context.fillRect(cell * (bit + 1), 0, cell + 1, height * 0.12);
    }
    context.fillStyle = ones % 2 ? "#fff" : "#000";
    context.fillRect(0, 0, cell, height * 0.12);
    context.fillStyle = "#808080";
    context.fillRect(cell * (BITS + 1), 0, cell + 1, height * 0.12);
  }

  const captured = (canvas) => canvas.captureStream(rate).getVideoTracks()[0];

  // Each picture as soon as it is painted, as a camera's driver gives it: captureStream waits for the page's next
  // animation frame. Chromium only; without the settings that a real track has.
  function direct(canvas) {
    const track = new MediaStreamTrackGenerator({ kind: "video" });
    const writer = track.writable.getWriter();
    const put = () => {
      const picture = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
      writer.write(picture).catch(() => {});
    };
    return [track, put];
  }

  // What is seen through a picture's frame as it moves: painted once, since to scale it takes a camera's page a
  // quarter of a core, which would be missing where something is measured.
  function grained(width, height) {
    const noise = new OffscreenCanvas(width / 2 + SHIFTS, height / 2 + LIFTS);
    const context = noise.getContext("2d");
    const pixels = context.createImageData(noise.width, noise.height);
    let seed = 1;
    for (let at = 0; at < pixels.data.length; at += 4) {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      pixels.data[at] = pixels.data[at + 1] = pixels.data[at + 2] = seed & 255;
      pixels.data[at + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
    const ground = new OffscreenCanvas(2 * noise.width, 2 * noise.height);
    const onto = ground.getContext("2d", { alpha: false, willReadFrequently: true });
    onto.fillStyle = `hsl(${hue} 45% 32%)`;
    onto.fillRect(0, 0, ground.width, ground.height);
    onto.globalAlpha = Number(globalThis.__vivavoceGrain ?? 0.35);
    onto.drawImage(noise, 0, 0, ground.width, ground.height);
    return ground;
  }

  // The picture of a moment once more, as a context of the camera's size.
  let again = null;
  globalThis.__vivavocePainted = (at) => {
    const [width, height] = globalThis.__vivavoceSize ?? [640, 360];
    again ??= {
      context: new OffscreenCanvas(width, height).getContext("2d", {
        alpha: false,
        willReadFrequently: true,
      }),
      ground: grained(width, height),
    };
    paint(again.context, width, height, again.ground, at);
    return again.context;
  };

  function camera() {
    const size = globalThis.__vivavoceSize ?? [640, 360];
    const shown = document.createElement("canvas");
    [shown.width, shown.height] = size;
    const context = shown.getContext("2d", { alpha: false, willReadFrequently: true });
    const ground = grained(size[0], size[1]);
    const draw = () =>
      paint(context, size[0], size[1], ground, Math.floor(performance.timeOrigin + performance.now()));
    draw();
    const [track, put] = globalThis.__vivavoceDirect ? direct(shown) : [captured(shown), () => {}];
    const timer = setInterval(() => {
      draw();
      put();
    }, 1000 / rate);
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    live.video.push(track);
    return track;
  }

  function microphone() {
    const context = new AudioContext({ sampleRate: 48000 });
    const tone = new OscillatorNode(context, { frequency: pitch });
    const sway = new GainNode(context, { gain: 0.15 });
    const out = context.createMediaStreamDestination();
    tone.connect(sway).connect(out);
    tone.start();
    const track = out.stream.getAudioTracks()[0];
    live.audio.push(track);
    return track;
  }

  // A device that is pulled out: the browser ends its track.
  globalThis.__vivavoceUnplug = (kind) => {
    for (const track of live[kind].splice(0)) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  };

  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const tracks = [];
    if (constraints?.video) tracks.push(camera());
    if (constraints?.audio) tracks.push(microphone());
    return new MediaStream(tracks);
  };

  // Reads the time code back from a canvas on the page: how many ms ago was it painted? Null if unreadable.
  globalThis.__vivavoceAge = (canvas) => {
    const width = 26 * 8;
    const probe = new OffscreenCanvas(width, 8).getContext("2d", { willReadFrequently: true });
    probe.drawImage(canvas, 0, 0, canvas.width, canvas.height * 0.08, 0, 0, width, 8);
    const now = performance.timeOrigin + performance.now();
    const row = probe.getImageData(0, 4, width, 1).data;
    const light = (cell) => row[(cell * 8 + 4) * 4];
    let code = 0;
    let ones = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const value = light(bit + 1);
      if (value > 90 && value < 165) return null;
      if (value >= 165) {
        code += 2 ** bit;
        ones++;
      }
    }
    if (light(0) > 128 !== (ones % 2 === 1)) return null;
    const age = (Math.floor(now) % (1 << BITS)) - code;
    return age < -1000 ? age + (1 << BITS) : age;
  };

  // The canvas that shows a seat, wherever in the page's shadow trees it stands.
  globalThis.__vivavoceCanvas = (seat) => {
    const find = (root) => {
      for (const element of root.querySelectorAll("*")) {
        if (element.localName === "vv-side" && element.side?.side === seat) return element.canvas;
        const found = element.shadowRoot && find(element.shadowRoot);
        if (found) return found;
      }
      return null;
    };
    return find(document);
  };

  // What the page plays: every node that leads to the loudspeaker leads to an ear as well.
  const ears = new Map();
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && to.context instanceof AudioContext) {
      let ear = ears.get(to.context);
      if (!ear) {
        ear = new AnalyserNode(to.context, { fftSize: 8192, smoothingTimeConstant: 0 });
        ears.set(to.context, ear);
      }
      connect.call(this, ear);
    }
    return connect.call(this, to, ...rest);
  };

  // The two loudest pitches that the page plays now, in hertz; empty where it is silent.
  globalThis.__vivavoceHears = () => {
    const pitches = [];
    for (const [context, ear] of ears) {
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      for (let peak = 0; peak < 2; peak++) {
        const best = bins.reduce((at, value, index) => (value > bins[at] ? index : at), 0);
        if (bins[best] < -60) break;
        pitches.push(Math.round((best * context.sampleRate) / ear.fftSize));
        bins.fill(-Infinity, Math.max(0, best - 8), best + 9);
      }
    }
    return pitches.sort((a, b) => a - b);
  };
})();
