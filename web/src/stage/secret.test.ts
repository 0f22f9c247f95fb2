import { describe, expect, it, vi } from "vitest";
import { Kept, stageInPath, takeSecret } from "./secret";

class Memory implements Storage {
  private readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  clear(): void {
    this.items.clear();
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

const NORTH = { discussion: "k7m2xq4vw9", seat: "north" };
const at = (hash: string): Location =>
  ({ hash, pathname: "/stage/k7m2xq4vw9/north", search: "?lang=ru" }) as Location;

describe("the stage's address", () => {
  it("names discussion and seat", () => {
    expect(stageInPath("/stage/k7m2xq4vw9/north")).toEqual(NORTH);
    expect(stageInPath("/stage/k7m2xq4vw9")).toEqual({ discussion: "", seat: "" });
  });
});

describe("the secret", () => {
  it("leaves the visible address and keeps the rest of it", () => {
    const past = { state: null, replaceState: vi.fn() } as unknown as History;
    expect(takeSecret(new Kept(NORTH, new Memory()), at("#abc"), past)).toBe("abc");
    expect(past.replaceState).toHaveBeenCalledWith(null, "", "/stage/k7m2xq4vw9/north?lang=ru");
  });

  it("is still known after a reload, without the part after the #", () => {
    const memory = new Memory();
    const past = { state: null, replaceState: vi.fn() } as unknown as History;
    takeSecret(new Kept(NORTH, memory), at("#abc"), past);
    expect(takeSecret(new Kept(NORTH, memory), at(""), past)).toBe("abc");
    expect(past.replaceState).toHaveBeenCalledTimes(1);
  });

  it("that is new forgets the token that the old one was given", () => {
    const kept = new Kept(NORTH, new Memory());
    const past = { state: null, replaceState: vi.fn() } as unknown as History;
    takeSecret(kept, at("#abc"), past);
    kept.set("token", "t");
    takeSecret(kept, at("#abc"), past);
    expect(kept.get("token")).toBe("t");
    takeSecret(kept, at("#def"), past);
    expect(kept.get("token")).toBe("");
  });

  it("of one seat is not another's", () => {
    const memory = new Memory();
    new Kept(NORTH, memory).set("secret", "abc");
    expect(new Kept({ ...NORTH, seat: "south" }, memory).get("secret")).toBe("");
  });
});
