/** `npm run provision`: runs the provisioning of every app, each with its own database, all as the NATS user who may. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICES, type ServiceName, services } from '@bellhop/contracts/streams';
import { startChild } from './processes/child.js';
import { appScript } from './servers/app.js';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const TIMEOUT_MS = 120_000;

/** `guest-auth` → `GUEST_AUTH_DATABASE_URL`: one command serves several apps, each with a database of its own. */
const databaseVariable = (app: ServiceName) => `${services[app].variable}_DATABASE_URL`;

/** Where a running `up` has its servers. */
function ofRunningStack(): Record<string, string> {
  const folder = process.env.BELLHOP_DATA_DIR ?? join(REPOSITORY, '.bellhop');
  const file = join(folder, 'up.json');
  if (!existsSync(file)) return {};
  const { nats, postgres } = JSON.parse(readFileSync(file, 'utf8')) as { nats: string; postgres: string };
  const { provisioner } = JSON.parse(readFileSync(join(folder, 'nats', 'passwords.json'), 'utf8')) as {
    provisioner: string;
  };
  const databases = SERVICES.map(
    (app) => [databaseVariable(app), new URL(`/${services[app].database}`, postgres).href] as const,
  );
  return { NATS_URL: `nats://provisioner:${provisioner}@${new URL(nats).host}`, ...Object.fromEntries(databases) };
}

async function provision(app: ServiceName, settings: Record<string, string | undefined>): Promise<boolean> {
  const child = startChild({
    name: `${app} provision`,
    command: process.execPath,
    args: [appScript(app, 'provision')],
    env: { ...process.env, NATS_URL: settings.NATS_URL, DATABASE_URL: settings[databaseVariable(app)] },
    onLine: (line) => console.log(line),
  });
  return (await child.finished(TIMEOUT_MS)) === 0;
}

const settings = { ...ofRunningStack(), ...process.env };
const missing = ['NATS_URL', ...SERVICES.map(databaseVariable)].filter((name) => !settings[name]);
if (missing.length > 0) {
  console.error(
    `Set ${missing.join(', ')}, or start the local stack (\`npm run up\`) and run this beside it. ` +
      'NATS_URL is that of the user `provisioner`; the others are the databases of the apps.',
  );
  process.exit(1);
}
// In any order: no app waits for another.
const areDone = await Promise.all(SERVICES.map((app) => provision(app, settings)));
process.exit(areDone.every(Boolean) ? 0 : 1);
