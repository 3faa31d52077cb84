// Prints a .env for docker-compose.yml with fresh secrets: node deploy/generate-env.mjs > .env
import { randomBytes } from 'node:crypto';
import { existsSync, fchmodSync, fstatSync, readdirSync } from 'node:fs';

// Letters and digits, a letter first: NATS reads its passwords as values of its own configuration language.
const password = () => `p${randomBytes(18).toString('hex')}`;

// Every app with a database and a user on NATS has a file of its rights there. This runs before anything is installed or built, so it reads folders and not the contract.
const folder = new URL('../apps/', import.meta.url);
const apps = readdirSync(folder)
  .filter((name) => existsSync(new URL(`${name}/nats.conf`, folder)))
  .map((name) => name.replaceAll('-', '_').toUpperCase());

const lines = [
  ...[...apps, 'PROVISIONER', 'OPERATOR', 'CRM', 'SYS'].map((user) => `NATS_PASSWORD_${user}=${password()}`),
  `POSTGRES_PASSWORD=${password()}`,
  ...apps.map((database) => `DATABASE_PASSWORD_${database}=${password()}`),
  '# Seals what waits to be sent. Without it, nothing that is sealed can be read again.',
  `PAYLOAD_KEY=${randomBytes(32).toString('base64')}`,
  "# Makes guests' links and codes. Without it no code that was sent works any more.",
  `GUEST_AUTH_KEY=${randomBytes(32).toString('base64')}`,
  '# Hides who was erased, in the register of every app. Keep a copy: without it a restored backup brings people back.',
  `ERASURE_KEY=${randomBytes(32).toString('base64')}`,
  '# Seals the cookies of who is signed in. Without it everybody signs in again.',
  `SESSION_KEY=${randomBytes(32).toString('base64')}`,
  '# The OpenID provider whose tokens are accepted, as it names itself in them: put in your own.',
  'OIDC_ISSUER=https://login.example.com',
];
// The shell has made the file so that everybody on this machine may read it; nothing is in it yet.
if (fstatSync(1).isFile()) fchmodSync(1, 0o600);
process.stdout.write(`${lines.join('\n')}\n`);
