/**
 * One judgement at a time: a worker that is begun, told what to read, and ended.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import type { Judged } from "../record/verdicts";
import type { Answer, Chosen } from "./messages";
import VerifierWorker from "./verifier.worker?worker&inline";

export interface Judging {
  /** Rejects with VivavoceError; never settles after `cancel`. */
  judged: Promise<Judged>;
  cancel(): void;
}

/** `progress`: told of bytes read, and of how many in all. */
export function judge(chosen: Chosen, progress: (done: number, total: number) => void): Judging {
  const worker = new VerifierWorker();
  const judged = new Promise<Judged>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      if (data.kind === "progress") progress(data.done, data.total);
      else if (data.kind === "judged") resolve(data.judged);
      else reject(new VivavoceError(data.code, data.message));
    });
    worker.addEventListener("error", ({ message }) => {
      reject(new VivavoceError("internal", message || "The verifier stopped."));
    });
    worker.postMessage(chosen);
  });
  return { judged: judged.finally(() => worker.terminate()), cancel: () => worker.terminate() };
}
