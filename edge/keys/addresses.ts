/**
 * `addresses.json`: where a party listens and where it finds the others. No secret, in no digest.
 *
 *   { "listen"?: {"host", "port"}, "mqtt"?: {"host", "port"}, "gateway": url, "dataServers": [url…],
 *     "origins"?: [origin…] }
 */
import { ORIGINS_MAX } from '../limits.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Addresses {
  /** Where this party's HTTP listens. */
  readonly listen?: Endpoint;
  /** Where this party's MQTT broker listens (gateway). */
  readonly mqtt?: Endpoint;
  readonly gateway: string;
  /** The j-th is server j's. */
  readonly dataServers: readonly string[];
  /** Pages that may ask this data server from a browser, `https://host[:port]` each; none if absent. */
  readonly origins?: readonly string[];
}

/** A URL of a host and a port; RFC 3986 puts an IPv6 address in brackets. */
export const urlAt = (scheme: 'http' | 'mqtt', { host, port }: Endpoint): string =>
  `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Throws TypeError that names the field; unknown fields are ignored. */
export function parseAddresses(value: unknown, servers: number): Addresses {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('addresses must be an object');
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const dataServers = fields.get('dataServers');
  if (!Array.isArray(dataServers) || dataServers.length !== servers) {
    throw new TypeError(`dataServers must be a list of ${servers} addresses`);
  }
  const listen = fields.get('listen');
  const mqtt = fields.get('mqtt');
  const origins = fields.get('origins');
  return {
    ...(listen === undefined ? {} : { listen: endpoint('listen', listen) }),
    ...(mqtt === undefined ? {} : { mqtt: endpoint('mqtt', mqtt) }),
    gateway: url('gateway', fields.get('gateway')),
    dataServers: dataServers.map((item: unknown, index) => url(`dataServers[${index}]`, item)),
    ...(origins === undefined ? {} : { origins: originsOf(origins) }),
  };
}

function endpoint(field: string, value: unknown): Endpoint {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const host = fields.get('host');
  const port = fields.get('port');
  const portIsOne =
    typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535;
  if (typeof host === 'string' && host !== '' && portIsOne) return { host, port };
  throw new TypeError(`${field} must be {"host", "port"} with a port from 0 to 65535`);
}

function url(field: string, value: unknown): string {
  if (typeof value === 'string' && URL.canParse(value)) {
    const { protocol } = new URL(value);
    if (protocol === 'http:' || protocol === 'https:') return value;
  }
  throw new TypeError(`${field} must be an http or https address`);
}

/** Spelled as a browser sends them, for they are compared as text. */
function originsOf(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > ORIGINS_MAX) {
    throw new TypeError(`origins must be a list of at most ${ORIGINS_MAX}`);
  }
  return value.map((item: unknown, index) => {
    const text = url(`origins[${index}]`, item);
    if (new URL(text).origin === text && !text.includes('*')) return text;
    throw new TypeError(`origins[${index}] must be an origin such as https://ward.example`);
  });
}
