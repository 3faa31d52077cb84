import type { Identity } from '@bellhop/local-stack';
import { percentile } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { World } from '../world/world.js';
import { limit } from './goal.js';

const TICKETS = 1_000_000;
const P99_MS = 50;
/** Of a requester's own list, and of a search in it. */
const P95_MS = 50;
const ME: Identity = { id: 'agent-7', email: 'agent-7@example.test', locale: 'en', isAgent: true };

const FILTERS = {
  status: [undefined, 'open', 'waiting', 'resolved', 'closed'],
  assignee: [undefined, 'me', 'none', 'agent-3@example.test', 'nobody@example.test'],
  category: [undefined, 'trading', 'account-security', 'promotions', 'other'],
} as const;

export const lists: Row = {
  name: 'lists',
  isLong: true,
  title: `a page of the desk's list, ${TICKETS.toLocaleString('en')} tickets, every combination of filters; and of a customer's own`,
  async run({ isQuick, progress }: Context) {
    const world = await World.start({ apps: ['tickets'] });
    try {
      const tickets = isQuick ? TICKETS / 50 : TICKETS;
      await fill(world, tickets);
      progress(`${tickets} tickets`);
      const { all, slowest } = await ask(world, isQuick ? 3 : 40);
      const own = await askAsCustomers(world, isQuick ? 20 : 500);
      return {
        unit: 'ms',
        figures: [
          { what: 'p50', runs: [percentile(all, 0.5)] },
          { what: 'p99', runs: [percentile(all, 0.99)] },
          { what: 'p99 of the slowest filter', runs: [slowest.p99Ms] },
          ...own.map(({ what, p95Ms }) => ({ what: `p95 of a customer's ${what}`, runs: [p95Ms] })),
        ],
        goals: [
          limit(slowest.p99Ms, P99_MS, 'p99 (ms) of every filter'),
          ...own.map(({ what, p95Ms }) => limit(p95Ms, P95_MS, `p95 (ms) of a customer's ${what}`)),
        ],
        details: { slowest: slowest.query, tickets },
        notes: [
          `Lists: over HTTP, first pages of 25 and of 100 and pages from the middle, one after the other; slowest: ${slowest.query}.`,
        ],
      };
    } finally {
      await world.stop();
    }
  },
};

/** Nearly all tickets are closed; one in a thousand waits for an answer; one category and one agent are rare. */
async function fill(world: World, tickets: number): Promise<void> {
  await world.rows('tickets', 'set synchronous_commit = off');
  await world.rows(
    'tickets',
    `insert into people (id, is_agent, email, changed_at)
     select 'agent-' || n, true, 'agent-' || n || '@example.test', now() from generate_series(0, 49) n
     union all select 'customer-' || n, false, 'customer-' || n || '@example.test', now() from generate_series(1, $1::int / 10) n`,
    [tickets],
  );
  await world.rows(
    'tickets',
    `insert into tickets (id, number, status, category, priority, version, seen_version, subject, requester_id, assignee_id, created_at, updated_at)
     select gen_random_uuid(), 'N' || n,
            case when n % 1000 = 0 then 'waiting' when n % 100 = 1 then 'open' when n % 20 = 2 then 'resolved' else 'closed' end,
            case when n % 5003 = 0 then 'promotions' else (array['trading', 'account-security', 'deposit-withdrawal'])[1 + n / 7 % 3] end,
            'normal', 1, 1, 'A question', 'customer-' || 1 + n % ($1::int / 10),
            case when n % 300 = 1 then null when n % 9001 = 0 then 'agent-7' else 'agent-' || n % 49 end,
            now() - make_interval(secs => n), now() - make_interval(secs => n)
     from generate_series(1, $1::int) n`,
    [tickets],
  );
  await world.rows(
    'tickets',
    `insert into messages (id, ticket_id, version, kind, author, author_id, body, created_at)
     select gen_random_uuid(), id, 1, 'message', 'customer', requester_id, 'I have a question about my order ' || number, created_at
       from tickets`,
  );
  await world.rows('tickets', 'vacuum analyze');
}

/** Reads pages of a list as somebody. */
function reader(world: World, path: string, who: Identity) {
  const url = `${world.apps.get('tickets')?.url}${path}`;
  const headers = { authorization: `Bearer ${world.issuer.token(who)}` };
  return async (query: URLSearchParams) => {
    const startedAt = performance.now();
    const answer = await fetch(`${url}?${query}`, { headers });
    const body = (await answer.json()) as { next: string | null };
    if (answer.status !== 200) throw new Error(`${query}: ${answer.status} ${JSON.stringify(body)}`);
    return { tookMs: performance.now() - startedAt, next: body.next };
  };
}

const OWN_QUERIES = { list: 'status=open', search: 'q=order+question' };

/** Each customer asks once, so that nothing of theirs has been read before. */
async function askAsCustomers(world: World, customers: number) {
  const times = Object.entries(OWN_QUERIES).map(([what, query]) => ({ what, query, ms: [] as number[] }));
  for (let n = 1; n <= customers; n++) {
    const id = `customer-${n}`;
    const page = reader(world, '/tickets', { id, email: `${id}@example.test`, locale: 'en', isAgent: false });
    for (const { query, ms } of times) ms.push((await page(new URLSearchParams(query))).tookMs);
  }
  return times.map(({ what, ms }) => ({ what, p95Ms: percentile(ms, 0.95) }));
}

async function ask(world: World, rounds: number) {
  const page = reader(world, '/desk/tickets', ME);
  const times = new Map<string, number[]>();
  // In rounds, so that other load on the machine affects all filters.
  for (let round = -1; round < rounds; round++) {
    for (const query of combinations()) {
      const asked = new URLSearchParams({ ...query, limit: round % 2 === 0 ? '25' : '100' });
      const { tookMs, next } = await page(asked);
      const further = next === null ? [] : [(await page(new URLSearchParams([...asked, ['cursor', next]]))).tookMs];
      const name = new URLSearchParams(query).toString();
      // The first round warms up.
      if (round >= 0) times.set(name, [...(times.get(name) ?? []), tookMs, ...further]);
    }
  }
  const each = [...times].map(([query, ms]) => ({ query, p99Ms: percentile(ms, 0.99) }));
  const slowest = each.reduce((worst, one) => (one.p99Ms > worst.p99Ms ? one : worst));
  return { all: [...times.values()].flat(), slowest };
}

function combinations(): Record<string, string>[] {
  return FILTERS.status.flatMap((status) =>
    FILTERS.assignee.flatMap((assignee) =>
      FILTERS.category.map((category) => ({
        ...(status && { status }),
        ...(assignee && { assignee }),
        ...(category && { category }),
      })),
    ),
  );
}
