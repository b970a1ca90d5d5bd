/**
 * What is there: stays, labels, and which vital sign is present when (PROTOCOL.md, /catalogue).
 * Every server knows this anyway; no value and no share is near it.
 */
import { LEADS, vitalOfCode, waveformOfCode } from '@vitalshare/edge/vital';
import type { Catalogue, CatalogueStay } from '../messages/answer-bodies.ts';
import type { Snapshot } from '../messages/query.ts';
import type { Books } from './books.ts';
import { type Member, membersAsOf } from './cohort.ts';
import { type Span, widen } from './state.ts';

/** As of now: `heads` says how far that is. */
export function makeCatalogue(books: Books): Catalogue {
  const heads = headsOf(books);
  return { heads, stays: membersAsOf(books, heads).map(stayOf) };
}

export const headsOf = (books: Books): Snapshot =>
  Object.fromEntries(books.logs.map(({ log, position }) => [log, position]));

function stayOf(member: Member): CatalogueStay {
  const { tag, admitted, labels } = member.version;
  const vitals: Record<string, Span & { rows: number }> = {};
  const waveforms: Record<string, Span & { channel: string; lead: string }> = {};
  for (const { state } of member.parts) {
    for (const [code, { rows, from, to }] of Object.entries(state.vitals)) {
      const name = vitalOfCode(Number(code))?.name;
      if (name === undefined) continue; // Newer than this server's vocabulary.
      widen(vitals, name, from, to, (span) => ({ ...span, rows: 0 })).rows += rows;
    }
    for (const [codes, { from, to }] of Object.entries(state.waveforms)) {
      const [channelCode, leadCode] = codes.split('.').map(Number);
      const channel = waveformOfCode(channelCode!)?.name;
      const lead = LEADS[leadCode!];
      if (channel === undefined || lead === undefined) continue;
      widen(waveforms, codes, from, to, (span) => ({ ...span, channel, lead }));
    }
  }
  return { stay: member.stay, tag, admitted, labels, vitals, waveforms: Object.values(waveforms) };
}
