/**
 * Keeps a seat's device key in this browser, and what the side's identity key said of it: the same after a reload, and
 * tomorrow.
 *
 * The secret half is a CryptoKey that no program can read; the browser keeps it as it is. Where there is no such
 * store, as in some private windows, everything lives as long as the page.
 *
 * @module
 */

import { type HeldKey, newKey } from "../seal/signer";
import type { StageAddress } from "./secret";

export interface KeptKey {
  key: HeldKey;
  voucher: Uint8Array | null;
  revocations: readonly Uint8Array[];
}

const DATABASE = "vivavoce";
const STORE = "device-keys";
/** A store that has not answered within this is none. */
const PATIENCE_MS = 3_000;

export class Keeping {
  readonly #name: string;
  readonly #factory: IDBFactory | undefined;
  /** What lives only as long as the page; null while the browser keeps it. */
  #memory: KeptKey | null = null;

  constructor({ discussion, seat }: StageAddress, factory: IDBFactory | undefined = globalThis.indexedDB) {
    this.#name = `${discussion}/${seat}`;
    this.#factory = factory;
  }

  /** Whether what was loaded is there after a reload. */
  get lasts(): boolean {
    return this.#memory === null;
  }

  /** What is kept for the seat; a new key where nothing is. Throws VivavoceError `browser.cannot`. */
  async load(): Promise<KeptKey> {
    if (this.#memory) return this.#memory;
    const kept = await this.#ask<KeptKey>("readonly", (store) => store.get(this.#name)).catch(() => null);
    if (kept) return kept;
    const made: KeptKey = { key: await newKey(), voucher: null, revocations: [] };
    return this.#claim(made);
  }

  /** Keep this instead. */
  async save(kept: KeptKey): Promise<void> {
    if (this.#memory) this.#memory = kept;
    else await this.#ask("readwrite", (store) => store.put(kept, this.#name)).catch(() => this.#hold(kept));
  }

  /** Nothing is kept any more; the next `load` makes a new key. */
  async forget(): Promise<void> {
    this.#memory = null;
    await this.#ask("readwrite", (store) => store.delete(this.#name)).catch(() => {});
  }

  /** Another page of this browser may have made a key for the seat meanwhile: then that one is the device's. */
  async #claim(made: KeptKey): Promise<KeptKey> {
    try {
      await this.#ask("readwrite", (store) => store.add(made, this.#name));
      return made;
    } catch {
      const other = await this.#ask<KeptKey>("readonly", (store) => store.get(this.#name)).catch(() => null);
      return other ?? this.#hold(made);
    }
  }

  #hold(kept: KeptKey): KeptKey {
    this.#memory = kept;
    return kept;
  }

  async #ask<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    const database = await this.#open();
    try {
      return await within<T>((resolve, reject) => {
        const transaction = database.transaction(STORE, mode, { durability: "strict" });
        const asked = work(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(asked.result as T);
        transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      });
    } finally {
      database.close();
    }
  }

  #open(): Promise<IDBDatabase> {
    return within((resolve, reject) => {
      if (!this.#factory) throw new Error("there is no IndexedDB");
      const asked = this.#factory.open(DATABASE, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }
}

function within<T>(work: (resolve: (value: T) => void, reject: (why: unknown) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("too slow")), PATIENCE_MS);
    work(resolve, reject);
  });
}
