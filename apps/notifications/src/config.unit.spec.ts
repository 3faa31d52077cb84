import { ConfigError, parseConfig } from '@bellhop/http';
import { describe, expect, it } from '@jest/globals';
import { configSchema, Settings } from './config.js';

const complete = {
  NATS_URL: 'nats://n:secret@127.0.0.1:4222',
  DATABASE_URL: 'postgres://p:secret@127.0.0.1:5432/notifications',
  PUBLIC_URL: 'https://support.example.com/',
  OIDC_ISSUER: 'https://login.example.com',
  OIDC_AUDIENCE: 'bellhop',
  EMAIL_URL: 'smtps://user:secret@mail.example.com',
  EMAIL_FROM: 'Example <support@example.com>',
  PAYLOAD_KEY: Buffer.alloc(32, 1).toString('base64'),
  ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
  INBOUND_SYSTEMS: 'crm=https://crm.example.com/, erp=https://erp.example.com/help/',
};

function problems(env: Record<string, string>): string {
  try {
    parseConfig(configSchema, env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe('settings', () => {
  it('are read into what the code uses', () => {
    const settings = new Settings(parseConfig(configSchema, complete));
    expect(settings.publicUrl).toBe('https://support.example.com');
    expect(settings.sender.bounce).toBe('support@example.com');
    expect([...settings.inboundSystems.keys()]).toEqual(['crm', 'erp']);
    expect(settings.digestWindow.quietMs).toBe(120_000);
  });

  it('that are missing or wrong are all named at once, and no secret is repeated', () => {
    const said = problems({
      EMAIL_URL: 'smtp://user:secret@mail.example.com/path',
      EMAIL_FROM: 'nobody',
      PAYLOAD_KEY: 'secret',
      INBOUND_SYSTEMS: 'bellhop=https://x.example.com/',
      ALERT_QUIET_SECONDS: 'soon',
    });
    for (const name of [
      'NATS_URL',
      'DATABASE_URL',
      'PUBLIC_URL',
      'OIDC_ISSUER',
      'EMAIL_URL',
      'EMAIL_FROM',
      'PAYLOAD_KEY',
      'INBOUND_SYSTEMS',
      'ALERT_QUIET_SECONDS',
    ]) {
      expect(said).toContain(name);
    }
    expect(said).not.toContain('secret');
    expect(said).toContain('openssl rand -base64 32');
  });

  it.each([
    'crm',
    'crm=ftp://x',
    'CRM=https://x.example.com/',
    'crm=https://',
    '=https://x.example.com/',
    'crm=https://*.example.com/',
    'crm=https://u:p@x.example.com/',
    'crm=https://x.example.com/?a',
  ])('INBOUND_SYSTEMS refuses %s', (value) => {
    expect(problems({ ...complete, INBOUND_SYSTEMS: value })).toMatch(/INBOUND_SYSTEMS .*crm=https:/);
  });

  it('RESEND_WEBHOOK_SECRETS are secrets, none when there are none, and no wrong one is repeated', () => {
    const secretsOf = (setting: string) =>
      new Settings(parseConfig(configSchema, { ...complete, RESEND_WEBHOOK_SECRETS: setting })).webhookSecrets;
    const secrets = [Buffer.alloc(24, 1), Buffer.alloc(32, 2)].map((key) => `whsec_${key.toString('base64')}`);
    expect(secretsOf(secrets.join(', '))).toEqual(secrets);
    expect(secretsOf('')).toEqual([]);
    const said = problems({ ...complete, RESEND_WEBHOOK_SECRETS: 'whsec_secret' });
    expect(said).toMatch(/RESEND_WEBHOOK_SECRETS .*whsec_…/);
    expect(said).not.toContain('whsec_secret');
  });

  it('a digest window longer than the maximum wait is refused, and not reported as missing', () => {
    const rule = /ALERT_MAX_WAIT_SECONDS must not be less than ALERT_QUIET_SECONDS/;
    expect(problems({ ...complete, ALERT_QUIET_SECONDS: '700' })).toMatch(rule);
    expect(problems({ ...complete, ALERT_QUIET_SECONDS: '700', ALERT_MAX_WAIT_SECONDS: '600' })).toMatch(rule);
  });

  it('a window that is no number is reported as one problem only', () => {
    expect(problems({ ...complete, ALERT_QUIET_SECONDS: '2s' })).not.toContain('ALERT_MAX_WAIT_SECONDS');
  });

  it('says once that a value cannot be used', () => {
    const said = problems({ ...complete, PAYLOAD_KEY: 'secret', EMAIL_FROM: 'nobody', INBOUND_SYSTEMS: 'crm' });
    expect(said).not.toMatch(/cannot be used: cannot/);
  });
});
