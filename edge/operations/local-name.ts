/**
 * Whether a request names this machine: what is for this machine only is refused by its Host header, so
 * that a page of another site that points a name of its own here (DNS rebinding) gets nothing.
 */
const LOCAL_NAME = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

export const isLocalName = (host: string | undefined): boolean => LOCAL_NAME.test(host ?? '');
