/** A step of the build: runs react-email once per variant, so that no process of ours ever has to. */
import { writeFileSync } from 'node:fs';
import { compileAll } from './compile.js';
import { COMPILED_FILE } from './compiled.js';

writeFileSync(COMPILED_FILE, JSON.stringify(await compileAll()));
