import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@bellhop/contracts/streams';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
/** What the image leaves out. */
const FOR_DEVELOPMENT = ['local-stack', 'jest-preset', 'storm', 'operator-cli'];

/** The tree of one app as in its image: of our own packages it has what it names as its dependencies, and nothing else. */
export function pruneTree(app: ServiceName, folder: string): string {
  const tree = join(folder, app);
  const turbo = join(REPOSITORY, 'node_modules', '.bin', 'turbo');
  execFileSync(turbo, ['prune', `@bellhop/${app}`, '--out-dir', tree], { cwd: REPOSITORY, stdio: 'pipe' });
  const modules = join(tree, 'node_modules');
  mkdirSync(join(modules, '@bellhop'), { recursive: true });
  for (const name of readdirSync(join(REPOSITORY, 'node_modules')))
    if (name !== '@bellhop') symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
  for (const place of ['apps', 'packages'])
    for (const name of readdirSync(join(tree, place))) {
      const dist = join(REPOSITORY, place, name, 'dist');
      if (FOR_DEVELOPMENT.includes(name) || !existsSync(dist)) continue;
      cpSync(dist, join(tree, place, name, 'dist'), { recursive: true });
      symlinkSync(join(tree, place, name), join(modules, '@bellhop', name));
    }
  return tree;
}
