/** What outlives a gateway's restart: edge/alarms. */
import { AlarmError } from '../../../edge/alarms/alarm.ts';
import { BedAlarms } from '../../../edge/alarms/bed-alarms.ts';
import { NOON_MS, Ward } from '../../../edge/alarms/bed.fixture.ts';
import { CanonicalError, parseJson } from '../../../edge/keys/canonical.ts';
import { JSON_HOSTILE, text } from '../hostile.ts';
import { mutateJson } from '../mutate-json.ts';
import { only, type Target } from '../target.ts';

const encoder = new TextEncoder();
const FLAGS = [[], ['vf'], ['vt'], ['tachycardia'], null] as const;

export const alarmTargets: readonly Target[] = [
  {
    name: 'alarms-snapshot',
    codec: 'edge/alarms/snapshot.ts readSnapshot',
    samples: 'beds with alarms; what is accepted lives a minute and is written again',
    errors: 'AlarmError, CanonicalError',
    make: () => ({
      sample: (random) => {
        const numbers = { 'heart-rate': 40 + random.below(120), spo2: 70 + random.below(30) };
        const ward = new Ward().run(20, { numbers, flags: random.pick(FLAGS) });
        ward.bed.technical({ problem: 'silent', source: 'strap-07' }, random.chance(2));
        const first = ward.bed.alarms[0];
        if (first !== undefined && random.chance(2)) ward.acknowledge(first.what);
        else ward.bed.pauseAudio('Été', ward.nowMs);
        return encoder.encode(JSON.stringify(ward.bed.snapshot()));
      },
      mutate: mutateJson,
      decode: (bytes) => {
        const snapshot = parseJson(bytes) as { readonly savedMs?: unknown } | null;
        const nowMs = typeof snapshot?.savedMs === 'number' ? snapshot.savedMs : NOON_MS;
        const bed = new BedAlarms({ nowMs, snapshot });
        for (let second = 1; second <= 60; second++) bed.tick(nowMs + 1000 * second);
        return new BedAlarms({ nowMs, snapshot: JSON.parse(JSON.stringify(bed.snapshot())) });
      },
      refusal: only(AlarmError, CanonicalError),
    }),
    hostile: {
      ...JSON_HOSTILE,
      'nothing that is needed': text('{"version":1,"savedMs":0}'),
      'a version of its own': text('{"version":"1","savedMs":0}'),
    },
  },
];
