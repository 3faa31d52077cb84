import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeNats, natsBinary } from './nats-binary.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nats-binary-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says what the server of that version says. */
function install(name: string, version: string) {
  const place = join(folder, name);
  const path = join(place, 'nats-server');
  mkdirSync(place);
  writeFileSync(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  chmodSync(path, 0o755);
  return { path, folder: place };
}

describe('the NATS server of this machine', () => {
  it('is the one on the PATH that is new enough, whatever older one stands before it', () => {
    const [old, fresh] = [install('old', '2.9.10'), install('fresh', '2.12.3')];
    expect(natsBinary({ PATH: `${old.folder}:${fresh.folder}` })).toBe(fresh.path);
    expect(natsBinary({ PATH: old.folder })).not.toBe(old.path);
    const why = 'the first on the PATH that is new enough';
    expect(describeNats({ PATH: `${old.folder}:${fresh.folder}` })).toBe(`${fresh.path} 2.12.3, ${why}`);
  });

  it('is the one that was named, unless it is too old', () => {
    const [old, fresh] = [install('named-old', '2.11.9'), install('named', '2.14.0')];
    expect(natsBinary({ NATS_SERVER_BIN: fresh.path, PATH: '' })).toBe(fresh.path);
    expect(describeNats({ NATS_SERVER_BIN: fresh.path })).toBe(`${fresh.path} 2.14.0, which NATS_SERVER_BIN names`);
    expect(() => natsBinary({ NATS_SERVER_BIN: old.path, PATH: '' })).toThrow('nats-server 2.11.9; 2.12 or newer');
  });
});
