/** A sensor of one's own: one heart rate a second. Run it where its `credential.json` lies. */
import { readFileSync } from 'node:fs';
import { openDiskJournal } from '@vitalshare/edge/journal/node';
import { Node, parseCredential } from '@vitalshare/edge/loop';
import { connectNode } from '@vitalshare/edge/mqtt';
import { numericColumn } from '@vitalshare/edge/wire';

const readHeartRate = () => 72 + Math.random(); // Beats a minute: put your sensor here.

const credential = parseCredential(readFileSync('credential.json', 'utf8'));
const node = new Node({ credential, journal: await openDiskJournal('journal') });
connectNode(node);
const bootTimeMs = Math.round(performance.timeOrigin);
setInterval(() => {
  const deviceTimeUs = Math.round(performance.now() * 1000);
  const second = Math.floor(deviceTimeUs / 1e6);
  const heart = numericColumn('heart-rate', second, [readHeartRate()]);
  void node.offer({ deviceTimeUs, bootTimeMs, columns: [heart], segments: [], events: [] });
}, 1000);
