import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { Broken, Missing } from './broken.js';
import { Layout } from './layout.js';
import type { ListSearch } from './tickets/list-search.js';

const root = createRootRoute({ component: Layout, notFoundComponent: Missing, errorComponent: Broken });
const page = { getParentRoute: () => root } as const;

const start = createRoute({
  ...page,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/help' });
  },
});

const tickets = createRoute({
  ...page,
  path: '/tickets',
  validateSearch: ({ status, q }: Record<string, unknown>): ListSearch => ({
    ...(status === 'closed' ? { status } : {}),
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, 200) } : {}),
  }),
  component: lazyRouteComponent(() => import('./tickets/tickets-page.js'), 'TicketsPage'),
});

const ticket = createRoute({
  ...page,
  path: '/tickets/$ticketId',
  component: lazyRouteComponent(() => import('./ticket/ticket-page.js'), 'TicketPage'),
});

const help = createRoute({
  ...page,
  path: '/help',
  component: lazyRouteComponent(() => import('./filing/help-page.js'), 'HelpPage'),
});

const filing = createRoute({
  ...page,
  path: '/new',
  validateSearch: ({ category }: Record<string, unknown>): { category?: string } =>
    typeof category === 'string' ? { category } : {},
  component: lazyRouteComponent(() => import('./filing/filing-page.js'), 'FilingPage'),
});

const link = createRoute({
  ...page,
  path: '/link',
  component: lazyRouteComponent(() => import('./filing/link-page.js'), 'LinkPage'),
});

const settings = createRoute({
  ...page,
  path: '/settings',
  component: lazyRouteComponent(() => import('./notifications/settings-page.js'), 'SettingsPage'),
});

const sent = createRoute({
  ...page,
  path: '/sent',
  component: lazyRouteComponent(() => import('./notifications/sent-page.js'), 'SentPage'),
});

const check = createRoute({
  ...page,
  path: '/check',
  component: lazyRouteComponent(() => import('./mail-check/mail-check-page.js'), 'MailCheckPage'),
});

const pages = [start, tickets, ticket, help, filing, link, settings, sent, check];

export const router = createRouter({
  routeTree: root.addChildren(import.meta.env.DEV ? [...pages, states()] : pages),
  defaultPreload: 'intent',
  scrollRestoration: true,
  // The page of a ticket says itself where it begins.
  scrollRestorationBehavior: 'instant',
});

/** Every state of every part, to look at while developing. */
function states() {
  return createRoute({
    ...page,
    path: '/dev/states',
    component: lazyRouteComponent(() => import('../dev/states-page.js'), 'StatesPage'),
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
