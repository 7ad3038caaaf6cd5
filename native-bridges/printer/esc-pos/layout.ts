/**
 * Lines of a fixed number of columns. Everything counts letters: font A gives each one column, and `printable` has made
 * every letter one the printer has.
 */

/** Breaks at spaces (not at no-break spaces); a word longer than a line is broken where the line ends. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length <= columns) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (rest.length > columns) {
      lines.push(rest.slice(0, columns));
      rest = rest.slice(columns);
    }
    line = rest;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

const GAP = 2;

/**
 * Label at the left, value at the right end. A short value stays on one line and a long label is wrapped beside it, the
 * value on its last line, so that amounts stay in their column. A long value is wrapped, right-aligned, beside its label,
 * or below it where a word (a receipt number, an account) would have to be broken.
 */
export function pairLines(label: string, value: string, columns: number): string[] {
  if (label.length + GAP + value.length <= columns) return [justified(label, value, columns)];
  if (value.length <= columns / 2) {
    const labels = wrap(label, columns - value.length - GAP);
    return labels.map((part, i) => (i === labels.length - 1 ? justified(part, value, columns) : part));
  }
  const beside = columns - label.length - GAP;
  if (label.length <= columns / 2 && longestWord(value) <= beside)
    return wrap(value, beside).map((part, i) => justified(i === 0 ? label : '', part, columns));
  return [...wrap(label, columns), ...wrap(value, columns).map((part) => part.padStart(columns))];
}

const justified = (left: string, right: string, columns: number): string =>
  left + right.padStart(columns - left.length);

const longestWord = (text: string): number => Math.max(...text.split(' ').map((word) => word.length));
