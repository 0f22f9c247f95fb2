/**
 * Keeps the screen, and with it the tab, awake while on air.
 *
 * @module
 */

/** Fires `change` when `awake` changes. The browser lets go of the lock whenever the tab is hidden. */
export class Wake extends EventTarget {
  #wanted = false;
  #lock: WakeLockSentinel | null = null;

  /** Whether the lock is held; false also where the browser has none. */
  get awake(): boolean {
    return this.#lock !== null;
  }

  async hold(): Promise<void> {
    this.#wanted = true;
    document.addEventListener("visibilitychange", this.#again);
    await this.#again();
  }

  async letGo(): Promise<void> {
    this.#wanted = false;
    document.removeEventListener("visibilitychange", this.#again);
    await this.#lock?.release();
    this.#lock = null;
  }

  readonly #again = async (): Promise<void> => {
    if (!this.#wanted || this.#lock || document.visibilityState !== "visible") return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      lock.addEventListener("release", () => {
        this.#lock = null;
        this.dispatchEvent(new Event("change"));
      });
      this.#lock = lock;
    } catch {
      // Refused, as on an empty battery, or not there: the page says so and carries on.
    }
    this.dispatchEvent(new Event("change"));
  };
}
