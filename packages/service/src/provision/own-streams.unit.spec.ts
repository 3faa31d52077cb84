import { streams } from '@bellhop/contracts/streams';
import { describe, expect, it } from '@jest/globals';
import { ownStreams, streamMaxBytes } from './own-streams.js';

describe('the streams of a service', () => {
  it('are those it owns, as the contract defines them', () => {
    expect(ownStreams('tickets', undefined)).toEqual([streams.TICKETS]);
  });

  it('have the size that the operator chose, where one was chosen', () => {
    const sizes = streamMaxBytes.parse('INBOUND=1048576, TICKETS=2097152,INBOUND_3=3145728');
    const own = ownStreams('notifications', sizes);
    expect(own).toContainEqual({ ...streams.INBOUND, maxBytes: 1_048_576 });
    expect(own).toContainEqual({ ...streams.INBOUND_3, maxBytes: 3_145_728 });
    for (const stream of [streams.INBOUND_2, streams.NOTIFICATIONS]) expect(own).toContainEqual(stream);
  });

  it.each([
    'INBOUND',
    'INBOUND_9=1048576',
    'INBOUND_CRM=1048576',
    'INBOUND=5GiB',
    'INBOUND=0',
    'NOTHING=1048576',
    'constructor=1048576',
    '',
  ])('refuse %j', (text) => {
    expect(streamMaxBytes.safeParse(text).success).toBe(false);
  });
});
