import { Logger } from '@nestjs/common';
import type { PayloadKey } from '../../payload/payload-keys.js';
import { personKeyOf } from '../../planning/recipients.js';
import { openPhrase } from '../../preferences/phrase.js';
import type { LeasedDelivery } from '../delivery.js';
import type { PreSendState } from './load-pre-send-state.js';

const log = new Logger('phrases');

/** The phrases of recipients who have one, by delivery. A mail whose phrase cannot be read goes without it, rather than not at all. */
export async function openPhrases(
  deliveries: readonly LeasedDelivery[],
  states: ReadonlyMap<string, PreSendState>,
  keys: readonly PayloadKey[],
): Promise<ReadonlyMap<string, string>> {
  const phrases = new Map<string, string>();
  await Promise.all(
    deliveries.map(async ({ id, recipientKey }) => {
      const sealed = states.get(id)?.choice.sealedPhrase;
      if (!sealed) return;
      try {
        phrases.set(id, await openPhrase(sealed, personKeyOf(recipientKey) ?? '', keys));
      } catch (error) {
        const message = 'phrase left out of a mail: was its key removed from PAYLOAD_KEY too early?';
        log.warn({ message, delivery: id, error });
      }
    }),
  );
  return phrases;
}
