import { Link } from '@tanstack/react-router';
import { useSay } from '../shared/intl.js';
import { Button, buttonLook, Empty } from '../shared/ui.js';

/** A part of the page that is not on the server any more, after a new version came: the router has tried a reload already. */
export function Broken() {
  const say = useSay();
  return (
    <Empty isPage heading={say('broken.heading')}>
      <p>{say('broken.body')}</p>
      <Button onClick={() => location.reload()}>{say('broken.action')}</Button>
    </Empty>
  );
}

export function Missing() {
  const say = useSay();
  return (
    <Empty isPage heading={say('missing.heading')}>
      <p>{say('missing.body')}</p>
      <Link to="/help" className={buttonLook()}>
        {say('nav.help')}
      </Link>
    </Empty>
  );
}
