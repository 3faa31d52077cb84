const MARK = /([{}[\],:])/;
// Any character from the space on except quotation mark and backslash, or an escape.
const STRING = /("(?:[ -!#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")/;
const OTHER = /(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/;
const TOKEN = new RegExp(`[ \\t\\n\\r]*(?:${MARK.source}|${STRING.source}|${OTHER.source})`, 'y');

type Expected = 'value' | 'value or ]' | 'name or }' | 'name' | ':' | ', or }' | ', or ]' | 'the end';

/**
 * Position of the first syntax error in a JSON text (RFC 8259), for its author: JavaScript's own message depends on the
 * version, and quotes the text. Null when the text is valid.
 */
export function findJsonError(text: string): { line: number; column: number; expected: Expected } | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    const next: Expected | null = token ? step(expected, token, open) : null;
    if (next === null) {
      const position = start + (/^[ \t\n\r]*/.exec(text.slice(start))?.[0].length ?? 0);
      return expected === 'the end' && position === text.length ? null : { ...lineOf(text, position), expected };
    }
    expected = next;
  }
}

/** What may follow this token, or null where it is not allowed. Updates `open`. */
function step(expected: Expected, token: RegExpExecArray, open: ('{' | '[')[]): Expected | null {
  const [, mark, string] = token;
  const isValueExpected = expected === 'value' || expected === 'value or ]';
  if (mark === '{' || mark === '[') {
    if (!isValueExpected) return null;
    open.push(mark);
    return mark === '{' ? 'name or }' : 'value or ]';
  }
  if (mark === '}' || mark === ']') {
    if (!expected.endsWith(`or ${mark}`)) return null;
    open.pop();
    return afterValue(open);
  }
  if (mark === ',') {
    if (!expected.startsWith(',')) return null;
    return expected === ', or }' ? 'name' : 'value';
  }
  if (mark === ':') return expected === ':' ? 'value' : null;
  if (string !== undefined && expected.startsWith('name')) return ':';
  return isValueExpected ? afterValue(open) : null;
}

function afterValue(open: readonly ('{' | '[')[]): Expected {
  const around = open.at(-1);
  if (around === undefined) return 'the end';
  return around === '{' ? ', or }' : ', or ]';
}

function lineOf(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
