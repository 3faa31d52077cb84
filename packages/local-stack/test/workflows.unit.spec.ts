import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { strategy?: { matrix: { node: string[] } }; steps: { uses?: string; run?: string }[] }>;
}

const files = readdirSync(new URL('../../../.github/workflows', import.meta.url));

describe.each(files)('the workflow %s', (file) => {
  const text = read(`.github/workflows/${file}`);
  const { permissions, jobs } = parse(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('pins every action to one version', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/@v\d+\.\d+\.\d+$/);
  });

  it('may only read, and uses no secret', () => {
    expect(permissions).toEqual({ contents: 'read' });
    expect(text).not.toContain('secrets.');
  });
});

describe('the workflow checks.yml', () => {
  const { jobs } = parse(read('.github/workflows/checks.yml')) as Workflow;

  it('runs .ci/run on the oldest Node that we support, and on that of the images', () => {
    const oldest = /\d+\.\d+\.\d+/.exec(JSON.parse(read('package.json')).engines.node)?.[0];
    const ofImages = /^FROM node:(\d+\.\d+\.\d+)/m.exec(read('Dockerfile'))?.[1];
    expect(jobs.tests?.steps.at(-1)?.run).toBe('.ci/run');
    expect(jobs.tests?.strategy?.matrix.node).toEqual([oldest, ofImages]);
  });
});
