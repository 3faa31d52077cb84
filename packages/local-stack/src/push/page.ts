import { escaped } from '../escaped.js';
import { MOST_KEPT, type ReceivedPush } from './received-pushes.js';

const MOST_SHOWN = 200;

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #c9ced6; --quiet: #565d68; --bad: #a8201a; --good: #1c6b34 }
  @media (prefers-color-scheme: dark) { :root { --line: #434a55; --quiet: #aab1bc; --bad: #ff9d94; --good: #83d39a } }
  body { margin: 0 }
  main { max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
  h1 { margin: 0; line-height: 1.2 }
  h2 { margin: 0; font-size: 1.1rem; overflow-wrap: anywhere }
  ol { display: grid; gap: 1rem; margin: 2rem 0 0; padding: 0; list-style: none }
  article, .empty { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem }
  header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem }
  header p, article > p, pre { margin: .5rem 0 0 }
  header p { margin: 0; font-weight: 600 }
  dl { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: .25rem 0 0; color: var(--quiet); font-size: .875rem }
  dl div { display: flex; gap: .35rem; min-width: 0 }
  dd { margin: 0; overflow-wrap: anywhere; min-width: 0 }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .875rem/1.5 ui-monospace, monospace }
  code { overflow-wrap: anywhere }
  .bad { color: var(--bad) }
  .good { color: var(--good) }`;

/** What the service got, for people. @param pushes the newest first */
export function pushPage(pushes: readonly ReceivedPush[]): string {
  const shown = pushes.slice(0, MOST_SHOWN);
  const list = shown.length > 0 ? `<ol>\n${shown.map(item).join('\n')}\n</ol>` : EMPTY;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Push service – local stack</title>
<style>${STYLE}
</style>
</head>
<body>
<main>
<h1>Push service</h1>
<p>This service belongs to the local stack. It stands in for the push services of browsers: it decrypts what it gets and shows
it here, and no device hears of it. The newest is first; reload to see
more. It keeps the latest ${MOST_KEPT.toLocaleString('en')} in memory${pushes.length > MOST_SHOWN ? ` and shows ${MOST_SHOWN} of ${pushes.length}; <a href="/pushes">all as JSON</a>` : ''}.</p>
${list}
</main>
</body>
</html>
`;
}

const EMPTY = `<div class="empty" style="margin-top: 2rem">
<p style="margin: 0">Nothing has been pushed yet. <code>POST /subscriptions</code> gives an endpoint and its keys, as a browser would.</p>
</div>`;

function item(push: ReceivedPush): string {
  const { headers } = push;
  const facts: [string, string | null][] = [
    ['urgency', headers.urgency],
    ['TTL', headers.ttl === null ? null : `${headers.ttl} s`],
    ['topic', headers.topic],
    ['type', headers.contentType],
    ['to', new URL(push.endpoint).pathname],
  ];
  const at = new Date(push.at).toISOString();
  const when = `<div><dt>at</dt><dd><time datetime="${at}">${at.slice(0, 19).replace('T', ' ')} UTC</time></dd></div>`;
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== null);
  return `<li><article>
<header><h2 dir="auto">${escaped(titleOf(push))}</h2>${outcome(push)}</header>
<dl>${when}${known.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>
${push.problem === null ? '' : `<p class="bad">${escaped(push.problem)}</p>`}
${push.text ? `<pre dir="auto">${escaped(readable(push.text))}</pre>` : ''}
</article></li>`;
}

function outcome({ isTaken, outcome }: ReceivedPush): string {
  const answered = typeof outcome === 'number' ? String(outcome) : outcome === 'open' ? 'not answered yet' : 'cut off';
  return `<p class="${isTaken ? 'good' : 'bad'}">${isTaken ? 'taken' : 'not taken'}, ${answered}</p>`;
}

/** That of a declarative push message, if it is one: https://webkit.org/blog/16535/ */
function titleOf({ text, problem }: ReceivedPush): string {
  const { notification } = (parsed(text ?? '') ?? {}) as { notification?: { title?: unknown } | null };
  if (typeof notification?.title === 'string' && notification.title !== '') return notification.title;
  if (text === '') return 'A push without a body';
  return text === null && problem !== null ? 'Not read' : 'A push';
}

function readable(text: string): string {
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
