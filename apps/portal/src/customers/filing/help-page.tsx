import { Link } from '@tanstack/react-router';
import { useSay, useTitle } from '../../shared/intl.js';
import { Card } from '../../shared/ui.js';
import { CATEGORIES } from './categories.js';

/** Where somebody with a problem begins: what it is about, or a ticket that there is already. */
export function HelpPage() {
  const say = useSay();
  useTitle(say('nav.help'));
  const row = 'flex items-center justify-between gap-4 px-4 py-4 hover:bg-tint sm:px-5.5';
  return (
    <div className="mx-auto max-w-[640px] px-4 py-6 sm:px-5 sm:py-9">
      <h1 className="mb-1 text-2xl font-semibold tracking-tight">{say('help.heading')}</h1>
      <p className="mb-5 text-quiet">{say('help.body')}</p>
      <Card className="overflow-hidden">
        <ul className="divide-y divide-line">
          {CATEGORIES.map(({ category, label }) => (
            <li key={category}>
              <Link to="/new" search={{ category }} className={`${row} font-medium`}>
                {say(label)}
                <span aria-hidden="true" className="text-quiet rtl:rotate-180">
                  ›
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </Card>
      <h2 className="mt-8 mb-3 text-[17px] font-semibold">{say('help.already')}</h2>
      <Card className="overflow-hidden">
        <ul className="divide-y divide-line">
          <li>
            <Link to="/tickets" className={row}>
              <span>
                <b>{say('nav.tickets')}</b>
                <span className="block text-sm text-quiet">{say('help.account')}</span>
              </span>
            </Link>
          </li>
          <li>
            <Link to="/link" className={row}>
              <span>
                <b>{say('nav.link')}</b>
                <span className="block text-sm text-quiet">{say('help.guest')}</span>
              </span>
            </Link>
          </li>
        </ul>
      </Card>
    </div>
  );
}
