import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICES } from '@bellhop/contracts/streams';

/** The users of `deploy/nats`: every app, and those that belong to no app. */
const users = [...SERVICES, 'provisioner', 'operator', 'crm', 'sys'] as const;

export type NatsUser = (typeof users)[number];
export type NatsPasswords = Record<NatsUser, string>;

export const ACCOUNTS_CONFIGURATION = fileURLToPath(
  new URL('../../../../deploy/nats/nats-server.conf', import.meta.url),
);

/** Generated once and kept in the folder, so that addresses stay valid when the server is restarted. */
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

/** Where the configuration of `deploy/nats` reads them: `NATS_PASSWORD_GUEST_AUTH`. */
export function passwordEnvironment(passwords: NatsPasswords): Record<string, string> {
  const variable = (user: NatsUser) => `NATS_PASSWORD_${user.replaceAll('-', '_').toUpperCase()}`;
  return Object.fromEntries(users.map((user) => [variable(user), passwords[user]]));
}

/**
 * The configuration of `deploy/nats` with the outside system `erp` in INBOUND_2, added step by step as its README says, in `folder`.
 * @returns the file of the server
 */
export function withErp(folder: string, password: string): string {
  cpSync(dirname(ACCOUNTS_CONFIGURATION), folder, { recursive: true });
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  cpSync(join(folder, 'systems/crm.conf'), join(folder, 'systems/erp.conf'));
  edit('systems/erp.conf', (text) =>
    text
      .replaceAll('subject: "inbound.crm', 'subject: "inbound_2.crm')
      .replaceAll('$NATS_PASSWORD_CRM', password)
      .replaceAll('crm', 'erp'),
  );
  edit('nats-server.conf', (text) => text.replace(/^ {2}CRM \{.*$/m, '$&\n  ERP { include "systems/erp.conf" }'));
  edit('bellhop.conf', (text) =>
    text.replace(/^.*accounts: \[CRM\].*$/m, '$&\n  { service: "inbound_2.erp.tickets.v1.*", accounts: [ERP] }'),
  );
  return join(folder, 'nats-server.conf');
}
