import type { Catalog } from './en.js';

/**
 * Impersonal or present forms throughout: Polish past forms would give the reader, or us, a gender. A word of one letter is
 * tied to the next one by a no-break space, because Polish typography leaves none at the end of a line; subjects have no lines.
 */
export const pl: Catalog = {
  ticket: 'Zgłoszenie <link>{number}</link>',
  tickets: '<link>Zgłoszenia</link>',
  labelled: '{label}: {value}',
  moment: '{date}, godz.\u00A0{time}',
  zone: '{name} ({offset})',
  momentInZone: '{moment}, {zone}',
  requester: {
    created: {
      subject: 'Twoje zgłoszenie {number} zostało przyjęte',
      heading: 'Twoje zgłoszenie zostało przyjęte',
      body: 'Zajmie się nim nasz zespół wsparcia. Gdy tylko pojawi się coś nowego, damy Ci znać e-mailem. W\u00A0każdej chwili możesz uzupełnić informacje na stronie zgłoszenia.',
      action: 'Zobacz zgłoszenie',
    },
    replied: {
      subject:
        '{count, plural, one {Nowa odpowiedź na Twoje zgłoszenie {number}} few {# nowe odpowiedzi na Twoje zgłoszenie {number}} many {# nowych odpowiedzi na Twoje zgłoszenie {number}} other {# nowej odpowiedzi na Twoje zgłoszenie {number}}}',
      heading:
        '{count, plural, one {Masz nową odpowiedź} few {Masz #\u00A0nowe odpowiedzi} many {Masz #\u00A0nowych odpowiedzi} other {Masz #\u00A0nowej odpowiedzi}}',
      body: '{count, plural, one {Odpowiedź naszego zespołu wsparcia czeka na stronie zgłoszenia. Tam możesz też kontynuować rozmowę.} other {Odpowiedzi naszego zespołu wsparcia czekają na stronie zgłoszenia. Tam możesz też kontynuować rozmowę.}}',
      action: 'Przeczytaj i\u00A0odpisz',
    },
    information_requested: {
      subject: 'Twoje zgłoszenie {number} wymaga uzupełnienia',
      heading: 'Potrzebujemy od Ciebie informacji',
      body: 'Aby dalej zajmować się Twoim zgłoszeniem, potrzebujemy jeszcze kilku szczegółów. Na stronie zgłoszenia zobaczysz, czego brakuje, i\u00A0od razu odpowiesz.',
      action: 'Uzupełnij zgłoszenie',
      deadline: 'Termin odpowiedzi',
    },
    resolved: {
      subject: 'Twoje zgłoszenie {number} zostało rozwiązane',
      heading: 'Twoje zgłoszenie zostało rozwiązane',
      body: 'Nasz zespół wsparcia oznaczył problem jako rozwiązany. Jeśli coś nadal jest nie tak, napisz do nas na stronie zgłoszenia.',
      action: 'Zobacz zgłoszenie',
    },
    promise_missed: {
      subject: 'Opóźnienie w obsłudze zgłoszenia {number}',
      heading: 'Obsługa zgłoszenia się opóźnia',
      body: 'Przepraszamy: obiecany termin minął, a\u00A0nadal nie masz od nas odpowiedzi. Twoje zgłoszenie pozostaje otwarte i\u00A0odezwiemy się do Ciebie. Nie musisz nic robić.',
      action: 'Zobacz zgłoszenie',
      deadline: 'Obiecany termin odpowiedzi',
    },
  },
  guest: {
    link: {
      subject: 'Nowy link do Twojego zgłoszenia {number}',
      heading: 'Nowy link do zgłoszenia',
      body: 'Na naszej stronie wsparcia poproszono o\u00A0nowy link do tego zgłoszenia. Jeśli to nie Ty, zignoruj tę wiadomość.',
      action: 'Zobacz zgłoszenie',
    },
  },
  code: {
    subject: 'Kod do zgłoszenia {number}',
    heading: 'Twój jednorazowy kod',
    body: 'Wpisz go na stronie, na której został zamówiony. Działa tylko w\u00A0tej samej przeglądarce.',
    deadline: 'Ważny do',
    validity:
      '{count, plural, one {To #\u00A0minuta od chwili zamówienia kodu.} few {To #\u00A0minuty od chwili zamówienia kodu.} many {To #\u00A0minut od chwili zamówienia kodu.} other {To #\u00A0minuty od chwili zamówienia kodu.}}',
    secret:
      'Nikt nigdy nie poprosi Cię o\u00A0ten kod: ani mailem, ani przez telefon, ani na czacie. Nie podawaj go nikomu.',
    ignore: 'Jeśli to nie Ty prosisz o\u00A0kod, zignoruj tę wiadomość. Bez kodu nic się nie stanie.',
    noReply: 'Odpowiedzi na tę wiadomość nikt nie czyta.',
    reason: 'Otrzymujesz tę wiadomość, ponieważ na naszej stronie wsparcia podano Twój adres e-mail.',
  },
  agent: {
    created: {
      subject: 'Nowe zgłoszenie {number}',
      heading: 'Pojawiło się nowe zgłoszenie',
      body: 'Otwórz zgłoszenie, aby je przeczytać i\u00A0się nim zająć.',
      action: 'Otwórz zgłoszenie',
    },
    tickets_waiting: {
      subject:
        '{count, plural, one {# zgłoszenie czeka} few {# zgłoszenia czekają} many {# zgłoszeń czeka} other {# zgłoszenia czeka}}',
      heading:
        '{count, plural, one {#\u00A0zgłoszenie czeka na zespół} few {#\u00A0zgłoszenia czekają na zespół} many {#\u00A0zgłoszeń czeka na zespół} other {#\u00A0zgłoszenia czeka na zespół}}',
      body: 'Wiele przyszło naraz, dlatego to jedna wiadomość o\u00A0wszystkim: o\u00A0nowych zgłoszeniach i\u00A0nowych odpowiedziach klientów. Otwórz listę, aby się nimi zająć.',
      action: 'Otwórz listę',
    },
    customer_replied: {
      subject:
        'Zgłoszenie {number}: {count, plural, one {nowa odpowiedź klienta} few {# nowe odpowiedzi klienta} many {# nowych odpowiedzi klienta} other {# nowej odpowiedzi klienta}}',
      heading:
        '{count, plural, one {Nowa odpowiedź klienta} few {#\u00A0nowe odpowiedzi klienta} many {#\u00A0nowych odpowiedzi klienta} other {#\u00A0nowej odpowiedzi klienta}}',
      body: 'Otwórz zgłoszenie, aby przeczytać rozmowę i\u00A0odpisać.',
      action: 'Otwórz zgłoszenie',
    },
    assigned: {
      subject: 'Zgłoszenie {number} zostało przypisane do Ciebie',
      heading: 'Przypisano Ci zgłoszenie',
      body: 'Od teraz zajmujesz się tym zgłoszeniem. Otwórz je, aby przeczytać rozmowę i\u00A0odpisać.',
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
      deadline: 'Obiecany termin odpowiedzi',
    },
    promise_missed: {
      subject: 'Zgłoszenie {number} jest po terminie',
      heading: 'Zgłoszenie jest po terminie',
      body: 'Obiecany termin minął, a\u00A0klient wciąż czeka. Odpisz jak najszybciej.',
      action: 'Otwórz zgłoszenie',
      deadline: 'Obiecany termin odpowiedzi',
    },
  },
  links: {
    guest:
      'Ten link działa tylko dla tej skrzynki pocztowej: zanim zgłoszenie się wyświetli, strona poprosi o\u00A0jednorazowy kod, który wyślemy na ten adres.',
    inbound_guest: 'Ten link jest przeznaczony tylko dla Ciebie: prosimy nie przekazywać tej wiadomości dalej.',
  },
  phrase: {
    label: 'Twoja fraza antyphishingowa',
    note: 'Jest w\u00A0każdej naszej wiadomości o\u00A0zgłoszeniach. Nie ufaj żadnej bez niej.',
  },
  notices: {
    noReply: 'To tylko powiadomienie: odpowiedzi na tę wiadomość nikt nie czyta. Odpowiedz na stronie zgłoszenia.',
    safety: 'Nigdy nie prosimy e-mailem o\u00A0hasło, kod ani frazę odzyskiwania (seed phrase).',
  },
  reasons: {
    customer: 'Otrzymujesz tę wiadomość, ponieważ to zgłoszenie zostało utworzone z\u00A0Twojego konta.',
    guest: 'Otrzymujesz tę wiadomość, ponieważ to zgłoszenie zostało utworzone z\u00A0użyciem Twojego adresu e-mail.',
    agent: 'Otrzymujesz tę wiadomość, ponieważ zajmujesz się tym zgłoszeniem lub należysz do zespołu wsparcia.',
  },
};
