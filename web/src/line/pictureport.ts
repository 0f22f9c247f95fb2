/**
 * Hands decoded pictures to the page that draws them: none older than the last one, none that would wait.
 *
 * The page answers each picture when it is drawn. While two are unanswered the page is busy; of those that come then only the
 * newest is kept, so a page that stood still shows now when it goes on.
 *
 * @module
 */

/** A picture on its way to the page. */
export interface Shown {
  run: string;
  /** Microseconds since the run's epoch. */
  timestampUs: number;
  /** Of the track that it belongs to. */
  track: string;
}

interface Waiting extends Shown {
  picture: VideoFrame;
  rotation: number;
}

const MOST_UNANSWERED = 2;

export class PicturePort {
  readonly #send: (picture: VideoFrame, rotation: number) => void;
  #onWay: Shown[] = [];
  #waiting: Waiting | null = null;
  #run = "";
  #lastUs = -1;
  /** Of the newest picture that was drawn, upright; 0 before the first. */
  width = 0;
  height = 0;
  /** The page has somewhere to draw. */
  ready = false;

  /** `send`: to the page, which owns the picture from then on. */
  constructor(send: (picture: VideoFrame, rotation: number) => void) {
    this.#send = send;
  }

  /** Show a picture, or close it if one that is newer was shown. Returns whether it was newer. */
  show(picture: VideoFrame, shown: Shown, rotation: number): boolean {
    const newer = shown.run !== this.#run || shown.timestampUs > this.#lastUs;
    if (!newer || !this.ready) {
      picture.close();
      return false;
    }
    this.#run = shown.run;
    this.#lastUs = shown.timestampUs;
    const upright = rotation % 180 !== 0;
    this.width = upright ? picture.displayHeight : picture.displayWidth;
    this.height = upright ? picture.displayWidth : picture.displayHeight;
    this.#waiting?.picture.close();
    this.#waiting = { ...shown, picture, rotation };
    this.#next();
    return true;
  }

  /** How much older a picture is than the newest that was shown, ms; below 0 where it is newer. */
  behindMs(run: string, timestampUs: number): number {
    return run === this.#run ? (this.#lastUs - timestampUs) / 1000 : Number.NEGATIVE_INFINITY;
  }

  /** The page has drawn the oldest picture that was on its way; returns which. */
  answered(): Shown | null {
    const drawn = this.#onWay.shift() ?? null;
    this.#next();
    return drawn;
  }

  /** Let go of what waits. */
  close(): void {
    this.#waiting?.picture.close();
    this.#waiting = null;
  }

  #next(): void {
    if (!this.#waiting || this.#onWay.length >= MOST_UNANSWERED) return;
    const { picture, rotation, run, timestampUs, track } = this.#waiting;
    this.#waiting = null;
    this.#onWay.push({ run, timestampUs, track });
    this.#send(picture, rotation);
  }
}
