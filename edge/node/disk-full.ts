/** Full, or beyond a quota: the one failure of a disk that leaves what was written before as it was. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
