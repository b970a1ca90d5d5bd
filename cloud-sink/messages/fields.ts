/**
 * Fields of a parsed JSON object: taken one by one, each checked, none left over.
 *
 * The caller says which error a wrong field is; a message names the field and what was expected,
 * never what it held.
 */
import { fromBase64Url, fromHex } from '@vitalshare/edge/seal';

export class Fields {
  readonly #members: Map<string, unknown>;
  readonly #fail: (message: string) => Error;

  constructor(value: unknown, fail: (message: string) => Error) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw fail('expected a JSON object');
    }
    this.#members = new Map<string, unknown>(Object.entries(value));
    this.#fail = fail;
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  take(name: string): unknown {
    if (!this.#members.has(name)) throw this.#fail(`${name} is missing`);
    const value = this.#members.get(name);
    this.#members.delete(name);
    return value;
  }

  integer(name: string, min: number, max: number): number {
    const value = this.take(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      throw this.#fail(`${name} must be an integer from ${min} to ${max}`);
    }
    return value === 0 ? 0 : value;
  }

  text(name: string, pattern: RegExp, expected: string): string {
    const value = this.take(name);
    if (typeof value !== 'string' || !pattern.test(value)) {
      throw this.#fail(`${name} must be ${expected}`);
    }
    return value;
  }

  boolean(name: string): boolean {
    const value = this.take(name);
    if (typeof value !== 'boolean') throw this.#fail(`${name} must be true or false`);
    return value;
  }

  literal<Value extends string | number>(name: string, wanted: Value): Value {
    if (this.take(name) !== wanted) throw this.#fail(`${name} must be ${String(wanted)}`);
    return wanted;
  }

  base64url(name: string, lengthBytes?: number): Uint8Array {
    const value = this.take(name);
    const expected = lengthBytes === undefined ? '' : ` of ${lengthBytes} bytes`;
    if (typeof value !== 'string') throw this.#fail(`${name} must be base64url${expected}`);
    try {
      return fromBase64Url(value, lengthBytes);
    } catch {
      throw this.#fail(`${name} must be base64url${expected}`);
    }
  }

  /** 16 bytes of hex: how a log is named in JSON and in addresses. */
  logId(name: string): string {
    const value = this.take(name);
    if (!isLogId(value)) throw this.#fail(`${name} must be 32 lower-case hex digits`);
    return value;
  }

  list(name: string, countMin: number, countMax: number): unknown[] {
    const value = this.take(name);
    if (!Array.isArray(value) || value.length < countMin || value.length > countMax) {
      throw this.#fail(`${name} must be a list of ${countMin} to ${countMax}`);
    }
    return value as unknown[];
  }

  entries(name: string, countMax: number): [string, unknown][] {
    const value = this.take(name);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#fail(`${name} must be a JSON object`);
    }
    const entries = Object.entries(value) as [string, unknown][];
    if (entries.length > countMax) throw this.#fail(`${name} has more than ${countMax} members`);
    return entries;
  }

  /** No member may be left: an unknown one would change a digest and mean nothing. */
  end(): void {
    for (const name of this.#members.keys()) {
      throw this.#fail(`unknown member ${JSON.stringify(name.slice(0, 32))}`);
    }
  }
}

export const isLogId = (value: unknown): value is string => {
  if (typeof value !== 'string') return false;
  try {
    fromHex(value, 16);
    return true;
  } catch {
    return false;
  }
};
