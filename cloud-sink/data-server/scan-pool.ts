/** Placeholder */
import type { ScanPart } from './cells.ts';
import type { ScanPlan } from './scan.ts';

/** Settled chunks of one stay. */
export interface ScanJob {
  readonly plan: ScanPlan;
  readonly parts: readonly ScanPart[];
  readonly numbers: readonly number[];
}

export interface ScanPool {
  /** Their records; undefined where no worker is ready: scan them yourself. */
  scan(job: ScanJob): Promise<Uint32Array> | undefined;
  close(): Promise<void>;
}
