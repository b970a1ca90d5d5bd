/**
 * What an operator is woken for, as numbers of `/metrics`: alarms that last [PROTO-42], values that are
 * damaged [PROTO-45], and whether the scrub gets round.
 */
import { ALARM_KINDS } from '../../messages/alarms.ts';
import type { Scrubbed } from '../background-scrub.ts';
import type { Damages } from '../damages.ts';
import type { Alarms } from '../heads/alarms.ts';
import type { Metrics } from './metrics.ts';

export function measureIntegrity(
  { read, gauge }: Metrics,
  damages: Damages,
  alarms: Alarms,
  scrubbed: Readonly<Scrubbed>,
): void {
  const lasting = () => ALARM_KINDS.map((kind) => [kind, alarms.lasting(kind)] as const);
  gauge('alarms', 'alarms that last and nobody acknowledged, see GET /alarms', lasting, 'kind');
  gauge('damages', 'values that are damaged and wait to be mended', () => damages.list.length);
  read('damages_found_total', 'values found damaged', () => damages.counts.found);
  const mended = () =>
    (['log', 'peers'] as const).map((from) => [from, damages.counts[from]] as const);
  read('mended_total', 'values made again, by what they were made from', mended, 'from');
  read('scrub_passes_total', 'times that the scrub read everything', () => scrubbed.passes);
  read('scrubbed_bytes_total', 'bytes that the scrub read', () => scrubbed.bytes);
  read('stale_summaries_total', 'summaries the scrub dropped', () => scrubbed.staleSummaries);
}
