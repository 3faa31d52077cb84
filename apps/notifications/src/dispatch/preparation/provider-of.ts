import type { Channel, Provider } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';

/**
 * The provider that may have taken a delivery already: no other may send it. Undefined when it is not configured any more. Where only one
 * is configured, it is that one under whatever address: a release that knew only one did not write down which, and an address may change.
 */
export function providerOf(channel: Channel, { provider }: LeasedDelivery): Provider | undefined {
  const { providers } = channel;
  return providers.length === 1
    ? providers[0]
    : providers.find(({ name }) => name === (provider ?? providers[0]?.name));
}
