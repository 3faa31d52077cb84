import type { PushSubscriptionView, TestPushResponse } from '@bellhop/contracts/http';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../shared/api.js';
import { type MessageId, useSay } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { Button, Card, Notice } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';
import { queries } from '../queries.js';
import { NotRead } from './not-read.js';
import { type PushState, pushState, switchPushOff, switchPushOn } from './push.js';

const KEY = ['devices'];
const PATH = '/api/notifications/push-subscriptions';
const again = () => queries.invalidateQueries({ queryKey: KEY });

const HELP: Partial<Record<PushState, MessageId>> = {
  denied: 'devices.denied',
  home_screen: 'devices.homeScreen',
  unsupported: 'devices.unsupported',
};

export function Devices() {
  const say = useSay();
  const [state, setState] = useState(pushState);
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<{ items: PushSubscriptionView[] }>(PATH, { signal }),
  });
  const change = useMutation({
    mutationFn: async () => {
      if (state === 'on') await switchPushOff();
      else await switchPushOn();
    },
    onSettled: () => {
      setState(pushState());
      void again();
    },
  });
  const help = HELP[state];
  return (
    <section className="space-y-2.5">
      <h2 className="text-[17px] font-semibold">{say('devices.heading')}</h2>
      {change.isError && <Notice isBad>{say(problemWords(codeOf(change.error)))}</Notice>}
      <Card className="divide-y divide-line">
        {!data && error && <NotRead error={error} onAgain={() => void refetch()} />}
        {data?.items.map((device) => (
          <Device key={device.id} device={device} />
        ))}
        <div className="flex flex-wrap items-center justify-between gap-3 px-4 py-3.5 sm:px-5.5">
          <p className="min-w-0 flex-1 basis-60 text-sm text-quiet">
            {say(help ?? (state === 'on' ? 'devices.isOn' : 'devices.isOff'))}
          </p>
          {!help && (
            <Button look="quiet" isBusy={change.isPending} onClick={() => change.mutate()}>
              {say(state === 'on' ? 'devices.switchOff' : 'devices.switchOn')}
            </Button>
          )}
        </div>
      </Card>
    </section>
  );
}

function Device({ device }: { device: PushSubscriptionView }) {
  const say = useSay();
  const { date } = useMoments();
  const test = useMutation({
    mutationFn: () => call<TestPushResponse>(`${PATH}/${device.id}/tests`, { method: 'POST' }),
  });
  const remove = useMutation({
    mutationFn: () => call(`${PATH}/${device.id}`, { method: 'DELETE' }),
    onSettled: again,
  });
  const about = device.isThisDevice
    ? say('devices.this')
    : device.lastUsedAt
      ? say('devices.lastUsed', { date: date(device.lastUsedAt) })
      : say('devices.unused');
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 sm:px-5.5">
      <p className="me-auto min-w-0">
        {device.name ?? say('devices.unnamed')} <span className="text-sm text-quiet">· {about}</span>
      </p>
      <p role="status" className="text-sm text-quiet">
        {test.data && say(test.data.outcome === 'accepted' ? 'devices.tested' : 'devices.testFailed')}
        {test.isError && say('devices.testFailed')}
      </p>
      <div className="flex gap-3">
        <Button look="quiet" isBusy={test.isPending} onClick={() => test.mutate()}>
          {say('devices.test')}
        </Button>
        <Button look="link" isBusy={remove.isPending} onClick={() => remove.mutate()}>
          {say('devices.remove')}
        </Button>
      </div>
    </div>
  );
}
