/**
 * A `Promise.race` whose contenders forget it once it is over.
 *
 * The language's own leaves a reaction with every contender until that one settles. `@moq/net` races each group, and each
 * frame, against a promise that lives as long as its subscription: two hundred megabytes an hour in a viewer's worker.
 *
 * @module
 */

interface Entry {
  resolve: (value: never) => void;
  reject: (reason: unknown) => void;
}

/** Who waits for a contender; null once it has settled. */
const waiting = new WeakMap<object, { entries: Set<Entry> | null }>();

function waitersOf(contender: PromiseLike<unknown>): { entries: Set<Entry> | null } {
  const known = waiting.get(contender);
  if (known) return known;
  const waiters: { entries: Set<Entry> | null } = { entries: new Set() };
  waiting.set(contender, waiters);
  const settle = (how: "resolve" | "reject") => (value: unknown) => {
    const { entries } = waiters;
    waiters.entries = null;
    for (const entry of entries ?? []) entry[how](value as never);
  };
  contender.then(settle("resolve"), settle("reject"));
  return waiters;
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null)?.then === "function";

/** As `Promise.race`. */
export function race<T extends readonly unknown[]>(contenders: T): Promise<Awaited<T[number]>> {
  const taking = contenders.filter(isPromise);
  let entry: Entry | undefined;
  const forget = () => {
    for (const contender of taking) if (entry) waiting.get(contender)?.entries?.delete(entry);
  };
  return new Promise<Awaited<T[number]>>((resolve, reject) => {
    const mine: Entry = {
      resolve: (value) => {
        forget();
        resolve(value);
      },
      reject: (reason) => {
        forget();
        reject(reason);
      },
    };
    entry = mine;
    for (const contender of contenders) {
      if (!isPromise(contender)) mine.resolve(contender as never);
      else {
        const waiters = waitersOf(contender);
        if (waiters.entries) waiters.entries.add(mine);
        else contender.then(mine.resolve as (value: unknown) => void, mine.reject);
      }
    }
  });
}

/** Let everybody in this page or worker race so. */
export function forgetRaces(): void {
  Promise.race = ((contenders: Iterable<unknown>) => race([...contenders])) as typeof Promise.race;
}

/** What opens a stream for a group, and asks `cancel` to be told if nobody wants it any more. */
interface Opener {
  tryOpen<T extends { cancel: PromiseLike<unknown> }>(transport: unknown, options: T): Promise<unknown>;
}

/** Let a subscription that is cancelled later forget each stream once it was opened. */
export function forgetOpened(opener: Opener): void {
  const open = opener.tryOpen.bind(opener);
  opener.tryOpen = (transport, options) => {
    let opened = () => {};
    const over = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const ended = () => race([options.cancel, over]);
    // biome-ignore lint/suspicious/noThenProperty: the library asks it once, by `then`
    const cancel = { then: (...take: Parameters<Promise<unknown>["then"]>) => ended().then(...take) };
    return open(transport, { ...options, cancel }).finally(opened);
  };
}
