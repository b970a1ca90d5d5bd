/** Values of the store that are JSON (`store.ts`): written by this server, under a checksum, so trusted. */
import { utf8 } from '@vitalshare/edge/seal';

export const encodeJson = (value: unknown) => utf8(JSON.stringify(value));

export const decodeJson = (bytes: Uint8Array): unknown =>
  JSON.parse(new TextDecoder().decode(bytes));
