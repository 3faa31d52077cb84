import { describe, expect, it } from '@jest/globals';
import { appEnvironment } from './environment.js';

const surroundings = {
  natsUrl: 'nats://tickets:secret@127.0.0.1:4222',
  databaseUrl: 'postgres://127.0.0.1:5433/tickets',
  port: 3001,
  opsPort: 3101,
  publicUrl: 'http://localhost:3000',
  smtpUrl: 'smtp://127.0.0.1:1025',
  issuer: 'http://127.0.0.1:3005',
  audience: 'bellhop',
  keys: { PAYLOAD_KEY: 'key', GUEST_AUTH_KEY: 'another key', ERASURE_KEY: 'a third key' },
  attachmentsFolder: '/data/attachments',
};

describe('the environment of an app under `up`', () => {
  it('points to the servers of `up`, with a short digest window', () => {
    expect(appEnvironment(surroundings, {})).toMatchObject({
      NATS_URL: surroundings.natsUrl,
      DATABASE_URL: surroundings.databaseUrl,
      PORT: '3001',
      OPS_PORT: '3101',
      HOST: '127.0.0.1',
      GUEST_AUTH_KEY: 'another key',
      ERASURE_KEY: 'a third key',
      ATTACHMENTS_FOLDER: '/data/attachments',
      EMAIL_URL: 'smtp://127.0.0.1:1025',
      ALERT_QUIET_SECONDS: '2',
      INBOUND_SYSTEMS: 'crm=https://crm.example.com/',
      OIDC_TRUST_EMAIL: 'true',
    });
  });

  it('lets the inherited environment override the defaults', () => {
    const inheritedEnv = { EMAIL_URL: 'resend://re_123', ALERT_QUIET_SECONDS: '30', DATABASE_POOL_SIZE: '4' };
    expect(appEnvironment(surroundings, inheritedEnv)).toMatchObject(inheritedEnv);
  });

  it('has what pushes need only for the app that sends them', () => {
    const push = { vapidKeys: 'public:private', url: 'http://127.0.0.1:1090' };
    const settings = {
      VAPID_KEYS: 'public:private',
      PUSH_SUBJECT: 'mailto:push@bellhop.example',
      PUSH_LOCAL_SERVICE: 'http://127.0.0.1:1090',
    };
    expect(appEnvironment({ ...surroundings, push }, {})).toEqual({ ...appEnvironment(surroundings, {}), ...settings });
    expect(Object.keys(appEnvironment(surroundings, {}))).not.toContain('VAPID_KEYS');
  });

  it('takes no servers and ports from the inherited environment, and no empty settings', () => {
    const inheritedEnv = {
      PORT: '80',
      OPS_PORT: '81',
      OPS_HOST: '0.0.0.0',
      NATS_URL: 'nats://elsewhere',
      DATABASE_URL: 'postgres://elsewhere',
      EMAIL_URL: '',
    };
    expect(appEnvironment(surroundings, inheritedEnv)).toEqual(appEnvironment(surroundings, {}));
  });
});
