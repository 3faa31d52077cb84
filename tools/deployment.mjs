// Writes what differs from app to app into docker-compose.yml and deploy/nats/bellhop.conf, between the lines `apps: begin` and
// `apps: end`: from the list of services, the schemas of their settings, and compose.yml and nats.conf in each app's folder.
// `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { PORTAL, services } from '../packages/contracts/dist/streams/index.js';
import { describeConfig } from '../packages/http/dist/index.js';

const root = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const list = Object.values(services);

/** Chosen by the image, or made of the list of services. */
const ELSEWHERE = ['PORT', 'HOST', 'OPS_PORT', 'OPS_HOST', 'NATS_URL', 'DATABASE_URL'];
/** What holds for a setting that is not in `.env`, in every app: `-` and a value, or `?` and why it is required. */
const SHARED = {
  PUBLIC_URL: '-http://localhost:3000',
  OIDC_ISSUER: '?the address of your OpenID provider',
  OIDC_AUDIENCE: '-bellhop',
};

/** A file of an app's folder without the comment that it begins with. */
const fragment = ({ name }, file) => read(`apps/${name}/${file}`).replace(/^(#.*\n)+/, '');
const indent = (spaces, text) => text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));

const natsUser = (app) => `  {
    user: ${app.name}, password: $NATS_PASSWORD_${app.variable}
    permissions {
${indent(6, fragment(app, 'nats.conf').trimEnd())}
    }
  }
`;

const databaseUrl = ({ database, variable }) =>
  `postgres://${database}:\${DATABASE_PASSWORD_${variable}}@postgres:5432/${database}`;

const provisionJob = (app) => `
  provision-${app.name}:
    <<: *app
    restart: on-failure:5
    build: { context: ., args: { APP: ${app.name} } }
    image: bellhop/${app.name}
    command: ["node", "dist/provision.js"]
    environment:
      NATS_URL: nats://provisioner:\${NATS_PASSWORD_PROVISIONER}@nats:4222
      DATABASE_URL: ${databaseUrl(app)}
      NATS_REPLICAS: \${NATS_REPLICAS:-}
      STREAM_MAX_BYTES: \${STREAM_MAX_BYTES:-}
    depends_on:
      nats: { condition: service_healthy }
      postgres: { condition: service_healthy }
`;

const ENVIRONMENT = /^environment:\n((?: {2}.+\n)*)/m;

/** The settings of an app, each with what compose.yml says of it, or else with its value in `.env`. */
async function settings(app, special) {
  const chosen = ENVIRONMENT.exec(special)?.[1] ?? '';
  const own = new Map([...chosen.matchAll(/^ {2}(\w+): (.+)$/gm)].map(([, name, value]) => [name, value]));
  const { configSchema } = await import(new URL(`apps/${app.name}/dist/config.js`, root));
  const fromFile = ({ name, isRequired }) => `\${${name}:${SHARED[name] ?? (isRequired ? '?' : '-')}}`;
  return describeConfig(configSchema)
    .filter(({ name }) => !ELSEWHERE.includes(name))
    .map((setting) => `${setting.name}: ${own.get(setting.name) ?? fromFile(setting)}\n`)
    .join('');
}

async function service(app) {
  const special = fragment(app, 'compose.yml');
  return `
  ${app.name}:
    <<: *app
    image: bellhop/${app.name}
    environment:
      NATS_URL: nats://${app.name}:\${NATS_PASSWORD_${app.variable}}@nats:4222
      DATABASE_URL: ${databaseUrl(app)}
${indent(6, await settings(app, special))}${indent(4, special.replace(ENVIRONMENT, ''))}    depends_on:
      provision-${app.name}: { condition: service_completed_successfully }
`;
}

/** Without database and NATS, so there is nothing to provision; it is up before the services, and says of each that is away. */
async function portal() {
  const special = fragment(PORTAL, 'compose.yml');
  return `
  ${PORTAL.name}:
    <<: *app
    build: { context: ., args: { APP: ${PORTAL.name} } }
    image: bellhop/${PORTAL.name}
    environment:
${indent(6, await settings(PORTAL, special))}${indent(4, special.replace(ENVIRONMENT, ''))}`;
}

const passwords = (purpose) =>
  list.map(({ variable }) => `      ${purpose}_PASSWORD_${variable}: \${${purpose}_PASSWORD_${variable}:?}\n`).join('');

/** Fills the places of a file, one after the other. */
function filled(text, ...contents) {
  const rest = [...contents];
  return text.replaceAll(/(apps: begin\n)[\s\S]*?( *# apps: end)/g, (_, begin, end) => begin + rest.shift() + end);
}

const files = {
  'deploy/nats/bellhop.conf': [list.map(natsUser).join('')],
  'docker-compose.yml': [
    passwords('NATS'),
    passwords('DATABASE'),
    [...list.map(provisionJob), ...(await Promise.all(list.map(service))), await portal()].join(''),
  ],
};
for (const [path, contents] of Object.entries(files)) {
  const [before, after] = [read(path), filled(read(path), ...contents)];
  if (!process.argv.includes('--check')) writeFileSync(new URL(path, root), after);
  else if (before !== after) {
    console.error(`${path} differs from the apps: run \`node tools/deployment.mjs\`.`);
    process.exitCode = 1;
  }
}
