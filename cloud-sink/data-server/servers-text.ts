/** `server 2`, `servers 1 and 3`, `servers 1, 2 and 4`: at least one. */
export function serversText(servers: readonly number[]): string {
  const last = servers.at(-1)!;
  if (servers.length === 1) return `server ${last}`;
  return `servers ${servers.slice(0, -1).join(', ')} and ${last}`;
}
