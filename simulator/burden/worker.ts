/** One thread of a burden report: a bed's run at a time, judged where it was run. */
import { parentPort } from 'node:worker_threads';
import type { ScenarioPatient } from '../scenarios/scenario.ts';
import { judge, type Verdict } from './judge.ts';
import { runBed } from './run-bed.ts';

export interface BurdenJob {
  readonly scenario: string;
  readonly patient: ScenarioPatient;
  readonly bed: number;
  readonly seed: number;
  readonly seconds: number;
}

export interface BurdenResult {
  readonly job: Omit<BurdenJob, 'patient'>;
  readonly verdict: Verdict;
}

parentPort?.on('message', ({ patient, ...job }: BurdenJob) => {
  const verdict = judge(runBed(patient, job));
  parentPort!.postMessage({ job, verdict } satisfies BurdenResult);
});
