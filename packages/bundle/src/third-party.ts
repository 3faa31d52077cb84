import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** They ask for no more than that their text goes along. Any other licence needs a decision before it comes in. */
const DECIDED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
]);
/** Asks also that whoever gets the program is told where the source of these files is (§3.2); it does not reach ours (§3.3). */
const MPL = 'MPL-2.0';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
const RULE = '-'.repeat(80);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
  readonly repository?: string | { readonly url?: string };
}

/** The folder of the installed package that a module belongs to; undefined for our own code and what the bundler adds. */
export function packageFolderOf(module: string): string | undefined {
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];
}

/**
 * Name, version and licence texts of these packages, in order of their names.
 * @param folders where they are installed
 * @throws for a licence that was not decided on
 */
export function thirdParty(folders: Iterable<string>): string {
  const texts = [...folders].map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    return { name: manifest.name, text: sectionOf(manifest, licenceTexts(folder)) };
  });
  texts.sort((a, b) => (a.name < b.name ? -1 : 1));
  return `This program contains the following packages, each under its own licence.\n\n${texts.map(({ text }) => text).join('\n')}`;
}

function sectionOf(manifest: Manifest, texts: readonly string[]): string {
  const { name, version, license = 'none' } = manifest;
  if (!DECIDED.has(license) && license !== MPL)
    throw new Error(
      `${name} ${version} is under the licence "${license}": decide in third-party.ts whether we may ship it.`,
    );
  const authors = typeof manifest.author === 'object' ? manifest.author.name : manifest.author;
  const body = texts.length > 0 ? texts.join('\n\n') : withoutFile(license, authors ?? `the authors of ${name}`);
  const source = license === MPL ? `Its source, unchanged: ${sourceOf(manifest)}\n\n` : '';
  return `${RULE}\n${name} ${version} (${license})\n${RULE}\n\n${source}${body}\n`;
}

/** @throws when the package does not say where its source is */
function sourceOf({ name, version, repository }: Manifest): string {
  const url = (typeof repository === 'object' ? repository.url : repository)?.replace(/^git\+/, '');
  if (url) return `version ${version} at ${url}`;
  throw new Error(`${name} ${version} is under ${MPL}, which wants its source named, and names no repository.`);
}

function licenceTexts(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name) && !/\.[cm]?[jt]s$/.test(entry.name))
    .map(({ name }) => name);
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8').trim());
}

/** Some packages only name their licence. MIT wants its text all the same. */
function withoutFile(license: string, holder: string): string {
  if (license !== 'MIT') return `Copyright ${holder}. The package names its licence and has no file with its text.`;
  return `Copyright ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}
