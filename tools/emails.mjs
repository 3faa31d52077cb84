// npm run emails: previews of every mail template in every language.
import { prepare } from './prepare.mjs';
import { repository, run } from './run.mjs';

await prepare();
const { code } = await run(process.execPath, ['dist/preview.js', ...process.argv.slice(2)], {
  cwd: `${repository}packages/email-templates`,
});
process.exitCode = code;
