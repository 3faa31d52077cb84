import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { packageFolderOf, thirdParty } from './third-party.js';

/** The programs of an app, one file each: an image then holds no folder of chunks to keep together. */
const PROGRAMS = ['main', 'provision', 'seed'] as const;

/**
 * Packages that Nest, TypeORM, pg and Resend's SDK import only for features that most apps of ours do not use. They stay imports, which would
 * fail, unless the app depends on them itself. Anything else that cannot be found ends the build.
 */
const LEFT_OUT = [
  /^@nestjs\/(websockets|platform-express)(\/|$)/,
  /^@grpc\//,
  /^@fastify\/(multipart|static|view)$/,
  // Installed, because the build of the mails needs it. It would bring all of React.
  /^@react-email\/render$/,
  /^class-(transformer|validator)(\/|$)/,
  /^(amqp-connection-manager|amqplib|ioredis|kafkajs|mqtt|nats|pg-native)$/,
];

/**
 * Bundles the programs of an app from its `dist`, with all they import, into `bundle` beside it. That folder needs no
 * `node_modules` and is what the image holds:
 *
 * - `dist/<program>.js` with its source map, and the data files of our packages
 * - `dist/site`: the built pages, if the app has any. Their build lists the modules that are in them in `dist/site-modules.json`
 * - `THIRD-PARTY.txt`: the licence of every package that is inside
 * - `package.json`, which says that these are ES modules
 *
 * Bundled is what tsc has written, because Nest needs the decorator metadata that only tsc makes.
 *
 * @param app the folder of the app, an absolute path
 * @throws when an import cannot be found, or a package comes under a licence that was not decided on
 */
export async function bundleApp(app: string): Promise<void> {
  const bundle = join(app, 'bundle');
  rmSync(bundle, { recursive: true, force: true });
  const programs = PROGRAMS.filter((program) => existsSync(join(app, 'dist', `${program}.js`)));
  const isLeftOut = leftOutOf(app);
  const modules = new Set<string>();
  for (const program of programs) {
    for (const chunk of await bundleProgram(
      join(app, 'dist', `${program}.js`),
      join(bundle, 'dist', `${program}.js`),
      isLeftOut,
    ))
      for (const id of chunk.moduleIds) modules.add(id);
  }
  const pages = pagesOf(app);
  if (pages) cpSync(pages.folder, join(bundle, 'dist', 'site'), { recursive: true });
  const packages = new Set([...modules, ...(pages?.modules ?? [])].flatMap((id) => packageFolderOf(id) ?? []));
  writeFileSync(join(bundle, 'THIRD-PARTY.txt'), thirdParty(packages));
  writeFileSync(join(bundle, 'package.json'), '{ "type": "module" }\n');
  copyData(modules, join(bundle, 'dist'));
}

/** The pages that browsers get, and the absolute paths of the modules in them. */
function pagesOf(app: string): { folder: string; modules: readonly string[] } | undefined {
  const folder = join(app, 'dist', 'site');
  if (!existsSync(folder)) return undefined;
  const list = join(app, 'dist', 'site-modules.json');
  return { folder, modules: existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as string[]) : [] };
}

function leftOutOf(app: string): (id: string) => boolean {
  const { dependencies = {} } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  return (id) => !(id in dependencies) && LEFT_OUT.some((pattern) => pattern.test(id));
}

async function bundleProgram(input: string, file: string, isLeftOut: (id: string) => boolean): Promise<OutputChunk[]> {
  const build = await rolldown({
    input,
    platform: 'node',
    external: isLeftOut,
    plugins: [sourceMapsOfOurs],
    onLog(_level, log) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
    },
  });
  try {
    const { output } = await build.write({
      file,
      format: 'esm',
      codeSplitting: false,
      sourcemap: true,
      // Node reads the map at every start, and a stack trace needs positions only.
      sourcemapExcludeSources: true,
      // Logs, Nest and TypeORM go by the names of classes.
      keepNames: true,
    });
    return output.filter((part) => part.type === 'chunk');
  } finally {
    await build.close();
  }
}

/** Stack traces name our TypeScript: the maps that tsc has made are read with its output. */
const sourceMapsOfOurs: Plugin = {
  name: 'source-maps-of-ours',
  load(id) {
    const map = `${id}.map`;
    if (packageFolderOf(id) !== undefined || !existsSync(map)) return null;
    return { code: readFileSync(id, 'utf8'), map: readFileSync(map, 'utf8') };
  },
};

/** What a package of ours reads at run time lies in its `dist` (compiled mails): the bundled code looks for it in its own. */
function copyData(modules: ReadonlySet<string>, to: string): void {
  const folders = new Set([...modules].filter((id) => packageFolderOf(id) === undefined).map(dirname));
  for (const folder of folders)
    for (const name of existsSync(folder) ? readdirSync(folder) : [])
      if (name.endsWith('.json')) cpSync(join(folder, name), join(to, name));
}
