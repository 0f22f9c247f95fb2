/**
 * Draws decoded pictures on one canvas: the newest as soon as it is there, never one that is older.
 *
 * @module
 */

export class Painter {
  #context: OffscreenCanvasRenderingContext2D | null = null;
  #canvas: OffscreenCanvas | null = null;
  #run = "";
  #lastUs = -1;
  width = 0;
  height = 0;

  /** Draw on this canvas from now on. */
  use(canvas: OffscreenCanvas): void {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false, desynchronized: true });
    this.width = 0;
    this.height = 0;
  }

  /** Whether there is something to draw on. */
  get ready(): boolean {
    return this.#context !== null;
  }

  /**
   * Draw a picture and close it. Returns whether it was newer than what is there.
   *
   * `rotation`: degrees clockwise, a multiple of 90.
   */
  paint(picture: VideoFrame, run: string, rotation: number): boolean {
    const newer = run !== this.#run || picture.timestamp > this.#lastUs;
    const context = this.#context;
    if (newer && context && this.#canvas) {
      this.#run = run;
      this.#lastUs = picture.timestamp;
      const upright = rotation % 180 !== 0;
      const { displayWidth, displayHeight } = picture;
      const [width, height] = upright ? [displayHeight, displayWidth] : [displayWidth, displayHeight];
      if (width !== this.width || height !== this.height) {
        this.#canvas.width = width;
        this.#canvas.height = height;
        this.width = width;
        this.height = height;
      }
      context.setTransform(1, 0, 0, 1, width / 2, height / 2);
      context.rotate((rotation * Math.PI) / 180);
      context.drawImage(picture, -displayWidth / 2, -displayHeight / 2, displayWidth, displayHeight);
    }
    picture.close();
    return newer && context !== null;
  }
}
