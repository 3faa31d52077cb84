import { Link, useMatchRoute } from '@tanstack/react-router';
import { type MessageId, useSay } from '../shared/intl.js';
import { codeOf, problemWords } from '../shared/problem-words.js';
import { Button, buttonLook, Empty } from '../shared/ui.js';
import { signInUrl } from './session.js';

/** What stands in place of content that could not be read, with the way on. */
export function ProblemPage({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const say = useSay();
  const matches = useMatchRoute();
  const code = codeOf(error);
  if (code === 'sign_in_required') {
    if (matches({ to: '/tickets/$ticketId' })) return <SignIn why="signIn.ticket" />;
    return <SignIn why={matches({ to: '/settings' }) ? 'signIn.settings' : 'signIn.list'} />;
  }
  if (code === 'ticket_not_found') {
    return (
      <Empty isPage heading={say('notFound.heading')}>
        <p>{say('notFound.body')}</p>
        <div className="flex flex-wrap justify-center gap-3">
          <Link to="/tickets" className={buttonLook()}>
            {say('nav.tickets')}
          </Link>
          <Link to="/link" className={buttonLook('quiet')}>
            {say('nav.link')}
          </Link>
        </div>
      </Empty>
    );
  }
  return (
    <Empty isPage heading={say('failed.heading')}>
      <p>{say(problemWords(code))}</p>
      <Button onClick={onAgain}>{say('again')}</Button>
    </Empty>
  );
}

function SignIn({ why }: { why: MessageId }) {
  const say = useSay();
  return (
    <Empty isPage heading={say('signIn.heading')}>
      <p>{say(why)}</p>
      <div className="flex flex-wrap justify-center gap-3">
        <a href={signInUrl()} className={buttonLook()}>
          {say('nav.signIn')}
        </a>
        <Link to="/link" className={buttonLook('quiet')}>
          {say('nav.link')}
        </Link>
      </div>
    </Empty>
  );
}
