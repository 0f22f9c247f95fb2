/**
 * Judges what was chosen, away from the page: a record is read for minutes, and the page must answer meanwhile.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import type { Source } from "../record/source";
import type { Judged } from "../record/verdicts";
import { type Progress, verify } from "../record/verify";
import { verifyMp4 } from "../record/verifymp4";
import type { Answer, Chosen } from "./messages";

/** Often enough for a bar that moves, seldom enough to cost nothing. */
const PROGRESS_EVERY_MS = 100;

/** A file that was chosen. What the browser cannot read, because it changed or went away, is the record's fault. */
class Picked implements Source {
  constructor(private readonly file: File) {}

  get size(): number {
    return this.file.size;
  }

  async read(from: number, until: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return new Uint8Array(await this.file.slice(from, until).arrayBuffer());
    } catch {
      throw new VivavoceError("record.unreadable", `The file '${this.file.name}' cannot be read.`);
    }
  }
}

function answer(said: Answer): void {
  self.postMessage(said);
}

async function judge(chosen: Chosen): Promise<Answer> {
  let told = 0;
  const progress = (done: number, total: number): void => {
    const now = performance.now();
    if (now - told < PROGRESS_EVERY_MS) return;
    told = now;
    answer({ kind: "progress", done, total });
  };
  try {
    return { kind: "judged", judged: await judged(chosen, progress) };
  } catch (error) {
    if (error instanceof VivavoceError) return { kind: "failed", code: error.code, message: error.message };
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "failed", code: "internal", message };
  }
}

function judged(chosen: Chosen, progress: Progress): Promise<Judged> {
  const { name } = chosen;
  if (chosen.kind === "mp4") return verifyMp4(new Picked(chosen.file), name, progress);
  const files = new Map(chosen.files.map(([path, file]) => [path, new Picked(file)] as const));
  return verify({ name, files }, progress);
}

self.addEventListener("message", async ({ data }: MessageEvent<Chosen>) => answer(await judge(data)));
