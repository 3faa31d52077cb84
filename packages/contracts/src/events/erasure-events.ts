import { z } from 'zod';
import { stringOf } from '../shape.js';
import { cloudEvent, type EventDefinition } from './envelope.js';

/** HMAC-SHA-256 of who somebody is, under a key that our services share: a reader of the stream learns no address. */
const personHash = stringOf(/^[0-9a-f]{64}$/, '64 hexadecimal digits').meta({ examples: ['0'.repeat(64)] });

export const erasureEvents = {
  'erasure.requested.v1': {
    shape: cloudEvent(
      'erasure.requested.v1',
      z.object({
        erasureId: z
          .uuid({ error: 'must be a UUID' })
          .meta({ description: 'The erasure, in the register of each service.' }),
        person: personHash.meta({
          description: 'A keyed hash of who it is about. Never an address, never an account.',
        }),
      }),
    ),
    emittedWhen: 'an operator has asked that a person be forgotten',
    notified: 'No person. Every service erases what it has of them.',
  },
} as const satisfies Record<string, EventDefinition>;
