/**
 * Whether a process can do its work now: `GET /readyz` answers 200, or 503 with problem+json (RFC 9457)
 * that names everything that is missing. Alive (`/healthz`) is another question: a gateway whose disk is
 * full lives and is not ready.
 */
export interface Missing {
  /** A short fixed word for scripts, such as `log-writable`. */
  readonly what: string;
  /** One sentence for people: no key, reading, stay or node. */
  readonly detail: string;
}

export interface Readiness {
  readonly status: 200 | 503;
  readonly type: string;
  readonly body: string;
}

export function readiness(missing: readonly Missing[], numbers: object = {}): Readiness {
  if (missing.length === 0) {
    const body = JSON.stringify({ ready: true, ...numbers });
    return { status: 200, type: 'application/json', body };
  }
  const body = JSON.stringify({
    type: 'urn:vitalshare:problem:not-ready',
    title: 'This process cannot do its work now',
    status: 503,
    detail: missing.map(({ detail }) => detail).join('; '),
    code: 'not-ready',
    ...numbers,
    missing,
  });
  return { status: 503, type: 'application/problem+json', body };
}
