import type { InitializeHook, LoadHook } from 'node:module';
import { builtFileOf } from './repository.js';
import { withFailpoints, withReplacements } from './rewrite.js';
import { type SabotageName, sabotages } from './sabotages.js';

export interface HooksData {
  readonly sabotages: readonly SabotageName[];
}

let active: readonly SabotageName[] = [];

/** Node calls these in a thread of their own: https://nodejs.org/docs/latest-v20.x/api/module.html#customization-hooks */
export const initialize: InitializeHook<HooksData> = (data) => {
  active = data.sabotages;
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  const file = builtFileOf(url);
  if (file === null || loaded.format !== 'module') return loaded;
  const replacements = active.flatMap((name) => sabotages[name].replacements.filter((one) => one.file === file));
  const source = withReplacements(textOf(loaded.source), replacements);
  return { ...loaded, source: withFailpoints(source) };
};

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray | undefined): string {
  if (typeof source === 'string') return source;
  return source === undefined ? '' : new TextDecoder().decode(source);
}
