// npm run emails:dev: the mails in react-email's own preview, which shows a change as soon as a file is saved.
import { join } from 'node:path';
import { EMAIL_PREVIEW_FOLDER, installEmailPreview } from './install.mjs';
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';

await prepare();
await installEmailPreview();
const email = join(EMAIL_PREVIEW_FOLDER, 'node_modules/react-email/dist/cli/index.mjs');
const { code } = await run(process.execPath, [email, 'dev', '--dir', '../emails', ...process.argv.slice(2)], {
  cwd: EMAIL_PREVIEW_FOLDER,
  env: { NEXT_TELEMETRY_DISABLED: '1' },
});
process.exitCode = code;
