/**
 * A wait.
 *
 * @module
 */

/** Null, so many milliseconds from now: told apart from whatever it races with. */
export const after = (ms: number): Promise<null> => new Promise((resolve) => setTimeout(resolve, ms, null));
