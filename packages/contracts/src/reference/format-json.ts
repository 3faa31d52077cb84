const LINE_WIDTH = 120;

/** JSON as the formatter of this repository writes it: objects over several lines, lists of plain values on one if they fit. */
export function formatJson(value: unknown): string {
  return `${format(value, '', 0)}\n`;
}

/** @param lead characters before the value on its line */
function format(value: unknown, indent: string, lead: number): string {
  if (Array.isArray(value)) return formatArray(value, indent, lead);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const lines = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => {
      const name = `${inner}${JSON.stringify(key)}: `;
      return name + format(field, inner, name.length);
    });
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
}

function formatArray(values: unknown[], indent: string, lead: number): string {
  const isPlain = values.every((value) => typeof value !== 'object' || value === null);
  const line = `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
  if (values.length === 0 || (isPlain && lead + line.length < LINE_WIDTH)) return line;
  const inner = `${indent}  `;
  return `[\n${values.map((value) => inner + format(value, inner, inner.length)).join(',\n')}\n${indent}]`;
}
