/**
 * One part of history from several servers' keystreams, and who lied about it [S7] [PROTO-18].
 *
 *   column    x = d + Σ_A ψ_A                 segment   plaintext = masked ⊕ keystreams
 *   κ = XOR of all commit streams             holds if  HMAC(κ, header ‖ plaintext) = commitment
 *
 * Every set's stream comes from all of its members that answered. Where copies differ, at most t
 * servers lie: each choice of at most t is set aside in turn, and the one whose rest verifies tells
 * who lied. Nobody can make a lie verify: t servers lack at least one set, so they do not know κ.
 */
import { FieldError, readElements, writeElements } from '@vitalshare/edge/field';
import { constantTimeEqual } from '@vitalshare/edge/seal';
import { type SharingConfig, setsOf, setsOfServer } from '@vitalshare/edge/sharing';
import { commitmentOf, KAPPA_BYTES, openColumn, openSegment } from '@vitalshare/edge/sharing/open';
import type { HistoryPart, HistorySet } from '../messages/messages.ts';

export type PartKind = 'column' | 'segment';

/** One server's copy. */
export interface PartCopy {
  readonly server: number;
  readonly part: HistoryPart;
}

export interface OpenedPart {
  /** u64 elements of a column, or flags, quality and samples of a segment. */
  readonly plaintext: Uint8Array;
  /** Servers whose copy was shown to be wrong, rising. */
  readonly named: readonly number[];
}

/** What one choice of whom to believe puts together. */
interface Assembled {
  readonly masked: Uint8Array;
  readonly commitment: Uint8Array;
  readonly sets: ReadonlyMap<number, HistorySet>;
}

/** `copies` have one header. Returns null where no choice verifies. */
export function openPart(
  config: SharingConfig,
  kind: PartKind,
  copies: readonly PartCopy[],
): OpenedPart | null {
  const masks = setsOf(config);
  const whole = copies.filter((copy) => hasItsSets(config, copy));
  const asideMax = Math.min(config.threshold, whole.length - 1);
  for (let aside = 0; aside <= asideMax; aside++) {
    for (const distrusted of choices(whole, aside)) {
      const trusted = whole.filter((copy) => !distrusted.includes(copy));
      const assembled = assemble(masks, trusted, distrusted);
      const plaintext = assembled && openAndCheck(kind, whole[0]!.part.header, assembled);
      if (!assembled || !plaintext) continue;
      const named = copies
        .filter((copy) => !whole.includes(copy) || !agrees(copy.part, assembled))
        .map(({ server }) => server);
      return { plaintext, named };
    }
  }
  return null;
}

/** A server gives the streams of exactly its own sets. */
function hasItsSets(config: SharingConfig, { server, part }: PartCopy): boolean {
  const own = setsOfServer(config, server);
  return part.sets.length === own.length && own.every((mask, i) => part.sets[i]!.mask === mask);
}

/** Null where the trusted differ among themselves, or a set has no holder. */
function assemble(
  masks: readonly number[],
  trusted: readonly PartCopy[],
  distrusted: readonly PartCopy[],
): Assembled | null {
  const [first, ...others] = trusted.map(({ part }) => part);
  if (first === undefined) return null;
  const sets = new Map<number, HistorySet>();
  for (const part of [first, ...others]) {
    for (const set of part.sets) if (!sets.has(set.mask)) sets.set(set.mask, set);
  }
  const believed = { masked: first.masked, commitment: first.commitment, sets };
  if (!others.every((part) => agrees(part, believed))) return null;
  // A set that only distrusted servers hold: their copy is all there is, and must verify.
  for (const { part } of distrusted) {
    for (const set of part.sets) if (!sets.has(set.mask)) sets.set(set.mask, set);
  }
  return masks.every((mask) => sets.has(mask)) ? believed : null;
}

const agrees = (part: HistoryPart, { masked, commitment, sets }: Assembled): boolean =>
  equal(part.masked, masked) &&
  equal(part.commitment, commitment) &&
  part.sets.every((set) => {
    const believed = sets.get(set.mask)!;
    return (
      set === believed ||
      (equal(set.commit, believed.commit) && equal(set.keystream, believed.keystream))
    );
  });

function openAndCheck(
  kind: PartKind,
  header: Uint8Array,
  { masked, commitment, sets }: Assembled,
): Uint8Array | null {
  const streams = [...sets.values()];
  const kappa = openSegment(
    new Uint8Array(KAPPA_BYTES),
    streams.map(({ commit }) => commit),
  );
  const plaintext = opened(
    kind,
    masked,
    streams.map(({ keystream }) => keystream),
  );
  if (plaintext === null) return null;
  return constantTimeEqual(commitmentOf(kappa, header, plaintext), commitment) ? plaintext : null;
}

/** Null where a word is no field element [SHARE-1]. */
function opened(
  kind: PartKind,
  masked: Uint8Array,
  keystreams: readonly Uint8Array[],
): Uint8Array | null {
  if (kind === 'segment') return openSegment(masked, keystreams);
  const count = masked.length / 8;
  if (!Number.isInteger(count)) return null;
  try {
    const streams = keystreams.map((stream) => readElements(stream, 0, count));
    const plaintext = new Uint8Array(masked.length);
    writeElements(openColumn(readElements(masked, 0, count), streams), plaintext, 0);
    return plaintext;
  } catch (error) {
    if (error instanceof FieldError) return null;
    throw error;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function* choices<T>(items: readonly T[], size: number): Generator<T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let i = 0; i + size <= items.length; i++) {
    for (const rest of choices(items.slice(i + 1), size - 1)) yield [items[i]!, ...rest];
  }
}
