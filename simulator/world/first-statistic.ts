/**
 * The first statistic of a fresh ward, asked as a researcher would: it shows that what the servers
 * cannot read can be computed, opened and checked.
 */
import {
  askStatistic,
  platform,
  ReaderError,
  type StatisticAnswer,
  StatisticError,
} from '@vitalshare/cloud-sink/reader';
import { UserError } from '@vitalshare/edge/command/node';
import { sign, verify } from '@vitalshare/edge/identity/node';
import { loadParty } from '@vitalshare/edge/keys/node';
import { findVital } from '@vitalshare/edge/vital';
import { STATISTIC_EVERY_MS, STATISTIC_MS_MAX, STATISTIC_ROWS_MIN_PER_BED } from '../limits.ts';
import type { Teller, Told } from './status-line.ts';

interface Outcome {
  readonly sentence: string;
  readonly event: Told;
}

/** Tells it when there is one. Throws nothing: a bug in here must not stop a ward, and must be seen. */
export async function tellFirstStatistic(
  researcher: string,
  beds: number,
  signal: AbortSignal,
  teller: Pick<Teller, 'say'>,
): Promise<void> {
  if (beds === 0) return;
  try {
    const outcome = await firstStatistic(researcher, beds, signal);
    if (outcome !== undefined) teller.say(outcome.sentence, outcome.event);
  } catch (error) {
    if (isAborted(signal)) return;
    const reason = error instanceof Error ? error.message : String(error);
    const bug = error instanceof Error && !(error instanceof UserError) ? error.stack : undefined;
    const event = { event: 'no-statistic', reason };
    teller.say(`the first statistic failed: ${bug ?? reason}`, event);
  }
}

/** Asks until there is an answer, `signal` aborts (undefined) or two minutes are over. */
async function firstStatistic(
  researcher: string,
  beds: number,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const party = loadParty(researcher);
  const { minimumCohort } = party.configuration;
  if (beds < minimumCohort) {
    const sentence = `no statistic is opened: this world answers for at least ${minimumCohort} patients, and there are ${beds} beds.`;
    return { sentence, event: { event: 'no-statistic', beds, minimumCohort } };
  }
  const vital = findVital('heart-rate')!;
  const question = { statistic: 'mean', vitals: [vital], where: {} } as const;
  const world = { ...platform, sign, verify };
  const endMs = world.clock() + STATISTIC_MS_MAX;
  let reason = 'nothing was recorded';
  while (!isAborted(signal) && world.clock() < endMs) {
    try {
      const answer = await askStatistic(party, question, { world, signal });
      const { patients, count } = answer.result;
      if (patients >= beds && count >= beds * STATISTIC_ROWS_MIN_PER_BED) return told(answer);
    } catch (error) {
      if (isAborted(signal)) return undefined;
      if (!(error instanceof ReaderError) && !(error instanceof StatisticError)) throw error;
      reason = error.message;
    }
    await world.sleep(STATISTIC_EVERY_MS, signal);
  }
  if (isAborted(signal)) return undefined;
  return {
    sentence: `no statistic could be opened yet: ${reason}`,
    event: { event: 'no-statistic', reason },
  };
}

/** A function, so that the compiler does not take an earlier answer for this one. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

function told({ result, reason }: StatisticAnswer): Outcome {
  const { statistic, vitals, value, unit, patients, count, servers, checked } = result;
  const shown = typeof value === 'number' ? value.toFixed(1) : JSON.stringify(value);
  const claim = checked === 'verified' ? 'verified by' : `${checked}, answered by`;
  return {
    sentence:
      `first opened statistic: ${statistic} ${vitals.join(', ')} ${shown} ${unit} over ${patients} patients, ` +
      `${count} rows, ${claim} servers ${servers.join(' ')}${reason === undefined ? '' : ` (${reason})`}`,
    event: { event: 'statistic', ...result },
  };
}
