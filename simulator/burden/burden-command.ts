/** `vitalshare burden`: how many alarms a bed calls for, and how many of them are worth hearing. */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  type Call,
  type Command,
  integerOption,
  textOption,
  UserError,
} from '@vitalshare/edge/command/node';
import { FormatError } from '@vitalshare/edge/formats';
import { BURDEN_HOURS_MAX, BURDEN_THREADS_MAX, NURSE_S } from '../limits.ts';
import {
  findScenario,
  type NamedScenario,
  SHIPPED_NAMES,
  shippedText,
  shippedScenario,
} from '../scenarios/find-scenario.ts';
import { runJobs } from './pool.ts';
import { isAsJudged, recordingBurden, recordingText } from './recording.ts';
import { burdenOf, burdenText, FALSE_PER_DAY_MAX, isWell } from './report.ts';
import type { BurdenJob, BurdenResult } from './worker.ts';

const help = `
usage: vitalshare burden [--scenario name|file|all] [--hours 24] [--seed n] [--json]
       vitalshare burden --recording path.hea [--json]

Runs scenarios in virtual time, body to waveforms to numbers to alarms, and compares every alarm with
what was true: alarms by priority, true and false, events that were missed, time to detection, time
audible, a bed and day. Ends with 1 where a true event was missed or false alarms are more than
${FALSE_PER_DAY_MAX} a bed and day. An alarm is acknowledged when it has sounded for ${NURSE_S} s.

  --scenario   a name below, a file of JSON, or all (all)
  --hours      bed-hours of each scenario (24), 0.1 to ${BURDEN_HOURS_MAX}: it is lived again with the next seed
  --seed       of the first life (a fresh one, printed): the same seed, the same report
  --recording  the alarms of a recording instead, beside what experts said of it (Challenge 2015)
  --json       one JSON object

Scenarios:
${shippedText()}
`;

const SEED_MAX = 2 ** 31 - 1;
const HOUR_S = 3600;

export const command: Command = {
  help,
  options: {
    scenario: { type: 'string' },
    recording: { type: 'string' },
    hours: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionalsMax: 0,
  run: (call) =>
    call.values['recording'] === undefined ? scenarios(call) : Promise.resolve(recording(call)),
};

async function scenarios(call: Call): Promise<number> {
  const seed = integerOption(call, 'seed', randomInt(SEED_MAX), 0, SEED_MAX);
  const hours = hoursOf(call);
  const asked = textOption(call, 'scenario', 'all');
  const chosen = asked === 'all' ? SHIPPED_NAMES.map(shippedScenario) : [findScenario(asked)];
  const jobs = chosen.flatMap((each) => jobsOf(each, seed, hours * HOUR_S));
  const results: BurdenResult[] = [];
  const total = jobs.reduce((sum, { seconds }) => sum + seconds, 0);
  let doneS = 0;
  await runJobs(jobs, Math.min(availableParallelism(), BURDEN_THREADS_MAX), (result) => {
    results.push(result);
    doneS += result.job.seconds;
    progress(doneS, total);
  });
  // They come as they are done; a report is its seed's.
  results.sort((a, b) => a.job.seed - b.job.seed || a.job.bed - b.job.bed);
  const burdens = chosen.map(({ name }) =>
    burdenOf(
      name,
      results.filter(({ job }) => job.scenario === name),
    ),
  );
  const isJson = call.values['json'] === true;
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ seed, hours, burdens })}\n`
      : `seed ${seed}\n${burdenText(burdens)}`,
  );
  return burdens.every(isWell) ? 0 : 1;
}

/** Life after life with the next seed, all patients of each, until the bed-hours are lived. */
function jobsOf({ name, scenario }: NamedScenario, seed: number, secondsMax: number): BurdenJob[] {
  const jobs: BurdenJob[] = [];
  let leftS = secondsMax;
  for (let life = 0; leftS > 0; life++) {
    for (const [index, patient] of scenario.patients.entries()) {
      const seconds = Math.ceil(Math.min(scenario.lengthS, leftS));
      if (seconds <= 0) break;
      jobs.push({ scenario: name, patient, bed: index + 1, seed: seed + life, seconds });
      leftS -= seconds;
    }
  }
  return jobs;
}

function recording(call: Call): number {
  for (const name of ['scenario', 'hours', 'seed']) {
    if (call.values[name] !== undefined) {
      throw new UserError(`--${name} is of scenarios; a recording is played as it is.`, 2);
    }
  }
  const path = textOption(call, 'recording', '');
  try {
    const burden = recordingBurden(path);
    const isJson = call.values['json'] === true;
    process.stdout.write(isJson ? `${JSON.stringify(burden)}\n` : recordingText(burden));
    return isAsJudged(burden) ? 0 : 1;
  } catch (error) {
    if (error instanceof FormatError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
}

function hoursOf(call: Call): number {
  const text = textOption(call, 'hours', '24');
  const hours = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (hours >= 0.1 && hours <= BURDEN_HOURS_MAX) return hours;
  throw new UserError(`--hours must be a number from 0.1 to ${BURDEN_HOURS_MAX}, got ${text}.`, 2);
}

function progress(doneS: number, totalS: number): void {
  if (!process.stderr.isTTY) return;
  const [done, total] = [doneS, totalS].map((seconds) => (seconds / HOUR_S).toFixed(1));
  process.stderr.write(`\r${done} of ${total} bed-hours${doneS === totalS ? '\n' : ''}`);
}
