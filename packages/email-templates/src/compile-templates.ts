/** Build step: runs react-email once per variant, so that no service has to. */
import { writeFileSync } from 'node:fs';
import { compileAll } from './compile.js';
import { COMPILED_FILE } from './compiled.js';

writeFileSync(COMPILED_FILE, JSON.stringify(await compileAll()));
