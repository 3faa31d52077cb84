import { escaped } from '../escaped.js';
import type { Person } from './people.js';

/** Signing in is picking somebody. */
export function signInPage(action: string, people: readonly Person[]): string {
  const buttons = people.map(
    ({ id, email, locale, roles }) =>
      `<button name="person" value="${escaped(id)}"><b>${escaped(email)}</b><span>${escaped([locale, ...roles].join(' · '))}</span></button>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in – local stack</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  main { max-width: 24rem; margin: 10vh auto; padding: 0 1rem }
  form { display: grid; gap: .5rem }
  button { display: flex; justify-content: space-between; gap: 1rem; padding: .75rem 1rem; font: inherit; cursor: pointer }
</style>
</head>
<body>
<main>
<h1>Who are you?</h1>
<p>This provider belongs to the local stack. Nobody has a password here.</p>
<form method="post" action="${escaped(action)}">
${buttons.join('\n')}
</form>
</main>
</body>
</html>
`;
}
