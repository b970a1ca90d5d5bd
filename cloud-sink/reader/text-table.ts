/** Rows of words as aligned columns, two spaces between; numbers to the right, words to the left. */

/** `left` are the columns that hold words. Lines have no blanks at their end. */
export function table(rows: readonly (readonly string[])[], left: readonly number[]): string {
  const widths = rows.reduce<number[]>((all, row) => {
    row.forEach((cell, i) => (all[i] = Math.max(all[i] ?? 0, cell.length)));
    return all;
  }, []);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (left.includes(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}
