import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { firstLanguage, Speaks } from '../shared/intl.js';
import { queries } from './queries.js';
import { router } from './router.js';
import { followSignOut } from './session.js';

const first = await firstLanguage();
followSignOut();

// A press on a notification, in a page that is open already.
navigator.serviceWorker?.addEventListener('message', ({ data }) => {
  if (typeof data?.open === 'string') void router.navigate({ href: data.open.replace(location.origin, '') });
});

createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <Speaks first={first}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Speaks>
  </StrictMode>,
);
