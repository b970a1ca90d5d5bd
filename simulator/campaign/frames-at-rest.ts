/**
 * The masked frames of a gateway's logs, read with every key in hand: what tests and campaigns compare
 * keystreams and counts on. A data server sees the same after it has opened the batches.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchReader,
  EMPTY_HEAD,
  KIND,
  decodeMaskedFrame,
  decodeRecords,
  decodeRunRecord,
  decodeStay,
  logRunKey,
  type MaskedFrame,
} from '@vitalshare/cloud-sink/messages';
import { verifier } from '@vitalshare/edge/identity/node';
import { loadGatewayKeys, loadParty } from '@vitalshare/edge/keys/node';
import { fromBase64Url, fromHex } from '@vitalshare/edge/seal';

export interface FrameAtRest {
  readonly log: string;
  /** Of the record in its log. */
  readonly position: number;
  readonly stay: string;
  readonly frame: MaskedFrame;
}

/** Every masked frame of every log of a gateway's folder, in log order. */
export function framesAtRest(gatewayFolder: string): FrameAtRest[] {
  const keys = loadGatewayKeys(gatewayFolder);
  const { identity } = loadParty(gatewayFolder);
  const logs = join(gatewayFolder, 'logs');
  return readdirSync(logs).flatMap((file) => {
    const reader = new BatchReader({ head: EMPTY_HEAD, verify: verifier(identity.sign) });
    const log = file.replace('.log', '');
    const stays = new Map<number, string>();
    const frames: FrameAtRest[] = [];
    let runKey: Uint8Array | null = null;
    for (const batch of reader.push(new Uint8Array(readFileSync(join(logs, file))))) {
      decodeRecords(batch, batch.sealed ? runKey : null).forEach((record, index) => {
        if (record.kind === KIND.run) {
          const { run, salt } = decodeRunRecord(record.bytes);
          runKey = logRunKey(keys.log, fromBase64Url(salt, 32), fromHex(log, 16), run);
        } else if (record.kind === KIND.stay) {
          const { number, stay } = decodeStay(record.bytes);
          stays.set(number, stay);
        } else if (record.kind === KIND.frame) {
          const frame = decodeMaskedFrame(record.bytes);
          const stay = stays.get(frame.stay);
          if (stay === undefined) throw new Error('a masked frame of a stay nobody announced');
          frames.push({ log, position: batch.position + index, stay, frame });
        }
      });
    }
    reader.end();
    return frames;
  });
}
