import { describe, expect, test } from "vitest";
import { forgetOpened, race } from "./race";

const never = () => new Promise<never>(() => {});
const later = <T>(value: T, ms: number) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

describe("a race", () => {
  test("is won by the first", async () => {
    expect(await race([never(), later("slow", 30), later("fast", 5)])).toBe("fast");
  });

  test("is won by what is no promise", async () => {
    expect(await race([later("slow", 5), "now"])).toBe("now");
  });

  test("is lost with the first that fails", async () => {
    await expect(race([never(), Promise.reject(new Error("gone"))])).rejects.toThrow("gone");
  });

  test("can be run against one that was over before", async () => {
    const over = Promise.resolve("over");
    expect(await race([over, never()])).toBe("over");
    expect(await race([over, never()])).toBe("over");
    const failed = Promise.reject(new Error("over"));
    await expect(race([failed])).rejects.toThrow("over");
    await expect(race([failed, never()])).rejects.toThrow("over");
  });

  test("takes whatever has a then", async () => {
    // biome-ignore lint/suspicious/noThenProperty: what the library races is of this kind
    const thenable = { then: (resolve: (value: string) => void) => resolve("thenable") };
    expect(await race([thenable, never()])).toBe("thenable");
  });

  test("leaves nothing behind with one that outlives it", async () => {
    let listeners = 0;
    const long = {
      // biome-ignore lint/suspicious/noThenProperty: it counts who listens
      then: () => {
        listeners += 1;
      },
    };
    for (let round = 0; round < 1_000; round++)
      await race([long as unknown as Promise<never>, Promise.resolve(round)]);
    expect(listeners).toBe(1);
  });

  test("that one outlives still ends all that run when it ends", async () => {
    let end = (_: string) => {};
    const long = new Promise<string>((resolve) => {
      end = resolve;
    });
    for (let round = 0; round < 10; round++) await race([long, Promise.resolve(round)]);
    const running = [race([long, never()]), race([never(), long])];
    end("closed");
    expect(await Promise.all(running)).toEqual(["closed", "closed"]);
  });
});

describe("a stream that is opened for a group", () => {
  const opener = () => ({
    opened: 0,
    async tryOpen(_: unknown, options: { cancel: PromiseLike<unknown> }): Promise<unknown> {
      const cancelled = options.cancel.then(() => undefined);
      this.opened += 1;
      return race([cancelled, later("stream", 5)]);
    },
  });

  test("leaves nothing behind with the subscription", async () => {
    let listeners = 0;
    const one = opener();
    forgetOpened(one);
    const cancel = {
      // biome-ignore lint/suspicious/noThenProperty: it counts who listens
      then: () => {
        listeners += 1;
        return never();
      },
    };
    for (let round = 0; round < 20; round++) expect(await one.tryOpen(null, { cancel })).toBe("stream");
    expect([one.opened, listeners]).toEqual([20, 1]);
  });

  test("is given up when nobody wants it any more", async () => {
    const one = opener();
    forgetOpened(one);
    expect(await one.tryOpen(null, { cancel: Promise.resolve() })).toBeUndefined();
  });
});
