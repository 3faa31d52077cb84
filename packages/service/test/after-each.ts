import { afterEach } from '@jest/globals';

/**
 * For what a single test begins: `undo(() => database.close())`. Undone in reverse order after each test, also when it
 * failed halfway; otherwise what is left open would keep the whole run from ending.
 */
export function undoAfterEach(): (work: () => unknown) => void {
  const undos: (() => unknown)[] = [];
  afterEach(async () => {
    for (const undo of undos.splice(0).reverse()) await undo();
  });
  return (work) => void undos.push(work);
}
