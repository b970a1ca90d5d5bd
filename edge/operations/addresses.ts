/**
 * Sockets of each address, or requests: one host cannot take all the places there are and shut others out.
 * At most as many addresses as sockets, so it needs no bound of its own.
 */
export class Addresses {
  readonly #max: number;
  readonly #open = new Map<string, number>();

  constructor(socketsMax: number) {
    this.#max = socketsMax;
  }

  get size(): number {
    let open = 0;
    for (const count of this.#open.values()) open += count;
    return open;
  }

  /** False where this address has as many as it may. */
  enter(address: string): boolean {
    const open = this.#open.get(address) ?? 0;
    if (open >= this.#max) return false;
    this.#open.set(address, open + 1);
    return true;
  }

  leave(address: string): void {
    const open = this.#open.get(address) ?? 0;
    if (open > 1) this.#open.set(address, open - 1);
    else this.#open.delete(address);
  }
}
