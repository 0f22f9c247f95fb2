/**
 * Which samples of a picture track to decode, and in what order. Pure.
 *
 * 1. A group starts with a key picture: nothing is decoded before the first of some group.
 * 2. Within a group samples are decoded in order, without a hole.
 * 3. The first picture of a newer group ends the older one: what is left of it is older than what will be shown.
 * 4. After `skip()` (the decoder is behind, or failed) everything waits for a newer group.
 *
 * @module
 */

export class Playhead {
  #group = -1;
  #next = 0;
  #broken = true;

  /** Whether to decode this sample now. `index`: its place in the group; 0 is the key picture. */
  takes(group: number, index: number): boolean {
    if (group > this.#group && index === 0) {
      this.#group = group;
      this.#next = 1;
      this.#broken = false;
      return true;
    }
    if (group !== this.#group || this.#broken) return false;
    if (index !== this.#next) {
      this.#broken = index > this.#next;
      return false;
    }
    this.#next += 1;
    return true;
  }

  /** Whether anything of this group can still be wanted. */
  wants(group: number): boolean {
    return group > this.#group || (group === this.#group && !this.#broken);
  }

  /** Leave out what is left of the current group. */
  skip(): void {
    this.#broken = true;
  }
}
