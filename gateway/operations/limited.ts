/** Limits that are met outside of the broker, by their names in `/metrics`. */
export const LIMITED = [
  ...(['http-connections', 'page-rate', 'act-rate', 'log-rate', 'pages', 'followers'] as const),
] as const;
export type Limited = (typeof LIMITED)[number];
