import { z } from 'zod';
import { identifier } from '../persons/persons.js';
import { cloudEvent } from './envelope.js';

export const guestAddressProvenV1 = cloudEvent(
  'guest.address_proven.v1',
  z.object({
    ticketId: identifier.meta({ description: 'The ticket that was filed with the address.' }),
    challengeId: z.uuid({ error: 'must be a UUID' }).meta({ description: 'The question whose code was right.' }),
  }),
);
