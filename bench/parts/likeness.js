// How like the picture that is shown is to the one that was painted: mean SSIM of luminance.
//
// Installed after tests/browser/camera.js and reading.js. The picture's own time code says when it was painted;
// the camera's paint function paints it again. Wang, Bovik, Sheikh, Simoncelli: Image Quality Assessment (IEEE
// Transactions on Image Processing 13, 2004), with square windows of 8 by 8 pixels, every 4 pixels, equal weights.
(() => {
  const WINDOW = 8;
  const STEP = 4;
  const C1 = (0.01 * 255) ** 2;
  const C2 = (0.03 * 255) ** 2;

  // Mean SSIM of two pictures, one value a pixel from 0 to 255, row by row.
  function ssim(one, other, width, height) {
    let sum = 0;
    let count = 0;
    for (let top = 0; top + WINDOW <= height; top += STEP)
      for (let left = 0; left + WINDOW <= width; left += STEP) {
        let a = 0;
        let b = 0;
        let aa = 0;
        let bb = 0;
        let ab = 0;
        for (let y = top; y < top + WINDOW; y++)
          for (let at = y * width + left; at < y * width + left + WINDOW; at++) {
            const p = one[at];
            const q = other[at];
            a += p;
            b += q;
            aa += p * p;
            bb += q * q;
            ab += p * q;
          }
        const n = WINDOW * WINDOW;
        const meanA = a / n;
        const meanB = b / n;
        // The unbiased estimates of the paper.
        const varA = (aa - n * meanA * meanA) / (n - 1);
        const varB = (bb - n * meanB * meanB) / (n - 1);
        const both = (ab - n * meanA * meanB) / (n - 1);
        sum +=
          ((2 * meanA * meanB + C1) * (2 * both + C2)) /
          ((meanA * meanA + meanB * meanB + C1) * (varA + varB + C2));
        count++;
      }
    return count ? sum / count : Number.NaN;
  }

  // BT.601 luma of RGBA pixels.
  function luma(pixels) {
    const out = new Float64Array(pixels.length / 4);
    for (let at = 0; at < out.length; at++)
      out[at] = 0.299 * pixels[4 * at] + 0.587 * pixels[4 * at + 1] + 0.114 * pixels[4 * at + 2];
    return out;
  }

  // Of what a canvas or video shows now; null when its time code cannot be read.
  function likeness(source) {
    const width = source.videoWidth ?? source.width;
    const height = source.videoHeight ?? source.height;
    if (!width || !height) return null;
    const [wide, high] = globalThis.__vivavoceSize;
    // Shown smaller, it is compared as large as it was painted.
    const shown = new OffscreenCanvas(wide, high);
    const context = shown.getContext("2d", { alpha: false, willReadFrequently: true });
    context.drawImage(source, 0, 0, wide, high);
    const code = globalThis.__benchRead(shown);
    if (code === null) return null;
    const now = performance.timeOrigin + performance.now();
    const turn = 1 << 24;
    const at = Math.round((now - code) / turn) * turn + code;
    const painted = globalThis.__vivavocePainted(at).getImageData(0, 0, wide, high).data;
    return ssim(luma(context.getImageData(0, 0, wide, high).data), luma(painted), wide, high);
  }

  globalThis.__benchSsim = ssim;
  globalThis.__benchLikeness = likeness;
})();
