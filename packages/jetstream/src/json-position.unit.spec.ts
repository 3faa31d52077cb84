import { describe, expect, it } from '@jest/globals';
import { findJsonError } from './json-position.js';

const event = JSON.stringify({
  specversion: '1.0',
  id: 'e-1',
  data: {
    ticket: { number: '7K4M2Q', version: 7, tags: [1, -2.5e3, true, null, [], {}] },
    text: 'a "b" \\ é 😀 \u0001',
  },
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('findJsonError', () => {
  it.each([
    ['{"a":1', 1, 7, ', or }'],
    ['{"a" 1}', 1, 6, ':'],
    ['{a:1}', 1, 2, 'name or }'],
    ["{'a':1}", 1, 2, 'name or }'],
    ['{"a":1,}', 1, 8, 'name'],
    ['[1,]', 1, 4, 'value'],
    ['[1 2]', 1, 4, ', or ]'],
    ['[', 1, 2, 'value or ]'],
    ['{"a":undefined}', 1, 6, 'value'],
    ['{"a":01}', 1, 7, ', or }'],
    ['{"a":"b\nc"}', 1, 6, 'value'],
    ['{\n  "a": 1,\n  "b": nul\n}', 3, 8, 'value'],
    ['{"a":1} tail', 1, 9, 'the end'],
    ['hello', 1, 1, 'value'],
    ['  ', 1, 3, 'value'],
    ['[1}', 1, 3, ', or ]'],
  ])('says where %j stops being JSON', (text, line, column, expected) => {
    expect(findJsonError(text)).toEqual({ line, column, expected });
  });

  it.each(['{}', '[]', ' {"a":[{}, "x", 0, -1.5E+3, true, false, null]}\n', '"text"', '12', event])(
    'finds nothing wrong with %j',
    (text) => {
      expect(findJsonError(text)).toBeNull();
    },
  );

  it('agrees with JSON.parse wherever one character of an event is missing, doubled or wrong', () => {
    for (let at = 0; at < event.length; at++) {
      const [head, tail] = [event.slice(0, at), event.slice(at)];
      for (const text of [head + tail.slice(1), head + tail[0] + tail, ...'{}[],:"\\ 0x\n'].map((c) =>
        c.length === 1 ? head + c + tail.slice(1) : c,
      ))
        expect({ text, isJson: findJsonError(text) === null }).toEqual({ text, isJson: isJson(text) });
    }
  });

  it('copes with a long string and with deep nesting', () => {
    expect(findJsonError(`{"a":"${'x'.repeat(262_144)}"`)).toMatchObject({ expected: ', or }' });
    expect(findJsonError(`${'['.repeat(100_000)}x`)).toMatchObject({ column: 100_001, expected: 'value or ]' });
  });
});
