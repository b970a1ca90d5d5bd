/** Every word of the ward page, in English. One such file per language. */
import { NARROW } from '@vitalshare/cloud-sink/drawing';

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

export const words = {
  ward: 'Ward',
  bed: 'Bed',
  demo: 'Demo',
  disclaimer: 'Not a medical device: not for diagnosis, treatment or watching over patients.',
  beds: (n: number) => count(n, 'bed', 'beds'),
  live: (n: number) => `${n} live`,
  silent: (n: number) => `${n} silent`,
  waitingForGateway: 'Waiting for the gateway',
  noBeds: 'No beds yet. A bed appears here when its node is admitted.',

  lostSince: (clock: string) => `Not live since ${clock}.`,
  lostAdvice:
    'This screen has lost its gateway; every number below is old. Look at the patients. Trying again.',
  neverLive: 'Not live.',
  neverLiveAdvice: 'The gateway has not answered yet. Trying again.',
  clockSkew: (difference: string, ahead: boolean) =>
    `This screen’s clock is ${difference} ${ahead ? 'ahead of' : 'behind'} the gateway’s.`,
  clockSkewAdvice: 'Times shown are the gateway’s.',
  seconds: (n: number) => `${n}${NARROW}s`,
  minutes: (n: number) => `${n}${NARROW}min`,

  channel: { ecg: 'ECG', pleth: 'Pleth' },
  rhythm: {
    asystole: 'asystole',
    vf: 'VF',
    vt: 'VT',
    bradycardia: 'bradycardia',
    tachycardia: 'tachycardia',
    af: 'AF',
  },
  variability: (sdnn: string, rmssd: string) => `HRV ${sdnn}/${rmssd}${NARROW}ms`,
  variabilityTitle: 'Heart rate variability of the last five minutes: SDNN/RMSSD',
  heartRate: 'HR',
  pulse: 'Pulse',
  spo2: 'SpO₂',
  respiration: 'Resp',
  temperature: 'Temp',
  skin: 'Skin',
  pressure: 'BP',
  perMinute: '/min',
  percent: '%',

  tileLive: 'live',
  notLive: 'not live',
  notLiveFor: (age: string) => (age.startsWith('since') ? `not live ${age}` : `not live, ${age}`),
  since: (clock: string) => `since ${clock}`,
  weak: 'weak',
  notTrusted: 'too weak',
  notMeasured: 'none',
  last: 'last',
  lastLine: (values: string, clock: string) => `last ${values} at ${clock}`,
  ofNumber: (label: string, what: string) => `${label} ${what}`,
  noSignalFor: (age: string) => `No signal for ${age}`,
  noSignalSince: (clock: string) => `No signal since ${clock}`,
  notLiveSince: (clock: string) => `Not live since ${clock}`,
  noTrace: 'No trace from this sensor',
  electrodeOff: 'An electrode is off',
  leadOff: 'ECG lead off',
  sensorSilent: (sensors: number) => (sensors > 1 ? 'Sensors silent' : 'Sensor silent'),
  sensorGone: (sensors: number) => (sensors > 1 ? 'Sensors disconnected' : 'Sensor disconnected'),
  noReadings: 'No readings yet',
  connected: 'Sensor connected',
  notConnected: 'Sensor not connected',

  spokenRate: (label: string, value: string) => `${label} ${value} per minute`,
  spokenPercent: (label: string, value: string) => `${label} ${value} percent`,
  spokenNone: (label: string) => `${label} not known`,
} as const;
