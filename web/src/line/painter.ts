/**
 * Draws pictures on one canvas of the page, each as soon as it comes.
 *
 * On the page's own thread, not in the worker that decodes: a canvas that a worker draws on reaches the screen with
 * the display's next refresh or the one after, one that the page draws on with `desynchronized` at once
 * (docs/decisions/0009-drawn-by-the-page.md).
 *
 * @module
 */

export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false, desynchronized: true });
  }

  /** Draw a picture, turned by `rotation` degrees clockwise (a multiple of 90), and close it. */
  paint(picture: VideoFrame, rotation: number): void {
    const { displayWidth, displayHeight } = picture;
    const upright = rotation % 180 !== 0;
    const [width, height] = upright ? [displayHeight, displayWidth] : [displayWidth, displayHeight];
    if (width !== this.#canvas.width || height !== this.#canvas.height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    const context = this.#context;
    if (context && rotation === 0) context.drawImage(picture, 0, 0);
    else if (context) {
      context.setTransform(1, 0, 0, 1, width / 2, height / 2);
      context.rotate((rotation * Math.PI) / 180);
      context.drawImage(picture, -displayWidth / 2, -displayHeight / 2);
      context.resetTransform();
    }
    picture.close();
  }
}
