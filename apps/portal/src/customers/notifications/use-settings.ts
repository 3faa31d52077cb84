import type { PreferencesRequest, PreferencesResponse } from '@bellhop/contracts/http';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { call } from '../../shared/api.js';
import { queries } from '../queries.js';
import { settingsAfter } from './preferences.js';

const PATH = '/api/notifications/preferences';

const settingsQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: ({ signal }) => call<PreferencesResponse>(PATH, { signal }),
});

/** One choice: what is to be sent, made of the settings as they are then. Made twice, it is the same choice. */
export type Change = (settings: PreferencesResponse) => PreferencesRequest;

const SAVING = ['save preferences'];
const { queryKey } = settingsQuery;

/** What reaches somebody with an account, and the way to change it. A choice is shown at once, and taken back if it cannot be saved. */
export function useSettings() {
  const query = useQuery(settingsQuery);
  const save = useMutation({
    mutationKey: SAVING,
    // All settings are sent each time: one request after another, each made of what is known then, so that two quick choices both count.
    scope: { id: 'preferences' },
    onMutate: async (change: Change) => {
      await queries.cancelQueries({ queryKey });
      queries.setQueryData(queryKey, (known) => known && settingsAfter(known, change(known)));
    },
    mutationFn: async (change: Change) => {
      const settings = await queries.ensureQueryData(settingsQuery);
      return call<PreferencesResponse>(PATH, { method: 'PUT', body: change(settings) });
    },
    // An answer says nothing of the choices that still wait to be sent.
    onSuccess: (saved) => {
      if (queries.isMutating({ mutationKey: SAVING }) === 1) queries.setQueryData(queryKey, saved);
    },
    onError: readSettingsAgain,
  });
  return { ...query, save };
}

export function readSettingsAgain(): Promise<void> {
  return queries.invalidateQueries({ queryKey });
}

export interface PartProps {
  settings: PreferencesResponse;
  onChange: (change: Change) => void;
}

/** Of a select or a field for a time. */
export const fieldLook = 'min-h-11 max-w-full rounded-lg border border-edge bg-card px-3';
