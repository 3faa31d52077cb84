import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryFolder, temporaryFolder } from '../folders.js';
import { type Child, startChild } from '../processes/child.js';
import { endLeftover } from './leftovers.js';

describe('what an earlier run left behind', () => {
  let folder: TemporaryFolder;
  let server: Child;
  let pidFile: string;

  beforeEach(() => {
    folder = temporaryFolder('leftover');
    const script = 'setInterval(() => undefined, 1_000)';
    server = startChild({ name: 'server', command: process.execPath, args: ['-e', script, folder.path] });
    pidFile = join(folder.path, 'server.pid');
    writeFileSync(pidFile, `${server.pid}\nmore lines, as Postgres writes them\n`);
  });
  afterEach(async () => {
    await server.stop('SIGKILL');
    folder.remove();
  });

  it('is ended when it works on our data', async () => {
    expect(await endLeftover(pidFile, folder.path, 'SIGTERM')).toBe(true);
    expect(await server.exited).toBeNull();
  });

  it('is left alone when its number has become that of somebody else', async () => {
    expect(await endLeftover(pidFile, '/somewhere/else', 'SIGTERM')).toBe(false);
    expect(server.hasExited()).toBe(false);
  });

  it('may be gone already, or never have been', async () => {
    await server.stop();
    expect(await endLeftover(pidFile, folder.path, 'SIGTERM')).toBe(false);
    expect(await endLeftover(join(folder.path, 'none.pid'), folder.path, 'SIGTERM')).toBe(false);
    writeFileSync(pidFile, 'not a number');
    expect(await endLeftover(pidFile, folder.path, 'SIGTERM')).toBe(false);
  });
});
