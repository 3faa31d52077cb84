import { Link, Outlet } from '@tanstack/react-router';
import { CircleHelp, Menu as MenuIcon } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { useLanguage, useSay } from '../shared/intl.js';
import { LANGUAGES, languages } from '../shared/languages.js';
import { Menu, menuItem } from '../shared/menu.js';
import { Offline } from './offline.js';
import { signInUrl, signOut, usePerson } from './session.js';

export function Layout() {
  const say = useSay();
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-30 focus:bg-card focus:p-3">
        {say('nav.skip')}
      </a>
      {/* On a phone an open ticket has the whole screen, with a header of its own. */}
      <header className="relative flex h-14 items-center gap-4 border-b border-line px-4 sm:h-15 sm:px-7 max-sm:[body:has([data-fills-phone])_&]:hidden">
        <Link to="/" className="flex items-center gap-2.5 font-semibold">
          <i aria-hidden="true" className="h-[9px] w-4 rounded-[8px_8px_2px_2px] bg-accent" />
          Bellhop
        </Link>
        <nav aria-label={say('nav.name')} className="ms-auto flex items-center gap-3 sm:gap-5">
          <Link to="/tickets" className="py-2 text-sm max-sm:hidden aria-[current=page]:font-semibold">
            {say('nav.tickets')}
          </Link>
          <HelpMenu />
          <PersonBell />
          <PersonMenu />
        </nav>
      </header>
      <Offline />
      <main id="main">
        <Outlet />
      </main>
    </>
  );
}

/** Loaded when somebody with an account is there: guests have no feed. */
const Bell = lazy(() => import('./notifications/bell.js').then(({ Bell }) => ({ default: Bell })));

function PersonBell() {
  const person = usePerson();
  const isSignedIn = Boolean(person);
  useEffect(() => {
    if (isSignedIn)
      void import('./notifications/push.js').then(({ confirmPush }) => confirmPush()).catch(() => undefined);
  }, [isSignedIn]);
  return isSignedIn ? (
    <Suspense>
      <Bell />
    </Suspense>
  ) : null;
}

function HelpMenu() {
  const say = useSay();
  const label = (
    <>
      <CircleHelp aria-hidden="true" size={20} className="sm:hidden" />
      <span className="max-sm:sr-only">{say('nav.help')}</span>
      <span aria-hidden="true">▾</span>
    </>
  );
  return (
    <Menu label={label} name={say('nav.help')}>
      <HelpLinks />
    </Menu>
  );
}

/** From every page two clicks to each of them. */
export function HelpLinks() {
  const say = useSay();
  return (
    <>
      <Link to="/tickets" className={menuItem}>
        {say('nav.tickets')}
      </Link>
      <Link to="/new" className={menuItem}>
        {say('nav.new')}
      </Link>
      <Link to="/link" className={menuItem}>
        {say('nav.link')}
      </Link>
      <Link to="/sent" className={menuItem}>
        {say('nav.sent')}
      </Link>
      <Link to="/check" className={menuItem}>
        {say('nav.check')}
      </Link>
    </>
  );
}

function PersonMenu() {
  const say = useSay();
  const person = usePerson();
  const { language, speak } = useLanguage();
  const name = person ? (person.name ?? person.email ?? say('nav.account')) : LANGUAGES[language].name;
  const label = (
    <>
      <MenuIcon aria-hidden="true" size={20} className="sm:hidden" />
      <span className="max-w-40 truncate max-sm:sr-only">{name}</span>
      <span aria-hidden="true" className="max-sm:hidden">
        ▾
      </span>
    </>
  );
  return (
    <>
      {person === null && (
        <a href={signInUrl()} className="py-2 text-sm font-semibold text-accent underline">
          {say('nav.signIn')}
        </a>
      )}
      <Menu label={label} name={say('nav.menu', { name })}>
        {languages.map((other) => (
          <button
            key={other}
            type="button"
            lang={other}
            aria-pressed={other === language}
            onClick={() => speak(other)}
            className={`${menuItem} aria-pressed:font-semibold`}
          >
            {LANGUAGES[other].name}
          </button>
        ))}
        {person && (
          <Link to="/settings" className={`${menuItem} mt-1.5 border-t border-line`}>
            {say('nav.settings')}
          </Link>
        )}
        {person && (
          <button type="button" onClick={() => void signOut()} className={menuItem}>
            {say('nav.signOut')}
          </button>
        )}
      </Menu>
    </>
  );
}
