/** What could open something: `challengeId` is none of it, and neither is the stable `code` of a problem. */
const SECRET = /code|token|secret|link|cookie|session|hash|otp|pin/i;

/** Paths of an answer whose name says that it holds a secret, or whose value looks like one. */
export function secretsIn(answer: unknown, path = ''): string[] {
  if (typeof answer === 'string') return /^(\d{6}|[\w-]{43})$/.test(answer) && !path.endsWith('.number') ? [path] : [];
  if (typeof answer !== 'object' || answer === null) return [];
  const isProblem = 'status' in answer && 'title' in answer && 'type' in answer;
  return Object.entries(answer).flatMap(([name, value]) => {
    const here = `${path}.${name}`;
    const isNamedSo = SECRET.test(name) && !(isProblem && name === 'code');
    return [...(isNamedSo ? [here] : []), ...secretsIn(value, here)];
  });
}
