/** Every decoder, room by room. */
import type { Target } from './target.ts';
import { dataServerHttpEndpoint } from './endpoints/data-server-http.ts';
import { gatewayHttpEndpoint } from './endpoints/gateway-http.ts';
import { mqttEndpoint } from './endpoints/mqtt.ts';
import { alarmTargets } from './targets/alarms.ts';
import { askTargets } from './targets/ask.ts';
import { fileTargets } from './targets/files.ts';
import { keysTargets } from './targets/keys.ts';
import { logTargets } from './targets/log.ts';
import { storeTargets } from './targets/store.ts';
import { wireTargets } from './targets/wire.ts';

export const TARGETS: readonly Target[] = [
  ...wireTargets,
  ...keysTargets,
  ...logTargets,
  ...askTargets,
  ...storeTargets,
  ...fileTargets,
  ...alarmTargets,
  mqttEndpoint,
  gatewayHttpEndpoint,
  dataServerHttpEndpoint,
];
