import type { MailCheckResponse } from '@bellhop/contracts/http';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleHelp, CircleX } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useSay } from '../../shared/intl.js';
import { Button, buttonLook, Card } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';
import { reasonWords } from './mail.js';

const LOOKS = {
  ours: { Icon: CircleCheck, color: 'text-good' },
  not_ours: { Icon: CircleX, color: 'text-bad' },
  cannot_tell: { Icon: CircleHelp, color: 'text-accent' },
} as const;

/** The answer, why it is so, and what to do now. */
export function Verdict({ answer, onAnew }: { answer: MailCheckResponse; onAnew: () => void }) {
  const say = useSay();
  const { verdict, mail } = answer;
  const { Icon, color } = LOOKS[verdict];
  const heading = useRef<HTMLHeadingElement>(null);
  // The form is gone from under whoever has pressed its button.
  useEffect(() => heading.current?.focus(), []);
  return (
    <Card className="space-y-4 px-5 py-5 sm:px-6">
      <h2
        ref={heading}
        tabIndex={-1}
        className={`flex items-start gap-2.5 text-xl font-semibold outline-none ${color}`}
      >
        <Icon aria-hidden="true" size={24} className="mt-0.5 shrink-0" />
        {say(`verdict.${verdict}`)}
      </h2>
      <p>{say(reasonWords(answer))}</p>
      {mail && <Found mail={mail} />}
      <p>
        <b>{say('check.now')}</b> {say(`verdict.${verdict}.do`)}
      </p>
      <div className="flex flex-wrap gap-3">
        <NextStep verdict={verdict} />
        <Button look="quiet" onClick={onAnew}>
          {say('check.another')}
        </Button>
      </div>
    </Card>
  );
}

/** For whoever compares: a genuine mail to somebody else can be sent on as it is. */
function Found({ mail }: { mail: NonNullable<MailCheckResponse['mail']> }) {
  const say = useSay();
  const { moment } = useMoments();
  const rows = [
    [say('link.number'), mail.ticketNumber],
    [say('check.sentTo'), mail.sentTo],
    [say('check.sentAt'), moment(mail.sentAt)],
  ];
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 rounded-lg bg-tint px-4 py-3 text-[15px]">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-quiet">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function NextStep({ verdict }: { verdict: MailCheckResponse['verdict'] }) {
  const say = useSay();
  if (verdict === 'not_ours') {
    return (
      <Link to="/new" search={{ category: 'account-security' }} className={buttonLook()}>
        {say('check.tell')}
      </Link>
    );
  }
  return (
    <Link to={verdict === 'ours' ? '/tickets' : '/sent'} className={buttonLook()}>
      {say(verdict === 'ours' ? 'nav.tickets' : 'nav.sent')}
    </Link>
  );
}
