import type { PreferencesRequest, PreferencesResponse } from '@bellhop/contracts/http';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { call } from '../../shared/api.js';
import { queries } from '../queries.js';

const PATH = '/api/notifications/preferences';

const settingsQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: ({ signal }) => call<PreferencesResponse>(PATH, { signal }),
});

/** One choice: what is to be sent, made of the settings as they are then. */
export type Change = (settings: PreferencesResponse) => PreferencesRequest;

/** What reaches somebody with an account, and the way to change it. */
export function useSettings() {
  const query = useQuery(settingsQuery);
  const save = useMutation({
    // All settings are sent each time: one after another, each made of the answer to the one before, so that two quick choices both count.
    scope: { id: 'preferences' },
    mutationFn: async (change: Change) => {
      const settings = await queries.ensureQueryData(settingsQuery);
      return call<PreferencesResponse>(PATH, { method: 'PUT', body: change(settings) });
    },
    onSuccess: (saved) => queries.setQueryData(settingsQuery.queryKey, saved),
  });
  return { ...query, save };
}

export const readSettingsAgain = () => queries.invalidateQueries({ queryKey: settingsQuery.queryKey });

export interface PartProps {
  settings: PreferencesResponse;
  onChange: (change: Change) => void;
}

/** Of a select or a field for a time. */
export const fieldLook = 'min-h-11 max-w-full rounded-lg border border-edge bg-card px-3';
