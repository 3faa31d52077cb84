import {
  deskTicketResponse,
  fileTicketResponse,
  listDeskTicketsResponse,
  listTicketsResponse,
  meResponse,
  messageView,
  noteView,
  ticketResponse,
  ticketView,
} from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { secretsIn } from './secret-fields.js';

/** Everything that routes of tickets answer with. */
const ANSWERS = {
  meResponse,
  fileTicketResponse,
  listTicketsResponse,
  ticketResponse,
  ticketView,
  messageView,
  listDeskTicketsResponse,
  deskTicketResponse,
  noteView,
};

describe('S8 no answer of tickets has a field for a code or a token', () => {
  it.each(Object.entries(ANSWERS))('%s', (_name, schema) => {
    const fields = propertiesOf(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
    expect(fields.length).toBeGreaterThan(3);
    expect(fields.flatMap((field) => secretsIn({ [field]: null }))).toEqual([]);
  });

  it('and a field that is one would be seen', () => {
    expect(secretsIn({ items: [{ code: null }], next: null })).toEqual(['.items.0.code']);
    expect(secretsIn({ challengeId: '0199f3a0-2b1c-7b0a-8c55-6f0d2f7f1a90', hint: '123456' })).toEqual(['.hint']);
    expect(secretsIn({ type: 'about:blank', title: 'No', status: 404, code: 'not_found' })).toEqual([]);
  });
});

/** The names of all members at any depth. */
function propertiesOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(propertiesOf)];
}
