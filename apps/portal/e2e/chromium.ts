import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser of `CHROMIUM_BIN`, else of the PATH. */
export function findChromium({ CHROMIUM_BIN, PATH = '' }: NodeJS.ProcessEnv): string | undefined {
  const places = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...(CHROMIUM_BIN ? [CHROMIUM_BIN] : []), ...places].find((file) => existsSync(file));
}
