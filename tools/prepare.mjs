import { install } from './install.mjs';
import { missing } from './prerequisites.mjs';
import { installed, run } from './run.mjs';

/** Everything between `git clone` and a first start: looks, installs, builds. Ends this process if that is impossible. */
export async function prepare() {
  const lacking = missing();
  if (lacking.length > 0) fail(`This machine lacks something:\n${lacking.map((line) => `  - ${line}`).join('\n')}`);
  try {
    await install();
    await build();
  } catch (error) {
    fail(error.message);
  }
}

async function build() {
  console.log('Building …');
  const args = [installed('turbo/bin/turbo'), 'run', 'build', '--output-logs=errors-only', '--ui=stream'];
  const { code, output } = await run(process.execPath, args, { isQuiet: true, sign: 'still building' });
  if (code !== 0) throw new Error(`${output}\nThe build failed; its errors are above.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
