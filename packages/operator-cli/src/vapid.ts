import { createECDH } from 'node:crypto';
import { EXIT } from './cli.errors.js';
import type { Command } from './command.js';

/** Makes a key pair that push services will know us by (RFC 8292). It asks no server, and stores nothing. */
export const vapid: Command = {
  name: 'vapid',
  argument: '',
  summary: 'a new key pair for web push, as VAPID_KEYS wants it',
  help: 'Give it to every replica of notifications. To rotate, put the new pair in front of the old one, separated by a comma.',
  options: {},
  isOffline: true,
  async run({ terminal }) {
    const pair = createECDH('prime256v1');
    const publicKey = pair.generateKeys('base64url');
    // Node leaves out zeros in front.
    const privateKey = Buffer.from(pair.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url');
    const keys = `${publicKey}:${privateKey}`;
    terminal.show(`VAPID_KEYS=${keys}`, { VAPID_KEYS: keys });
    terminal.say('The part behind the colon is secret: keep it where your other secrets are. It is shown this once.');
    return EXIT.done;
  },
};
