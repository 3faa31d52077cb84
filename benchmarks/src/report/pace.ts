const ROUNDS = 40;
const TEXT = JSON.stringify(
  Array.from({ length: 60 }, (_, index) => ({ id: `piece-${index}`, index, isEven: index % 2 === 0 })),
);

/**
 * How fast the machine is at this moment: rounds of a fixed piece of work per millisecond of processor time. A virtual machine
 * is not the same for minutes on end, and what takes minutes is to be read beside this.
 */
export function pace(): number {
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) JSON.parse(TEXT);
  const { user, system } = process.cpuUsage(before);
  return ROUNDS / ((user + system) / 1_000);
}
