import { useSyncExternalStore } from 'react';
import { useSay } from '../shared/intl.js';

function listen(changed: () => void): () => void {
  window.addEventListener('online', changed);
  window.addEventListener('offline', changed);
  return () => {
    window.removeEventListener('online', changed);
    window.removeEventListener('offline', changed);
  };
}

/** Says so while the device has no network. */
export function Offline() {
  const say = useSay();
  const isOnline = useSyncExternalStore(listen, () => navigator.onLine);
  return (
    <div role="status">
      {!isOnline && <p className="border-b border-line bg-tint px-4 py-2 text-center text-sm">{say('offline')}</p>}
    </div>
  );
}
