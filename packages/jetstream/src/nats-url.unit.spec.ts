import { describe, expect, it } from '@jest/globals';
import { parseNatsUrl } from './nats-url.js';

describe('parseNatsUrl', () => {
  it('takes user and password out of the address', () => {
    expect(parseNatsUrl('nats://tickets:p%40ss@nats.internal:4333')).toEqual({
      servers: ['nats.internal:4333'],
      user: 'tickets',
      pass: 'p@ss',
    });
  });

  it('takes a lone name for a token, and port 4222 when none is given', () => {
    expect(parseNatsUrl('nats://s3cret@localhost')).toEqual({ servers: ['localhost:4222'], token: 's3cret' });
    expect(parseNatsUrl('127.0.0.1:4222')).toEqual({ servers: ['127.0.0.1:4222'] });
  });

  it('takes a cluster, with the credentials of the first that has some', () => {
    expect(parseNatsUrl('nats://u:p@a:1, nats://b:2,tls://c')).toEqual({
      servers: ['a:1', 'b:2', 'c:4222'],
      user: 'u',
      pass: 'p',
      tls: {},
    });
  });

  it('says what it should look like, without repeating what may hold a password', () => {
    expect(() => parseNatsUrl('nats://u:geheim@ho st')).toThrow('NATS_URL must look like');
    expect(() => parseNatsUrl('nats://u:geheim@ho st')).not.toThrow('geheim');
  });
});
