import type { Channel, Provider } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';

/**
 * The provider that may have taken a delivery already: no other may send it. Undefined when it is not configured any more. A release
 * that had only one provider did not write down which.
 */
export function providerOf(channel: Channel, { provider }: LeasedDelivery): Provider | undefined {
  if (provider === null) return channel.providers[0];
  return channel.providers.find(({ name }) => name === provider);
}
