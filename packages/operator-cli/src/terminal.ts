import { createInterface } from 'node:readline/promises';
import { usageError } from './cli.errors.js';

/** Where a command writes: what was asked for goes to stdout, everything about the way there to stderr. */
export class Terminal {
  private hasOpenLine = false;

  constructor(readonly isJson: boolean) {}

  /** The answer: a table for people, or JSON for programs, one document. */
  show(text: string, data: unknown): void {
    this.endProgress();
    process.stdout.write(this.isJson ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
  }

  say(line: string): void {
    this.endProgress();
    process.stderr.write(`${line}\n`);
  }

  /** On a terminal the line is written over by the next; in a file each stays. */
  progress(line: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
    else this.say(line);
    this.hasOpenLine = process.stderr.isTTY;
  }

  /**
   * Goes on only with a yes.
   * @throws CliError with exit code 2 where nobody can be asked, or the answer is no
   */
  async confirm(question: string): Promise<void> {
    this.endProgress();
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      throw usageError(`${question} Nothing was changed: add --yes to do it.`);
    }
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await prompt.question(`${question} Type yes to do it: `);
    prompt.close();
    if (answer.trim().toLowerCase() !== 'yes') throw usageError('Nothing was changed.');
  }

  private endProgress(): void {
    if (this.hasOpenLine) process.stderr.write('\n');
    this.hasOpenLine = false;
  }
}
