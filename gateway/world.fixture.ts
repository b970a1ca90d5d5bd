/** A world's folder for tests: every party's identity and keys, made as the ceremony makes them. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeIdentity, publicOf } from '@vitalshare/edge/identity/node';
import { toBase64Url } from '@vitalshare/edge/seal';
import { setsOf } from '@vitalshare/edge/sharing';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const key = (): string => toBase64Url(random(32));

/** Returns the folder; the gateway's part is in `gateway/`. Ports 0 are any free ones. */
export function makeWorldFolder(
  parent: string,
  { mqttPort = 1883, servers = 3, threshold = 1, dataServers = ['http://127.0.0.1:1'] } = {},
): string {
  const dir = mkdtempSync(join(parent, 'world-'));
  const gateway = makeIdentity('gateway', 'gateway', random);
  const others = Array.from({ length: servers }, (_, j) =>
    makeIdentity(`server-${j + 1}`, 'data-server', random),
  );
  const write = (name: string, value: unknown): void => {
    writeFileSync(join(dir, 'gateway', name), JSON.stringify(value), { mode: 0o600 });
  };
  mkdirSync(join(dir, 'gateway'), { mode: 0o700 });
  write('identity.json', gateway);
  write('configuration.json', {
    vitalshare: 'configuration',
    version: 1,
    world: toBase64Url(random(16)),
    servers,
    threshold,
    generation: 1,
    minimumCohort: 2,
    gateway: publicOf(gateway),
    dataServers: others.map(publicOf),
    researchers: [],
    physicians: [],
  });
  write('addresses.json', {
    listen: { host: '127.0.0.1', port: 0 },
    mqtt: { host: '127.0.0.1', port: mqttPort },
    gateway: 'http://127.0.0.1:0',
    dataServers: others.map((_, j) => dataServers[j] ?? 'http://127.0.0.1:1'),
  });
  const split = setsOf({ servers, threshold }).map((mask): [string, string] => [
    String(mask),
    key(),
  ]);
  write('keys.json', { epoch: 1, split: Object.fromEntries(split), log: key(), tag: key() });
  return dir;
}
