import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { usageError } from './cli.errors.js';

/** @param file `-` is the standard input */
export async function readEvent(file: string): Promise<unknown> {
  const from = file === '-' ? 'standard input' : file;
  let content: string;
  try {
    content = file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`${from} cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(content);
  } catch (error) {
    throw usageError(`${from} is not JSON: ${(error as Error).message}`);
  }
}
