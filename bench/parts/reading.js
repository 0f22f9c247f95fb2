// Reads the time code of tests/browser/camera.js from what a page shows: a canvas or a video element.
// Installed after the camera, before the page's own scripts. Each picture counts once: at the first refresh
// of the display at which it can be read. Nothing is asked of the page's own code.
(() => {
  const BITS = 24;
  const CELL = 8;
  const now = () => performance.timeOrigin + performance.now();
  let samples = [];
  let misread = 0;
  let running = 0;

  function reader() {
    const probe = new OffscreenCanvas((BITS + 2) * CELL, CELL);
    const context = probe.getContext("2d", { willReadFrequently: true });
    return (source) => {
      const width = source.videoWidth ?? source.width;
      const height = source.videoHeight ?? source.height;
      if (!width || !height) return null;
      context.drawImage(source, 0, 0, width, height * 0.08, 0, 0, probe.width, CELL);
      const row = context.getImageData(0, CELL / 2, probe.width, 1).data;
      const light = (cell) => row[(cell * CELL + CELL / 2) * 4];
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
      // The last cell is grey, the first one the parity: a page without a picture has neither.
      const grey = light(BITS + 1);
      return grey > 90 && grey < 165 && light(0) > 128 === (ones % 2 === 1) ? code : null;
    };
  }

  // The time code that a canvas or video shows, or null.
  globalThis.__benchRead = reader();

  // Begin to read what `find` gives: in each animation frame, or every so many milliseconds.
  globalThis.__benchStart = (find, every) => {
    const mine = ++running;
    const read = globalThis.__benchRead;
    let last = null;
    samples = [];
    misread = 0;
    const look = () => {
      if (mine !== running) return;
      if (every > 0) setTimeout(look, every);
      else requestAnimationFrame(look);
      const source = find();
      const code = source && read(source);
      if (code === null || code === undefined) {
        misread++;
        return;
      }
      if (code === last) return;
      last = code;
      const at = now();
      let age = (at % (1 << BITS)) - code;
      if (age < -1000) age += 1 << BITS;
      samples.push([at, age]);
    };
    look();
  };

  globalThis.__benchStop = () => {
    running++;
    return { samples, misread };
  };

  // A page's clock starts from the wall clock as it was when the page was opened. Two pages are brought
  // together by how far each is from the wall clock now: the moments at which the whole millisecond changes.
  globalThis.__benchAgainstWall = () => {
    const offsets = [];
    for (let turn = 0; turn < 15; turn++) {
      const before = Date.now();
      let after = before;
      while (after === before) after = Date.now();
      offsets.push(now() - after);
    }
    return Math.min(...offsets);
  };
})();
