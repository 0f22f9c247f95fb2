/**
 * The stage's secret and what the page remembers of itself, for as long as its tab lives.
 *
 * The secret comes after the # of the stage's address, which browsers send to nobody. It is taken out of the
 * visible address at once and kept in the tab's own storage, so that a reload works and a screenshot is safe.
 *
 * @module
 */

export interface StageAddress {
  discussion: string;
  seat: string;
}

/** `/stage/{id}/{seat}` taken apart; empty words where it is another path. */
export function stageInPath(pathname: string): StageAddress {
  const found = /^\/stage\/([^/]+)\/([^/]+)\/?$/.exec(pathname);
  return { discussion: found?.[1] ?? "", seat: found?.[2] ?? "" };
}

/** What one tab keeps for one seat. */
export class Kept {
  private readonly prefix: string;

  constructor(
    { discussion, seat }: StageAddress,
    private readonly storage: Storage = sessionStorage,
  ) {
    this.prefix = `vivavoce.${discussion}/${seat}.`;
  }

  get(name: "secret" | "device" | "token" | "camera" | "microphone"): string {
    return this.storage.getItem(this.prefix + name) ?? "";
  }

  set(name: "secret" | "device" | "token" | "camera" | "microphone", value: string): void {
    if (value) this.storage.setItem(this.prefix + name, value);
    else this.storage.removeItem(this.prefix + name);
  }
}

/** The secret in the address, or the one kept; empty if there is none. A new one forgets the old one's token. */
export function takeSecret(kept: Kept, where: Location = location, past: History = history): string {
  const shown = where.hash.slice(1);
  if (shown) {
    if (shown !== kept.get("secret")) kept.set("token", "");
    kept.set("secret", shown);
    past.replaceState(past.state, "", where.pathname + where.search);
  }
  return kept.get("secret");
}

/**
 * What this device calls itself: random, the same after a reload. A duplicated tab copies its storage, so a
 * name that another tab holds is not used again, nor that tab's token.
 */
export async function deviceName(kept: Kept): Promise<string> {
  const known = kept.get("device");
  if (known && (await hold(known))) return known;
  const fresh = crypto.randomUUID();
  kept.set("device", fresh);
  kept.set("token", "");
  await hold(fresh);
  return fresh;
}

/** Hold a name for as long as this page lives; false if another page holds it. */
function hold(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    void navigator.locks.request(`vivavoce.device.${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise(() => {}) : undefined;
    });
  });
}
