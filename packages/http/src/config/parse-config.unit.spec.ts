import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError } from './config.errors.js';
import { configFields, integerField } from './config-fields.js';
import { parseConfig } from './parse-config.js';
import { urlField } from './url-field.js';

const { NATS_URL, DATABASE_URL, PUBLIC_URL, PORT, HOST, LOG_LEVEL } = configFields;
const schema = z.object({ NATS_URL, DATABASE_URL, PUBLIC_URL, PORT: PORT.default(3001), HOST, LOG_LEVEL });
const good = {
  NATS_URL: 'nats://tickets:secret@127.0.0.1:4222',
  DATABASE_URL: 'postgres://tickets:secret@127.0.0.1:5432/tickets',
  PUBLIC_URL: 'http://localhost:3000',
};

function problemsOf(changes: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig(schema, { ...good, ...changes });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseConfig', () => {
  it('reads typed settings and fills in defaults', () => {
    expect(parseConfig(schema, { ...good, PORT: '8080', OTHER: 'ignored' })).toEqual({
      ...good,
      PORT: 8080,
      HOST: '0.0.0.0',
      LOG_LEVEL: 'info',
    });
    expect(parseConfig(schema, good).PORT).toBe(3001);
  });

  it('names every problem in one message', () => {
    const problems = problemsOf({ NATS_URL: undefined, DATABASE_URL: 'localhost/tickets', PORT: 'web' });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['NATS_URL', 'DATABASE_URL', 'PORT']);
    expect(new ConfigError(problems).message).toContain('3 settings are missing or unusable');
  });

  it.each(['', '   '])('takes %j for missing, and says what it is for and how it looks', (value) => {
    expect(problemsOf({ NATS_URL: value })).toEqual([
      'NATS_URL is missing: the NATS server (several separated by commas), with the user of this service, for example nats://user:password@127.0.0.1:4222',
    ]);
  });

  it('uses the default of a setting that is empty', () => {
    expect(parseConfig(schema, { ...good, PORT: '', LOG_LEVEL: '' })).toMatchObject({ PORT: 3001, LOG_LEVEL: 'info' });
  });

  it.each([
    ['NATS_URL', '127.0.0.1:4222', 'has no scheme (nats:// or tls://)'],
    ['NATS_URL', 'http://127.0.0.1:4222', 'begins with http:// but must begin with nats:// or tls://'],
    ['NATS_URL', 'nats://a:4222,b:4222', 'has no scheme'],
    ['NATS_URL', 'nats://a:4222/stream', 'must end after host and port'],
    ['DATABASE_URL', 'postgres://u:p@localhost:5432', 'names no database after the host'],
    ['DATABASE_URL', 'postgres://u:p#w@localhost/db', 'percent-encoded'],
    ['DATABASE_URL', 'postgres://u:p w@localhost/db', 'contains a space'],
    ['PUBLIC_URL', 'support.example.com', 'has no scheme (http:// or https://)'],
    ['PUBLIC_URL', 'https://user@support.example.com', 'must have no user or password'],
    ['PUBLIC_URL', 'https://user:secret@support.example.com', 'must have no user or password'],
    ['PUBLIC_URL', 'https://support.example.com/?from=mail', 'must end after host, port and path'],
    ['PUBLIC_URL', 'https://support.example.com/?', 'must end after host, port and path'],
    ['PUBLIC_URL', 'https://support.example.com/#top', 'must end after host, port and path'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PORT', '3001.5', 'must be a whole number from 0 to 65535'],
    ['LOG_LEVEL', 'loud', 'must be one of debug, info, warn, error'],
  ])('says of %s=%s that it %s', (name, value, said) => {
    const [problem, ...others] = problemsOf({ [name]: value });
    expect(others).toEqual([]);
    expect(problem).toMatch(new RegExp(`^${name} `));
    expect(problem).toContain(said);
  });

  it('never repeats a value, since it may hold a password', () => {
    const secret = 'hunter2-hunter2';
    const names = ['NATS_URL', 'DATABASE_URL', 'PUBLIC_URL', 'PORT', 'LOG_LEVEL'];
    const values = [secret, `x://u:${secret}@h`, `postgres://u:${secret}@h`, `nats://u:${secret}@h/p`, `${secret} `];
    for (const value of values) {
      const problems = problemsOf(Object.fromEntries(names.map((name) => [name, value])));
      expect(problems.length).toBeGreaterThan(3);
      expect(problems.join('\n')).not.toContain(secret);
    }
  });

  it('takes several NATS servers and cuts the slash at the end of PUBLIC_URL', () => {
    const config = parseConfig(schema, {
      ...good,
      NATS_URL: 'nats://a:4222, nats://b:4222',
      PUBLIC_URL: 'https://x.io/',
    });
    expect(config).toMatchObject({ NATS_URL: 'nats://a:4222, nats://b:4222', PUBLIC_URL: 'https://x.io' });
  });

  it('lets an app add its own fields', () => {
    const own = z.object({
      EMAIL_URL: urlField({
        schemes: ['smtp', 'smtps'],
        description: 'the mail server',
        example: 'smtp://127.0.0.1:1025',
      }),
      LEASE_SECONDS: integerField({
        min: 5,
        max: 3_600,
        unit: 'seconds',
        description: 'how long a claim lasts',
      }).default(60),
    });
    expect(parseConfig(own, { EMAIL_URL: 'smtp://u:p@127.0.0.1:1025' }).LEASE_SECONDS).toBe(60);
    expect(() => parseConfig(own, { EMAIL_URL: 'smtp://h', LEASE_SECONDS: '4' })).toThrow(
      'LEASE_SECONDS must be a whole number',
    );
  });
});
