/**
 * A whole gateway in the test's own process: real broker, sockets and HTTP, on a disk that can fail
 * and a clock that can be set. Data servers are a list of heads and tags.
 */
import { randomBytes } from 'node:crypto';
import { once, type EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchReader,
  decodeMaskedFrame,
  decodeRecords,
  decodeRunRecord,
  EMPTY_HEAD,
  KIND,
  logRunKey,
  type MaskedFrame,
  type ServerHead,
} from '@vitalshare/cloud-sink/messages';
import { signer, verifier } from '@vitalshare/edge/identity/node';
import { loadGatewayKeys, loadParty } from '@vitalshare/edge/keys/node';
import type { NodeCredential } from '@vitalshare/edge/loop';
import { fromBase64Url, fromHex } from '@vitalshare/edge/seal';
import {
  type Answer,
  encodePayload,
  type Frame,
  openAnswer,
  sealFrame,
} from '@vitalshare/edge/wire';
import mqtt, { type MqttClient } from 'mqtt';
import { type Gateway, startGateway } from './gateway.ts';
import type { Disk } from './log/disk.ts';
import { MemoryDisk } from './log/memory-disk.fixture.ts';
import type { Page } from './page.ts';
import { enroll } from './registry/enroll.ts';
import { nodeFiles, writeEntry } from './registry/node-files.ts';
import type { NodeFiles } from './registry/registry.ts';
import type { HeadAsker } from './window/recover.ts';
import { makeWorldFolder } from './world.fixture.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export class Bench {
  readonly folder: string;
  disk: Disk;
  home: Disk = new MemoryDisk();
  nowMs = 1_800_000_000_000;
  /** What the data servers answer; a server that is not there does not. */
  heads: ServerHead[] = [];
  headOf: HeadAsker['head'] = (server) => {
    const head = this.heads.find((each) => each.server === server);
    return head ? Promise.resolve(head) : Promise.reject(new Error('not there'));
  };
  tagsOf: (log: string, from: number) => { next: number; tags: Uint8Array[] } = (_, from) => ({
    next: from,
    tags: [],
  });
  readonly said: string[] = [];
  monotonicMs = (): number => performance.now();
  gateway: Gateway | undefined;
  readonly files: NodeFiles;
  page: () => Promise<Page> = () => Promise.resolve(new Map());
  readonly #parent: string;
  readonly #clients: MqttClient[] = [];
  readonly #timers: (() => void)[] = [];

  constructor(disk: Disk = new MemoryDisk(), world: Parameters<typeof makeWorldFolder>[1] = {}) {
    this.disk = disk;
    this.#parent = mkdtempSync(join(tmpdir(), 'vitalshare-gateway-'));
    this.folder = join(makeWorldFolder(this.#parent, world), 'gateway');
    this.files = nodeFiles(this.folder);
  }

  get party() {
    return loadParty(this.folder);
  }

  /** Every server answers that it knows these logs up to here. */
  serversKnow(heads: ServerHead['heads']): void {
    const config = this.party.configDigest;
    this.heads = [1, 2, 3].map((server) => ({ server, config, heads, epoch: 1 }));
  }

  async start(): Promise<Gateway> {
    const { party } = this;
    this.gateway = await startGateway({
      ...{ party, keys: loadGatewayKeys(this.folder), random, headWaitMs: 0 },
      ...{ disk: this.disk, home: this.home, nodes: this.files },
      servers: {
        count: party.configuration.servers,
        head: (server, signal) => this.headOf(server, signal),
        tags: async (_server, log, from) => Promise.resolve(this.tagsOf(log, from)),
      },
      page: () => this.page(),
      http: { host: '127.0.0.1', port: 0 },
      mqtt: { host: '127.0.0.1', port: 0 },
      tools: {
        sign: signer(party.identity),
        clock: () => this.nowMs,
        // Two minutes are two minutes: the scrub of the log does not come in a test.
        sleep: (ms, signal) =>
          sleep(ms >= 120_000 ? ms : Math.min(ms, 20), undefined, signal && { signal }).catch(
            () => undefined,
          ),
      },
      every: (_ms, run) => {
        this.#timers.push(run);
        return () => undefined;
      },
      monotonicMs: () => this.monotonicMs(),
      say: (sentence) => this.said.push(sentence),
    });
    return this.gateway;
  }

  /** What timers would do now. */
  tick(): void {
    for (const run of this.#timers) run();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.endAsync(true)));
    await this.gateway?.close();
    this.gateway = undefined;
    this.#timers.length = 0;
  }

  remove(): void {
    rmSync(this.#parent, { recursive: true });
  }

  async enroll(node: string, labels = {}): Promise<NodeCredential> {
    const made = enroll({ node, labels, mqttUrl: 'mqtt://127.0.0.1:1' }, random);
    await writeEntry(this.folder, made.entry);
    return made.credential;
  }

  async connect(credential: NodeCredential): Promise<TestNode> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${this.gateway!.mqttPort}`, {
      username: credential.node,
      password: credential.password,
      reconnectPeriod: 0,
    });
    this.#clients.push(client);
    client.on('error', () => undefined);
    await once(client as unknown as EventEmitter, 'connect');
    await client.subscribeAsync(`vitalshare/${credential.node}/down`);
    return new TestNode(client, credential);
  }

  async status(): Promise<GatewayStatus> {
    const response = await fetch(`http://127.0.0.1:${this.gateway!.httpPort}/status.json`);
    return (await response.json()) as GatewayStatus;
  }

  /** Every masked frame of one log, as a data server would read it over HTTP. */
  async frames(log = this.gateway!.log): Promise<MaskedFrame[]> {
    const keys = loadGatewayKeys(this.folder);
    const url = `http://127.0.0.1:${this.gateway!.httpPort}/log/${log}?from=0`;
    const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
    const verify = verifier(this.party.identity.sign);
    const reader = new BatchReader({ head: EMPTY_HEAD, verify });
    let key: Uint8Array | null = null;
    const frames: MaskedFrame[] = [];
    for (const batch of reader.push(bytes)) {
      for (const { kind, bytes: record } of decodeRecords(batch, key)) {
        if (kind === KIND.frame) frames.push(decodeMaskedFrame(record));
        if (kind !== KIND.run) continue;
        const { run, salt } = decodeRunRecord(record);
        key = logRunKey(keys.log, fromBase64Url(salt, 32), fromHex(log, 16), run);
      }
    }
    reader.end();
    return frames;
  }
}

export interface GatewayStatus {
  readonly log: { readonly log: string; readonly position: number; readonly failing: string };
  readonly counters: Readonly<Record<string, number>>;
  readonly sensors: {
    readonly errors: Readonly<Record<string, number>>;
    readonly faulty: readonly Readonly<Record<string, unknown>>[];
  };
  readonly nodes: readonly {
    readonly node: string;
    readonly connected: boolean;
    readonly missing: number;
    readonly refused: Readonly<Record<string, { count: number }>>;
  }[];
}

export class TestNode {
  readonly client: MqttClient;
  readonly credential: NodeCredential;
  readonly answers: Answer[] = [];

  constructor(client: MqttClient, credential: NodeCredential) {
    this.client = client;
    this.credential = credential;
    client.on('message', (_topic, payload) => {
      this.answers.push(openAnswer(credential.node, credential.downKey, payload)!);
    });
  }

  sealed(boot: number, sequence: number, frame: Frame | Uint8Array): Uint8Array {
    const payload = frame instanceof Uint8Array ? frame : encodePayload(frame);
    const { node, upKey, keyEpoch } = this.credential;
    return sealFrame({ node, upKey, keyEpoch, boot, sequence }, payload);
  }

  /** Resolves with PUBACK. */
  async send(bytes: Uint8Array): Promise<void> {
    const topic = `vitalshare/${this.credential.node}/up`;
    await this.client.publishAsync(topic, Buffer.from(bytes), { qos: 1 });
  }

  /** Sends, and resolves when the gateway closed the connection without PUBACK. */
  async refusedWith(bytes: Uint8Array): Promise<void> {
    const closed = once(this.client as unknown as EventEmitter, 'close');
    this.client.publish(`vitalshare/${this.credential.node}/up`, Buffer.from(bytes), { qos: 1 });
    await closed;
  }
}
