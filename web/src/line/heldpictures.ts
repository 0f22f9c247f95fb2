/**
 * A few decoded pictures that wait for their voice, in order. A decoder has few pictures to give: the oldest goes when
 * there is no room.
 *
 * @module
 */

const MOST = 6;

interface Held {
  picture: { close(): void };
  show: () => void;
  dueMs: number;
}

export class HeldPictures {
  #held: Held[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Show a picture after `holdMs`, or after those that wait already; at once where nothing does. */
  hold(picture: { close(): void }, holdMs: number, show: () => void): void {
    if (holdMs <= 0 && this.#held.length === 0) {
      show();
      return;
    }
    this.#held.push({ picture, show, dueMs: performance.now() + holdMs });
    while (this.#held.length > MOST) this.#held.shift()?.show();
    this.#arm();
  }

  /** Let go of all of them. */
  close(): void {
    clearTimeout(this.#timer);
    for (const { picture } of this.#held.splice(0)) picture.close();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const first = this.#held[0];
    if (!first) return;
    this.#timer = setTimeout(
      () => {
        const now = performance.now();
        while (this.#held[0] && this.#held[0].dueMs <= now + 1) this.#held.shift()?.show();
        this.#arm();
      },
      Math.max(0, first.dueMs - performance.now()),
    );
  }
}
