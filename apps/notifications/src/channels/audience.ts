import type { Audience } from '@bellhop/email-templates';
import type { Content } from './channel.js';

/** For whom the words are. */
export function audienceOf({ recipient, isOfOtherSystem }: Content): Audience {
  if (recipient.role !== 'requester') return 'agent';
  if (recipient.kind !== 'guest') return 'customer';
  // Only links of ours ask for a code; what another system's link does is not for us to promise.
  return isOfOtherSystem ? 'inbound_guest' : 'guest';
}
