/**
 * Whether a port can be had, asked before the log is touched: a start that must fail leaves no run
 * behind. The real `listen` still decides; between the two somebody may take the port.
 */
import { createServer } from 'node:net';

export interface Place {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** Rejects with what `listen` says. */
export async function probePort({ host, port }: Place): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}
