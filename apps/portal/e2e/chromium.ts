import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** As in package.json: another version is unpacked beside it. */
const PACKAGE = '@sparticuz/chromium';
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url));
const UNPACKED = join(CACHE, 'chromium-147.0.0');

export interface Chromium {
  /** It shows notifications; the shell that npm has does not. */
  readonly isWhole: boolean;
  /** What Playwright starts it with. */
  launch(): { executablePath: string; args: string[]; env: Record<string, string> };
}

/** The browser of `CHROMIUM_BIN`, else of the PATH, else from npm: that one is built for Linux on x64 only. */
export function findChromium(env: NodeJS.ProcessEnv): Chromium | undefined {
  const { CHROMIUM_BIN, PATH = '' } = env;
  const places = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const executablePath = [...(CHROMIUM_BIN ? [CHROMIUM_BIN] : []), ...places].find((file) => existsSync(file));
  // Under root no Chromium starts with its sandbox; it opens nothing here but our own pages.
  const args = ['--no-sandbox'];
  const inherited = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  const own = inherited as Record<string, string>;
  if (executablePath) return { isWhole: true, launch: () => ({ executablePath, args, env: own }) };
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  return { isWhole: false, launch: () => ({ executablePath: unpack(), args, env: { ...own, ...surroundings(env) } }) };
}

/** Libraries and fonts that a machine without a browser may lack come with it. */
function surroundings({ LD_LIBRARY_PATH }: NodeJS.ProcessEnv): Record<string, string> {
  const libraries = [join(UNPACKED, 'al2023/lib'), ...(LD_LIBRARY_PATH ? [LD_LIBRARY_PATH] : [])].join(delimiter);
  const fonts = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(UNPACKED, 'fonts') };
  return { LD_LIBRARY_PATH: libraries, ...fonts };
}

/** Once, whoever comes first: others find it finished, or finish theirs and throw it away. */
function unpack(): string {
  const executable = join(UNPACKED, 'chromium');
  if (existsSync(executable)) return executable;
  mkdirSync(CACHE, { recursive: true });
  const begun = mkdtempSync(join(CACHE, 'chromium-'));
  try {
    // The package unpacks into the temporary folder, and its libraries only where it takes itself to be in that cloud.
    const env = { PATH: process.env.PATH, TMPDIR: begun, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
    const script = `const { default: it } = await import('${PACKAGE}'); await it.executablePath();`;
    const folder = fileURLToPath(new URL('.', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: folder,
      env,
    });
    if (status !== 0) throw new Error(`${PACKAGE} cannot be unpacked: ${stderr}`);
    if (!existsSync(UNPACKED)) renameSync(begun, UNPACKED);
  } catch (error) {
    if (!existsSync(executable)) throw error;
  } finally {
    rmSync(begun, { recursive: true, force: true });
  }
  return executable;
}
