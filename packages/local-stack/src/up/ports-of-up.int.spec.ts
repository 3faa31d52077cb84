import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { choosePorts, describeMoves } from './ports-of-up.js';

const BUILT = new URL('../../dist/up/ports-of-up.js', import.meta.url);

describe('the ports of `up`', () => {
  it('are others for each of several that start at the same moment', async () => {
    const script = `import { choosePorts } from '${BUILT}';
      console.log(JSON.stringify(await choosePorts()));
      process.stdin.resume();`;
    const runs = [1, 2, 3].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const chosen = await Promise.all(
      runs.map(async ({ stdout }) => JSON.parse(String((await once(stdout, 'data'))[0]))),
    );
    const ours = await choosePorts();
    for (const { stdin } of runs) stdin.end();
    const ports = [...chosen, ours].flatMap((one) => Object.values<number>(one));
    expect(new Set(ports).size).toBe(4 * Object.keys(ours).length);
  });

  it('that have moved are told, and what no longer works by it', () => {
    const before = {
      portal: 3000,
      webPort: 1080,
      push: 1090,
      nats: 4222,
      oidc: 3005,
      tickets: 3001,
      'tickets:ops': 3101,
    };
    expect(describeMoves({}, before)).toBeUndefined();
    expect(describeMoves(before, before)).toBeUndefined();
    expect(describeMoves(before, { ...before, nats: 4223, webPort: 1081, 'tickets:ops': 3104 })).toBe(
      'Ports have moved since the last run: mailbox 1080 -> 1081, nats 4222 -> 4223, tickets ops 3101 -> 3104.',
    );
    expect(describeMoves(before, { ...before, portal: 3010, oidc: 3006 })?.split('\n')).toEqual([
      'Ports have moved since the last run: portal 3000 -> 3010, OpenID 3005 -> 3006.',
      'Access tokens from before no longer work, for their issuer has moved: get new ones.',
      'Links in mails from before lead to the old port and no longer work.',
    ]);
    expect(describeMoves(before, { ...before, push: 1091 })?.split('\n')).toEqual([
      'Ports have moved since the last run: push service 1090 -> 1091.',
      'Browsers that were subscribed before are subscribed at the old port.',
    ]);
  });
});
