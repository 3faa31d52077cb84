import { z } from 'zod';
import { cloudEvent } from '../envelope.js';
import { identifier } from '../persons.js';

export const guestAddressProvenV1 = cloudEvent(
  'guest.address_proven.v1',
  z.object({ ticketId: identifier, challengeId: z.uuid() }),
);
