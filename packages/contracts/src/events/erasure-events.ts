import { z } from 'zod';
import { stringOf } from '../shape.js';
import { cloudEvent } from './envelope.js';

/** HMAC-SHA-256 of who somebody is, under a key that our services share: whoever reads the stream learns nobody's address. */
export const personHash = stringOf(/^[0-9a-f]{64}$/, '64 hexadecimal digits');

export const erasureRequestedV1 = cloudEvent(
  'erasure.requested.v1',
  z.object({
    erasureId: z
      .uuid({ error: 'must be a UUID' })
      .meta({ description: 'The erasure, in the register of each service.' }),
    person: personHash.meta({ description: 'A keyed hash of who it is about. Never an address, never an account.' }),
  }),
);
