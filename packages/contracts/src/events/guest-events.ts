import { z } from 'zod';
import { identifier } from '../persons/persons.js';
import { cloudEvent, type EventDefinition } from './envelope.js';

export const guestEvents = {
  'guest.address_proven.v1': {
    shape: cloudEvent(
      'guest.address_proven.v1',
      z.object({
        ticketId: identifier.meta({ description: 'The ticket that was filed with the address.' }),
        challengeId: z.uuid({ error: 'must be a UUID' }).meta({ description: 'The challenge that was passed.' }),
      }),
    ),
    emittedWhen: 'a guest has typed the right code, so the mailbox is theirs',
    notified: 'No person. The ticket that was filed with the address opens.',
  },
} as const satisfies Record<string, EventDefinition>;
