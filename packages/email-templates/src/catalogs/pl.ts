import type { Catalog } from './en.js';

/** Impersonal or present forms throughout: Polish past forms would give the reader, or us, a gender. */
export const pl: Catalog = {
  ticket: 'Zgłoszenie <link>{number}</link>',
  labelled: '{label}: {value}',
  moment: '{date}, godz.\u00A0{time}',
  zone: '{name} ({offset})',
  momentInZone: '{moment}, {zone}',
  requester: {
    created: {
      subject: 'Twoje zgłoszenie {number} zostało przyjęte',
      heading: 'Twoje zgłoszenie zostało przyjęte',
      body: 'Zajmie się nim nasz zespół wsparcia. Gdy tylko pojawi się coś nowego, wyślemy Ci e-mail. W każdej chwili możesz dodać informacje na stronie zgłoszenia.',
      action: 'Zobacz zgłoszenie',
    },
    replied: {
      subject:
        '{count, plural, one {Nowa odpowiedź na Twoje zgłoszenie {number}} few {# nowe odpowiedzi na Twoje zgłoszenie {number}} many {# nowych odpowiedzi na Twoje zgłoszenie {number}} other {# nowej odpowiedzi na Twoje zgłoszenie {number}}}',
      heading:
        '{count, plural, one {Masz nową odpowiedź} few {Masz # nowe odpowiedzi} many {Masz # nowych odpowiedzi} other {Masz # nowej odpowiedzi}}',
      body: '{count, plural, one {Odpowiedź naszego zespołu wsparcia czeka na stronie zgłoszenia. Tam możesz też kontynuować rozmowę.} other {Odpowiedzi naszego zespołu wsparcia czekają na stronie zgłoszenia. Tam możesz też kontynuować rozmowę.}}',
      action: 'Przeczytaj i odpisz',
    },
    information_requested: {
      subject: 'Twoje zgłoszenie {number} wymaga uzupełnienia',
      heading: 'Potrzebujemy od Ciebie informacji',
      body: 'Aby dalej zajmować się Twoim zgłoszeniem, potrzebujemy jeszcze kilku szczegółów. Na stronie zgłoszenia zobaczysz, czego brakuje. Tam też możesz odpowiedzieć.',
      action: 'Uzupełnij zgłoszenie',
      deadline: 'Termin odpowiedzi',
    },
    resolved: {
      subject: 'Twoje zgłoszenie {number} zostało rozwiązane',
      heading: 'Twoje zgłoszenie zostało rozwiązane',
      body: 'Nasz zespół wsparcia oznaczył problem jako rozwiązany. Jeśli problem nadal występuje, napisz do nas na stronie zgłoszenia.',
      action: 'Zobacz zgłoszenie',
    },
    promise_missed: {
      subject: 'Obsługa Twojego zgłoszenia {number} się opóźnia',
      heading: 'Obsługa zgłoszenia się opóźnia',
      body: 'Przepraszamy: obiecany termin minął, a odpowiedzi od nas jeszcze nie ma. Twoje zgłoszenie jest nadal otwarte i odezwiemy się do Ciebie. Nie musisz nic robić.',
      action: 'Zobacz zgłoszenie',
      deadline: 'Obiecany termin',
    },
  },
  agent: {
    created: {
      subject: 'Nowe zgłoszenie {number}',
      heading: 'Pojawiło się nowe zgłoszenie',
      body: 'Otwórz zgłoszenie, aby je przeczytać i się nim zająć.',
      action: 'Otwórz zgłoszenie',
    },
    customer_replied: {
      subject:
        '{count, plural, one {Nowa odpowiedź klienta w zgłoszeniu {number}} few {# nowe odpowiedzi klienta w zgłoszeniu {number}} many {# nowych odpowiedzi klienta w zgłoszeniu {number}} other {# nowej odpowiedzi klienta w zgłoszeniu {number}}}',
      heading:
        '{count, plural, one {Nowa odpowiedź klienta} few {# nowe odpowiedzi klienta} many {# nowych odpowiedzi klienta} other {# nowej odpowiedzi klienta}}',
      body: 'Otwórz zgłoszenie, aby przeczytać rozmowę i odpisać.',
      action: 'Otwórz zgłoszenie',
    },
    assigned: {
      subject: 'Zgłoszenie {number} zostało przypisane do Ciebie',
      heading: 'Przypisano Ci zgłoszenie',
      body: 'Od teraz to zgłoszenie należy do Ciebie. Otwórz je, aby przeczytać rozmowę i odpisać.',
      action: 'Otwórz zgłoszenie',
    },
    reopened: {
      subject: 'Zgłoszenie {number} zostało ponownie otwarte',
      heading: 'Zgłoszenie zostało ponownie otwarte',
      body: 'Sprawa wymaga dalszych działań. Otwórz zgłoszenie, aby zobaczyć, co jeszcze trzeba zrobić.',
      action: 'Otwórz zgłoszenie',
    },
    promise_at_risk: {
      subject: 'Zgłoszenie {number}: zbliża się obiecany termin',
      heading: 'Zbliża się obiecany termin',
      body: 'Klient wciąż czeka. Odpisz, zanim minie obiecany termin.',
      action: 'Otwórz zgłoszenie',
      deadline: 'Obiecany termin',
    },
    promise_missed: {
      subject: 'Zgłoszenie {number} jest po terminie',
      heading: 'Zgłoszenie jest po terminie',
      body: 'Obiecany termin minął, a klient wciąż czeka. Odpisz jak najszybciej.',
      action: 'Otwórz zgłoszenie',
      deadline: 'Obiecany termin',
    },
  },
  notices: {
    guestLink:
      'Ten link działa tylko dla tej skrzynki pocztowej: zanim zgłoszenie się wyświetli, wyślemy na ten adres jednorazowy kod.',
    noReply:
      'To tylko powiadomienie: odpowiedzi na tę wiadomość nie są czytane. Prosimy odpowiadać na stronie zgłoszenia.',
    safety: 'Nigdy nie prosimy e-mailem o hasło, kod ani frazę odzyskiwania (seed phrase).',
  },
  reasons: {
    customer: 'Otrzymujesz tę wiadomość, ponieważ to zgłoszenie zostało utworzone z Twojego konta.',
    guest: 'Otrzymujesz tę wiadomość, ponieważ to zgłoszenie zostało utworzone z użyciem Twojego adresu e-mail.',
    agent: 'Otrzymujesz tę wiadomość, ponieważ zajmujesz się tym zgłoszeniem lub należysz do zespołu wsparcia.',
  },
};
