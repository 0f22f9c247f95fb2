// Mouth and ear: a microphone that says a known signal at known times, and a tap on what a page plays.
//
// Installed before the page's own scripts and after tests/browser/camera.js (its microphone is replaced). Page
// scripts only, so it works wherever a page does; it loads its worklets and worker from blob addresses, which a
// page's content security policy may forbid: open such pages in a context with bypass_csp. All times are the
// machine's wall clock in ms, read at the sound itself (Date.now() in the rendering thread, whole milliseconds,
// for the mouth and every ear alike), so that pages in different browsers and network namespaces need no bringing
// together. bench/parts/hearing.py has the other half: it judges what this recorded.
//
//   __benchHearing.mouth()                the signal's track, also given by getUserMedia({ audio }).
//   __benchHearing.listen(name = "page")  begin to record what every node connected to an
//                                         AudioContext.destination plays, now or later. One ear a context.
//   __benchHearing.listenToStream(name, stream)   the same of a MediaStream, by a MediaStreamAudioSourceNode in a
//                                         context of latencyHint 0.
//   __benchHearing.listenToTrack(name, track)     the same by a MediaStreamTrackProcessor in a worker: for a track
//                                         that an <audio> or <video> element plays.
//   await __benchHearing.said()           what the mouths rendered since the last call; [] without a mouth.
//   await __benchHearing.heard()          what the ears recorded since the last call.
//
// said() and heard() give lists of
//   { name, rate, first, stamps, samples, baseLatencyMs, outputLatencyMs }
// first: the frame at which the signal's loop began (mouth only; an ear has 0). stamps: base64 of float64 pairs
// (frame, wall ms at which this frame and those after it were rendered or handed over). samples: base64 of int16,
// of the frames from the first stamp on; "" for a mouth. Stamps of one ear go on from call to call; a hole in the
// frames (a track that gave nothing) shows as a pair of stamps farther apart than the samples between them, and
// those frames are zeros in `samples`.
//
// The moment of saying is when the frame is handed to the microphone's track, the moment of hearing when it is
// handed to the loudspeaker's buffer. What the device adds is outputLatencyMs, told and not added.
(() => {
  const RATE = 48_000;
  const LOOP = 4 * RATE;
  const EVERY = RATE / 4;
  const BURST = 2_880;
  const TONE_HZ = 250;
  const TONE = 0.05;
  const LEVEL = 0.25;
  const SINES = 64;

  // The same in bench/parts/hearing.py, to the last bit of the generator: 16 bursts of 60 ms, one every 250 ms, each of
  // 64 sines at random between 500 and 3500 Hz, over a tone of 250 Hz that never pauses.
  function signal() {
    let seed = 1;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    const table = new Float32Array(LOOP);
    for (let at = 0; at < LOOP; at++) table[at] = TONE * Math.sin((2 * Math.PI * TONE_HZ * at) / RATE);
    for (let start = 0; start < LOOP; start += EVERY) {
      const burst = new Float64Array(BURST);
      for (let sine = 0; sine < SINES; sine++) {
        const turn = (2 * Math.PI * (500 + 3000 * random())) / RATE;
        const phase = 2 * Math.PI * random();
        for (let at = 0; at < BURST; at++) burst[at] += Math.sin(turn * at + phase);
      }
      let peak = 0;
      for (let at = 0; at < BURST; at++) {
        burst[at] *= 0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 0.5)) / BURST);
        peak = Math.max(peak, Math.abs(burst[at]));
      }
      for (let at = 0; at < BURST; at++) table[start + at] += (LEVEL * burst[at]) / peak;
    }
    return table;
  }

  // One worklet for both: tells once a second what it rendered and when.
  const WORKLET = `
    const SECOND = 48_000;
    class Bench extends AudioWorkletProcessor {
      constructor({ processorOptions }) {
        super();
        this.table = processorOptions.table ?? null;
        this.first = null;
        this.samples = new Int16Array(SECOND);
        this.filled = 0;
        this.stamps = [];
        this.port.onmessage = () => { this.tell(); this.port.postMessage({ flushed: true }); };
      }
      tell() {
        const samples = this.table ? new Int16Array(0) : this.samples.slice(0, this.filled);
        this.port.postMessage({ first: this.first ?? 0, stamps: new Float64Array(this.stamps), samples });
        this.filled = 0;
        this.stamps = [];
      }
      process(inputs, outputs) {
        const length = outputs[0][0].length;
        this.stamps.push(currentFrame, Date.now());
        if (this.table) {
          this.first ??= currentFrame;
          for (let at = 0; at < length; at++)
            outputs[0][0][at] = this.table[(currentFrame + at - this.first) % this.table.length];
        } else {
          const channels = inputs[0];
          for (let at = 0; at < length; at++) {
            let sum = 0;
            for (const channel of channels) sum += channel[at];
            const value = channels.length ? sum / channels.length : 0;
            this.samples[this.filled + at] = Math.max(-32767, Math.min(32767, Math.round(value * 32767)));
          }
        }
        this.filled += length;
        if (this.filled + length > SECOND) this.tell();
        return true;
      }
    }
    registerProcessor("bench-hearing", Bench);`;

  const READER = `
    onmessage = async ({ data: frames }) => {
      const reader = frames.getReader();
      let began = null;
      let stamps = [];
      let blocks = [];
      let filled = 0;
      const tell = () => {
        const samples = new Int16Array(filled);
        let at = 0;
        for (const block of blocks) { samples.set(block, at); at += block.length; }
        postMessage({ first: 0, stamps: new Float64Array(stamps), samples });
        stamps = []; blocks = []; filled = 0;
      };
      onmessage = () => { tell(); postMessage({ flushed: true }); };
      let next = 0;
      for (;;) {
        const { value: sound, done } = await reader.read();
        const at = Date.now();
        if (done) return;
        began ??= sound.timestamp;
        const frame = Math.round(((sound.timestamp - began) * 48_000) / 1e6);
        const plane = new Float32Array(sound.numberOfFrames);
        sound.copyTo(plane, { planeIndex: 0, format: "f32-planar" });
        const hole = frame - next;
        // A timestamp may swing by a little; more than a packet is a hole.
        if (stamps.length && hole > 960 && hole < 480_000) { blocks.push(new Int16Array(hole)); filled += hole; next += hole; }
        stamps.push(next, at);
        const block = Int16Array.from(plane, (value) => Math.max(-32767, Math.min(32767, Math.round(value * 32767))));
        if (sound.sampleRate !== 48_000) postMessage({ error: "a track of " + sound.sampleRate + " Hz" });
        sound.close();
        blocks.push(block);
        filled += block.length;
        next += block.length;
        if (filled >= 48_000) tell();
      }
    };`;

  const address = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const base64 = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength).toBase64();
  const connect = AudioNode.prototype.connect;

  // One recorder: a port that tells and can be asked to tell at once.
  class Recorder {
    #parts = [];
    #flushed = null;
    #error = null;

    constructor(name, context) {
      this.name = name;
      this.context = context;
    }

    on(port) {
      this.port = port;
      port.onmessage = ({ data }) => {
        if (data.error) this.#error = data.error;
        else if (data.flushed) this.#flushed?.();
        else this.#parts.push(data);
      };
      return this;
    }

    async take() {
      await new Promise((resolve) => {
        this.#flushed = resolve;
        this.port.postMessage("flush");
        // A context that was closed does not answer.
        setTimeout(resolve, 1000);
      });
      if (this.#error) throw new Error(`cannot hear ${this.name}: ${this.#error}`);
      const parts = this.#parts;
      this.#parts = [];
      const join = (Kind, key) => {
        const whole = new Kind(parts.reduce((sum, part) => sum + part[key].length, 0));
        let at = 0;
        for (const part of parts) {
          whole.set(part[key], at);
          at += part[key].length;
        }
        return base64(whole);
      };
      return {
        name: this.name,
        rate: RATE,
        first: parts[0]?.first ?? 0,
        stamps: join(Float64Array, "stamps"),
        samples: join(Int16Array, "samples"),
        baseLatencyMs: (this.context?.baseLatency ?? 0) * 1000,
        outputLatencyMs: (this.context?.outputLatency ?? 0) * 1000,
      };
    }
  }

  async function worklet(context, processorOptions) {
    await context.audioWorklet.addModule(address(WORKLET));
    return new AudioWorkletNode(context, "bench-hearing", {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      outputChannelCount: [1],
      processorOptions,
    });
  }

  const mouths = [];
  const ears = [];

  async function mouth() {
    const context = new AudioContext({ latencyHint: 0, sampleRate: RATE });
    await context.resume();
    const node = await worklet(context, { table: signal() });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    connect.call(node, out);
    mouths.push(new Recorder("mouth", context).on(node.port));
    return out.stream.getAudioTracks()[0];
  }

  // What leads to a loudspeaker, by context; and the ear of each context once somebody listens.
  const leading = new Map();
  const earOf = new Map();
  let listening = null;

  function ear(context, name) {
    let made = earOf.get(context);
    if (!made) {
      made = worklet(context, {}).then((node) => {
        // Its output is silence; unconnected it would not run.
        connect.call(node, context.destination);
        ears.push(new Recorder(name, context).on(node.port));
        return node;
      });
      earOf.set(context, made);
    }
    return made;
  }

  const attach = async (node, context) => connect.call(node, await ear(context, listening));

  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && to.context instanceof AudioContext) {
      if (!leading.has(to.context)) leading.set(to.context, new Set());
      leading.get(to.context).add(this);
      if (listening !== null) void attach(this, to.context);
    }
    return connect.call(this, to, ...rest);
  };

  const devices = navigator.mediaDevices;
  const ask = devices?.getUserMedia.bind(devices);
  if (devices)
    devices.getUserMedia = async (constraints) => {
      const stream = constraints?.video ? await ask({ video: constraints.video }) : new MediaStream();
      if (constraints?.audio) stream.addTrack(await mouth());
      return stream;
    };

  globalThis.__benchHearing = {
    mouth,
    async listen(name = "page") {
      listening = name;
      for (const [context, nodes] of leading) {
        if (context.state === "closed") continue;
        for (const node of nodes) await attach(node, context);
      }
    },
    async listenToStream(name, stream) {
      const context = new AudioContext({ latencyHint: 0, sampleRate: RATE });
      await context.resume();
      const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
      connect.call(source, await ear(context, name));
    },
    listenToTrack(name, track) {
      const frames = new MediaStreamTrackProcessor({ track, maxBufferSize: 100 }).readable;
      const worker = new Worker(address(READER));
      ears.push(new Recorder(name, null).on(worker));
      worker.postMessage(frames, [frames]);
    },
    said: () => Promise.all(mouths.map((one) => one.take())),
    heard: () => Promise.all(ears.map((one) => one.take())),
  };
})();
