/** One line of `doctor`: what was looked at, how it is, what to do. Only a problem fails. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'note' | 'problem';
  readonly detail: string;
  /** What to do; present unless all is well. */
  readonly cure?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail });

export const note = (check: string, detail: string, cure: string): Finding => ({
  check,
  state: 'note',
  detail,
  cure,
});

export const problem = (check: string, detail: string, cure: string): Finding => ({
  check,
  state: 'problem',
  detail,
  cure,
});
