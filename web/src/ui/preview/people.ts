/**
 * Two drawn people for the screenshots: still, plain, and of the same size.
 *
 * @module
 */

const COATS = ["#41566b", "#6b4f41"];
const WALLS = ["#8a938f", "#98908a"];

/** Draw one at a desk, 16:9 unless `ratio` says otherwise. */
export function drawPerson(canvas: HTMLCanvasElement, which: number, ratio = 16 / 9): void {
  canvas.height = 720;
  canvas.width = Math.round(720 * ratio);
  const draw = canvas.getContext("2d");
  if (!draw) return;
  const middle = canvas.width / 2;
  const shape = (colour: string, path: () => void): void => {
    draw.fillStyle = colour;
    draw.beginPath();
    path();
    draw.fill();
  };
  shape(WALLS[which % 2] as string, () => draw.rect(0, 0, canvas.width, canvas.height));
  shape("#2b2f33", () => draw.rect(0, 620, canvas.width, 100));
  shape(COATS[which % 2] as string, () => draw.ellipse(middle, 700, 260, 260, 0, 0, 2 * Math.PI));
  shape("#c99f7f", () => draw.rect(middle - 45, 380, 90, 110));
  shape("#d8b090", () => draw.ellipse(middle, 300, 110, 145, 0, 0, 2 * Math.PI));
  shape("#4a3a2e", () => draw.ellipse(middle, 220, 122, 90, 0, Math.PI, 2 * Math.PI));
  for (const side of [-1, 1]) shape("#2b2420", () => draw.arc(middle + side * 42, 295, 9, 0, 2 * Math.PI));
  shape("#8d4d45", () => draw.ellipse(middle, 375, 34, which % 2 ? 12 : 5, 0, 0, 2 * Math.PI));
}
