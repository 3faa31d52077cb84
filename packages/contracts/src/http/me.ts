import { z } from 'zod';
import { ROLES } from '../constants/words.js';
import { timestamp } from '../events/envelope.js';

const known = {
  /** Null: nobody has said. */
  locale: z.string().nullable(),
  /** Of those that mean something to us. */
  roles: z.array(z.enum(ROLES)),
  /** When the token or the session ends. */
  expiresAt: timestamp,
};

/**
 * `GET /me`: who asks, for everybody with a token or a guest's session. It does not keep an idle session alive. A guest is told the address
 * masked (`j***@e***`): whoever finds the browser open must not learn it.
 */
export const meResponse = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), id: z.string(), ...known }),
  z.object({ kind: z.literal('guest'), address: z.string(), ...known }),
]);

export type MeResponse = z.infer<typeof meResponse>;
