import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { push } from '../../test/web-push-client.js';
import { type TemporaryFolder, temporaryFolder } from '../folders.js';
import { PushService } from '../push/push-service.js';
import { DataFolder } from './data-folder.js';

describe('the data folder of `up`', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder('data');
  });
  afterEach(() => folder.remove());

  const data = () => new DataFolder(folder.path, undefined);
  const file = (name: string) => join(folder.path, name);

  it('keeps the VAPID keys of web push to itself, the same for every run', () => {
    const keys = data().vapidKeys();
    expect(keys).toMatch(/^[\w-]{87}:[\w-]{43}$/);
    expect(data().vapidKeys()).toBe(keys);
    expect(readFileSync(file('vapid-keys'), 'utf8')).toBe(keys);
    expect(statSync(file('vapid-keys')).mode & 0o777).toBe(0o600);
  });

  it('has VAPID keys that a push service takes', async () => {
    const [publicKey = '', privateKey = ''] = data().vapidKeys().split(':');
    const service = await PushService.start();
    try {
      const vapidDetails = { subject: 'mailto:push@bellhop.example', publicKey, privateKey };
      const answer = await push(service.subscribe({ vapidKey: publicKey }), 'Hello', { vapidDetails });
      expect(answer.status).toBe(201);
    } finally {
      await service.close();
    }
  });

  it('has other keys and no subscriptions after a fresh start', () => {
    const before = { ...data().keys(), vapid: data().vapidKeys() };
    writeFileSync(join(data().folder('push'), 'subscriptions.jsonl'), '{}\n');
    data().empty();
    expect(existsSync(file('push'))).toBe(false);
    const after = { ...data().keys(), vapid: data().vapidKeys() };
    for (const [name, key] of Object.entries(before)) expect(after[name as keyof typeof after]).not.toBe(key);
  });
});
