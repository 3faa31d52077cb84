import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ServiceName } from '@bellhop/contracts/streams';
import { REPOSITORY } from './repository.js';
import { withFailpoints, withReplacements } from './rewrite.js';
import { type SabotageName, sabotages } from './sabotages.js';

const ROOT = fileURLToPath(REPOSITORY);
/** The last step of an app's build, which runs in its folder. */
const BUNDLER = `${ROOT}packages/bundle/dist/main.js`;
const OUR_SCOPE = '@bellhop';

/**
 * Writes a copy of the repository's built files in which each failpoint comment is a call and these safeguards are missing.
 * Installed packages are linked, not copied. A copy rather than a module loader that rewrites files: on Node 20 a loader runs in another
 * thread for every file of every package, which doubles the start time. {@link bundleFaultyApp} makes it run.
 *
 * @param folder an absolute path; it is created
 * @throws FaultError when the text that a sabotage replaces is not there exactly once
 */
export function writeFaultyBuild(folder: string, names: readonly SabotageName[]): void {
  const replacements = names.flatMap((name) => [...sabotages[name].replacements]);
  for (const workspace of builtWorkspaces()) {
    mkdirSync(`${folder}/${workspace}`, { recursive: true });
    cpSync(`${ROOT}${workspace}/package.json`, `${folder}/${workspace}/package.json`);
    for (const path of readdirSync(`${ROOT}${workspace}/dist`, { recursive: true }) as string[]) {
      const file = `${workspace}/dist/${path}`;
      // What the templates were compiled to is read as it is.
      if (path.endsWith('.json')) cpSync(ROOT + file, `${folder}/${file}`);
      if (!path.endsWith('.js')) continue;
      const due = replacements.filter((replacement) => replacement.file === file);
      const source = withReplacements(readFileSync(ROOT + file, 'utf8'), due);
      mkdirSync(dirname(`${folder}/${file}`), { recursive: true });
      writeFileSync(`${folder}/${file}`, withFailpoints(source));
    }
  }
  linkPackages(folder);
}

/** Bundles an app of such a copy, as it is in its image but for the faults. */
export async function bundleFaultyApp(folder: string, app: ServiceName): Promise<void> {
  await promisify(execFile)(process.execPath, [BUNDLER], { cwd: `${folder}/apps/${app}` });
}

function builtWorkspaces(): string[] {
  return ['apps', 'packages']
    .flatMap((parent) => readdirSync(ROOT + parent).map((name) => `${parent}/${name}`))
    .filter((workspace) => existsSync(`${ROOT}${workspace}/dist`));
}

function linkPackages(folder: string): void {
  mkdirSync(`${folder}/node_modules/${OUR_SCOPE}`, { recursive: true });
  for (const name of readdirSync(`${ROOT}node_modules`))
    if (name !== OUR_SCOPE) symlinkSync(`${ROOT}node_modules/${name}`, `${folder}/node_modules/${name}`);
  for (const workspace of builtWorkspaces())
    symlinkSync(`${folder}/${workspace}`, `${folder}/node_modules/${OUR_SCOPE}/${workspace.split('/')[1]}`);
}
