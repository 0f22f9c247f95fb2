/**
 * A watcher that watches nothing: it draws a scene and reports it, as often as the real one does.
 *
 * @module
 */

import type { HostClock } from "../../line/clock";
import type { Watcher } from "../../line/watcher";
import { drawPerson } from "./people";
import { reportOf, type Scene } from "./scenes";

class StillWatcher extends EventTarget {
  sound = false;
  private timer = 0;

  constructor(private readonly scene: Scene) {
    super();
  }

  attach(seat: string, canvas: HTMLCanvasElement): void {
    const index = this.index(seat);
    const { width, height } = reportOf(this.scene, index);
    drawPerson(canvas, index, width / height);
  }

  get line() {
    return { state: this.scene.line };
  }

  get host() {
    return this.scene.facts.state;
  }

  report(seat: string) {
    return reportOf(this.scene, this.index(seat));
  }

  async start(): Promise<void> {
    this.tell();
    this.timer = window.setInterval(() => this.tell(), 250);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async setSound(on: boolean): Promise<void> {
    this.sound = on;
  }

  private index(seat: string): number {
    return this.scene.facts.sides.findIndex(({ side }) => side === seat);
  }

  private tell(): void {
    const { facts, line } = this.scene;
    const say = (type: string, detail: unknown): boolean =>
      this.dispatchEvent(new CustomEvent(type, { detail }));
    say("line", { state: line });
    say("host", facts.state);
    for (const [index] of facts.sides.entries()) say("seat", reportOf(this.scene, index));
  }
}

/** The scene's watcher, in place of a real one. */
export function stillWatcher(scene: Scene): Watcher {
  return new StillWatcher(scene) as unknown as Watcher;
}

/** A clock that stands, so that two screenshots of one scene are the same. */
export function stillClock(scene: Scene): HostClock {
  const nowUs = (): number => scene.facts.state.at_us;
  return { nowUs, estimate: null, start() {}, stop() {} } as unknown as HostClock;
}
