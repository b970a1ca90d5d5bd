/**
 * Masks on typed arrays (SHARING.md): what the kernel `kernel/mask.as.ts` does to a whole frame under
 * all sets at once, for frames of any length and from any element on.
 *
 *   addMasks        vector += Σ_A f_A·ψ_A        derive; one set with factor 1 is its keystream
 *   subtractMasks   vector −= Σ_A ψ_A            split
 *   xorMasks        bytes ⊕= keystreams          waveforms, κ
 *
 * `keys` has 32 bytes a set, side by side. Elements and words are little-endian, as wherever
 * JavaScript runs. The kernel is instantiated at first use; its memory never grows, so views stay.
 */
import { P, elementCount, getBigInt, type FieldVector } from '../field/field.ts';
import { SETS_MAX } from './sets.ts';
import { instantiate } from '../kernel/kernel.ts';
import { chachaBlock } from './chacha20.ts';
import { WASM_BASE64 } from './kernel/mask.wasm.ts';
import { addMasksTextbook } from './textbook.ts';

const BLOCK_ELEMENTS = 8;
const BLOCK_BYTES = 64;
const GROUP_ELEMENTS = 4 * BLOCK_ELEMENTS;
const GROUP_BYTES = 4 * BLOCK_BYTES;
/** What the kernel's DATA holds. */
const CALL_ELEMENTS = 64 * GROUP_ELEMENTS;
const CALL_BYTES = 64 * GROUP_BYTES;

type Pass = (sets: number, low: number, high: number, block: number, groups: number) => number;
interface MaskExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly KEYS: { readonly value: number };
  readonly FACTORS: { readonly value: number };
  readonly DATA: { readonly value: number };
  readonly RARE: { readonly value: number };
  readonly add: Pass;
  readonly subtract: Pass;
  readonly xor: Pass;
}

/** One instance of the kernel and views on its memory. */
export interface MaskEngine {
  readonly kernel: MaskExports;
  readonly keys: Uint8Array;
  readonly factors: Uint32Array;
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  /** The element that the kernel leaves to the textbook: p, all ones. Tests put another here. */
  readonly rare: BigUint64Array;
  /** What redraws: replaced by tests that force all ones [S20]. */
  readonly block: typeof chachaBlock;
}

/** An engine of one's own. Throws KernelError where WebAssembly SIMD is missing. */
export function createMaskEngine(block: typeof chachaBlock = chachaBlock): MaskEngine {
  const kernel = instantiate('mask', WASM_BASE64) as MaskExports;
  const { buffer } = kernel.memory;
  return {
    kernel,
    keys: new Uint8Array(buffer, kernel.KEYS.value, 32 * SETS_MAX),
    factors: new Uint32Array(buffer, kernel.FACTORS.value, 2 * SETS_MAX),
    words: new Uint32Array(buffer, kernel.DATA.value, 2 * CALL_ELEMENTS),
    bytes: new Uint8Array(buffer, kernel.DATA.value, CALL_BYTES),
    rare: new BigUint64Array(buffer, kernel.RARE.value, 1),
    block,
  };
}

let shared: MaskEngine | undefined;
const theEngine = (): MaskEngine => (shared ??= createMaskEngine());

/** `factors` has one element a set. From element `first` of the keystreams on; counters are below 2^53. */
export function addMasks(
  vector: FieldVector,
  keys: Uint8Array,
  factors: FieldVector,
  counter: number,
  first = 0,
  engine = theEngine(),
): void {
  maskElements(engine, vector, keys, factors, counter, first);
}

export function subtractMasks(
  vector: FieldVector,
  keys: Uint8Array,
  counter: number,
  engine = theEngine(),
): void {
  maskElements(engine, vector, keys, null, counter, 0);
}

/** From byte `first` of the keystreams on. */
export function xorMasks(
  bytes: Uint8Array,
  keys: Uint8Array,
  counter: number,
  first = 0,
  engine = theEngine(),
): void {
  const sets = keys.length / 32;
  engine.keys.set(keys);
  for (let done = 0; done < bytes.length;) {
    const skip = (first + done) % BLOCK_BYTES;
    const part = bytes.subarray(done, done + CALL_BYTES - skip);
    engine.bytes.set(part, skip);
    const block = (first + done - skip) / BLOCK_BYTES;
    const groups = Math.ceil((skip + part.length) / GROUP_BYTES);
    engine.kernel.xor(sets, counter >>> 0, highWord(counter), block, groups);
    part.set(engine.bytes.subarray(skip, skip + part.length));
    done += part.length;
  }
}

/** Without factors every one is −1. */
function maskElements(
  engine: MaskEngine,
  vector: FieldVector,
  keys: Uint8Array,
  factors: FieldVector | null,
  counter: number,
  first: number,
): void {
  const { kernel, words } = engine;
  const sets = keys.length / 32;
  const count = elementCount(vector);
  engine.keys.set(keys);
  if (factors) engine.factors.set(factors);
  for (let done = 0; done < count;) {
    const skip = (first + done) % BLOCK_ELEMENTS;
    const take = Math.min(count - done, CALL_ELEMENTS - skip);
    const part = take === count ? vector : vector.subarray(2 * done, 2 * (done + take));
    words.set(part, 2 * skip);
    const block = (first + done - skip) / BLOCK_ELEMENTS;
    const groups = Math.ceil((skip + take) / GROUP_ELEMENTS);
    const pass = factors ? kernel.add : kernel.subtract;
    if (pass(sets, counter >>> 0, highWord(counter), block, groups) !== 0) {
      addMasksTextbook(part, keys, bigFactors(factors, sets), counter, first + done, engine.block);
    } else {
      part.set(words.subarray(2 * skip, 2 * (skip + take)));
    }
    done += take;
  }
}

const highWord = (counter: number): number => Math.floor(counter / 2 ** 32);

const bigFactors = (factors: FieldVector | null, sets: number): bigint[] =>
  Array.from({ length: sets }, (_, set) => (factors ? getBigInt(factors, set) : P - 1n));
