import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The users of `deploy/nats`, and where its configuration reads their passwords from. */
const PASSWORD_VARIABLES = {
  tickets: 'NATS_PASSWORD_TICKETS',
  notifications: 'NATS_PASSWORD_NOTIFICATIONS',
  'guest-auth': 'NATS_PASSWORD_GUEST_AUTH',
  provisioner: 'NATS_PASSWORD_PROVISIONER',
  operator: 'NATS_PASSWORD_OPERATOR',
  crm: 'NATS_PASSWORD_CRM',
  sys: 'NATS_PASSWORD_SYS',
} as const;

export type NatsUser = keyof typeof PASSWORD_VARIABLES;
export type NatsPasswords = Record<NatsUser, string>;

export const ACCOUNTS_CONFIGURATION = fileURLToPath(
  new URL('../../../../deploy/nats/nats-server.conf', import.meta.url),
);

const users = Object.keys(PASSWORD_VARIABLES) as NatsUser[];

/** Generated once and kept in the folder, so that addresses handed out stay good when the server is started again. */
export function keptPasswords(folder: string): NatsPasswords {
  const file = join(folder, 'passwords.json');
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<NatsPasswords>) : {};
  // A letter first: the server reads the variable as a value of its configuration language.
  const passwords = Object.fromEntries(
    users.map((user) => [user, kept[user] ?? `p${randomBytes(16).toString('hex')}`]),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(passwords), { mode: 0o600 });
  return passwords as NatsPasswords;
}

export function passwordEnvironment(passwords: NatsPasswords): Record<string, string> {
  return Object.fromEntries(users.map((user) => [PASSWORD_VARIABLES[user], passwords[user]]));
}
