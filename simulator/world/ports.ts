/** Ports of this machine: which are free, and a sentence where one is not. */
import { createServer } from 'node:net';
import { UserError } from '@vitalshare/edge/command/node';

export const HOST = '127.0.0.1';

/** A port the system says is free. Somebody may still take it first; whoever listens will say so. */
export const freePort = async (): Promise<number> => (await listenOnce(0)) ?? freePort();

export const isFree = async (port: number): Promise<boolean> => (await listenOnce(port)) !== null;

/** `wanted`, or a free one for 0. Throws UserError that names `option` where it is taken. */
export async function takePort(wanted: number, option: string): Promise<number> {
  if (wanted === 0) return freePort();
  if (await isFree(wanted)) return wanted;
  throw new UserError(
    `port ${wanted} is in use or not allowed; choose another with ${option} (${option} 0 takes a free one).`,
  );
}

/** The port listened on, or `null` where that is not possible. */
function listenOnce(port: number): Promise<number | null> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(null));
    server.listen({ host: HOST, port, exclusive: true }, () => {
      const address = server.address();
      const got = typeof address === 'object' && address !== null ? address.port : null;
      server.close(() => settle(got));
    });
  });
}
