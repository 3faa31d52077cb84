import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { writeDraft } from '../../shared/drafts.js';
import { useSay, useTitle } from '../../shared/intl.js';
import { Loading } from '../../shared/ui.js';
import { queries } from '../queries.js';
import { usePerson } from '../session.js';
import { FilingForm } from './filing-form.js';
import { ProveStep } from './prove-step.js';
import type { Filed } from './use-filing.js';

const route = getRouteApi('/new');

/** A new ticket. Guests prove their address on the same page; then it opens. */
export function FilingPage() {
  const say = useSay();
  useTitle(say('nav.new'));
  const { category } = route.useSearch();
  const person = usePerson();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<{ challengeId: string; email: string } | null>(null);

  const open = (ticketId: string) => {
    writeDraft(localStorage, { person: person?.id ?? 'guest', ticket: 'new', kind: 'new' }, null);
    void queries.invalidateQueries({ queryKey: ['tickets'] });
    void navigate({ to: '/tickets/$ticketId', params: { ticketId }, replace: true });
  };
  const filed = ({ id, challengeId }: Filed, email: string | null) => {
    if (challengeId && email) setAsked({ challengeId, email });
    else open(id);
  };

  if (person === undefined) return <Loading lines={8} />;
  return (
    <div className="mx-auto max-w-[640px] px-4 py-6 sm:px-5 sm:py-9">
      {asked ? (
        <ProveStep {...asked} onOpen={open} onBack={() => setAsked(null)} />
      ) : (
        <FilingForm person={person} category={category} onFiled={filed} />
      )}
    </div>
  );
}
