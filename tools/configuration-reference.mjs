// Writes docs/reference/configuration.md from the schemas that the apps read their settings with; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { services } from '../packages/contracts/dist/streams/index.js';
import { describeConfig } from '../packages/service/dist/index.js';

const file = new URL('../docs/reference/configuration.md', import.meta.url);

const cell = (text) => text.replaceAll('|', '\\|');
const rows = (schema) =>
  describeConfig(schema).map(({ name, description = '', unit, example, isRequired, default: fallback }) => {
    const meaning = unit && !description.includes(unit) ? `${description} (${unit})` : description;
    const value = isRequired ? '**required**' : fallback ? `\`${fallback}\`` : 'none';
    return `| \`${name}\` | ${cell(meaning)} | ${value} | ${example ? `\`${cell(example)}\`` : ''} |`;
  });
async function section({ name }) {
  const { configSchema } = await import(`../apps/${name}/dist/config.js`);
  return [
    `## ${name}`,
    '',
    '| variable | is | without it | example |',
    '|---|---|---|---|',
    ...rows(configSchema),
  ].join('\n');
}
const sections = await Promise.all(Object.values(services).map(section));
const databases = Object.values(services).map(({ variable }) => `\`${variable}_DATABASE_URL\``);

const text = `# Configuration

Every app reads its settings from the environment, once, at start. An empty value counts as missing. All problems are named at
once, never with the value. \`npm run up\` chooses for itself what you do not set. This page is made by
\`node tools/configuration-reference.mjs\` from the schemas in the code; \`npm run check\` compares.

${sections.join('\n\n')}

## Provisioning

\`node apps/<app>/dist/provision.js\` reads \`NATS_URL\` with the user \`provisioner\`, \`DATABASE_URL\`, \`NATS_REPLICAS\` (the copies of each
stream: 1 for development, 3 in production) and \`STREAM_MAX_BYTES\` (for example \`TICKETS=21474836480,INBOUND=10737418240\`). \`npm run provision\` runs that of every app, and reads the databases from
${databases.join(', ')}; what is missing it takes from the running \`up\`.
`;

if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/reference/configuration.md differs from the code: run `node tools/configuration-reference.mjs`.');
  process.exitCode = 1;
}
