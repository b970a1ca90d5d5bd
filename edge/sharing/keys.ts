/**
 * The key of every keystream (SHARING.md, Keys).
 *
 *   root_A = HKDF-Extract(s_A, K_A)       k_A(use, stay) = HKDF-Expand(root_A, info, 32)
 *
 * The run secret s_A is fresh at every start of the gateway, so nothing that a disk could bring back
 * decides a mask [S1]; `use` keeps numbers, waveforms and products apart.
 */
import { concatBytes, hkdfExpand, hkdfExtract, utf8 } from '../seal/seal.ts';
import { setsOf, type SharingConfig } from './sets.ts';

/** [SHARE-6] */
export const USE = { numeric: 1, waveform: 2, product: 3, bin: 4, commit: 5 } as const;
export type Use = (typeof USE)[keyof typeof USE];

/** Where a keystream belongs: one run of one log. */
export interface StreamContext {
  /** 16 bytes. */
  readonly log: Uint8Array;
  readonly epoch: number;
  readonly run: number;
  readonly generation: number;
}

/** root_A of one set: 32 bytes from its split key and its run secret [SHARE-5]. */
export const maskRoot = (splitKey: Uint8Array, runSecret: Uint8Array): Uint8Array =>
  hkdfExtract(runSecret, splitKey);

/** The keys of one run for the sets a party holds: all of them at the gateway, its own at a server. */
export class MaskKeys {
  readonly config: SharingConfig;
  /** The sets held here, rising. */
  readonly masks: readonly number[];
  readonly #context: StreamContext;
  readonly #roots: ReadonlyMap<number, Uint8Array>;
  /** Stay → use → keys; a ward has few stays, so nothing is evicted. */
  readonly #streams = new Map<string, Map<Use, Uint8Array>>();

  constructor(
    config: SharingConfig,
    context: StreamContext,
    roots: ReadonlyMap<number, Uint8Array>,
  ) {
    if (context.log.length !== 16) throw new RangeError('a log id has 16 bytes');
    this.config = config;
    this.masks = setsOf(config).filter((mask) => roots.has(mask));
    this.#context = context;
    this.#roots = roots;
  }

  /** k_A(use, stay) of every held set, 32 bytes each side by side, in the order of `masks`. */
  packedKeysOf(use: Use, stay: string): Uint8Array {
    let uses = this.#streams.get(stay);
    if (!uses) this.#streams.set(stay, (uses = new Map<Use, Uint8Array>()));
    let keys = uses.get(use);
    if (!keys) {
      keys = concatBytes(
        ...this.masks.map((mask) =>
          hkdfExpand(this.#roots.get(mask)!, this.#info(mask, use, stay), 32),
        ),
      );
      uses.set(use, keys);
    }
    return keys;
  }

  /** The same apart, a view each. */
  keysOf(use: Use, stay: string): readonly Uint8Array[] {
    const packed = this.packedKeysOf(use, stay);
    return this.masks.map((_, index) => packed.subarray(32 * index, 32 * index + 32));
  }

  /** k_A(use, stay) of one set. Throws RangeError for a set that is not held here. */
  keyOf(mask: number, use: Use, stay: string): Uint8Array {
    const index = this.masks.indexOf(mask);
    if (index < 0) throw new RangeError(`set ${mask} is not held here`);
    return this.packedKeysOf(use, stay).subarray(32 * index, 32 * index + 32);
  }

  #info(mask: number, use: Use, stay: string): Uint8Array {
    const label = utf8('vitalshare mask 1');
    const name = utf8(stay);
    const info = new Uint8Array(label.length + 16 + 12 + 2 + 1 + name.length);
    const view = new DataView(info.buffer);
    info.set(label, 0);
    info.set(this.#context.log, label.length);
    const at = label.length + 16;
    view.setUint32(at, this.#context.epoch, true);
    view.setUint32(at + 4, this.#context.run, true);
    view.setUint32(at + 8, this.#context.generation, true);
    view.setUint16(at + 12, mask, true);
    view.setUint8(at + 14, use);
    info.set(name, at + 15);
    return info;
  }
}
