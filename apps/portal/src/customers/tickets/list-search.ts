/** What the list of tickets can be asked for, as it stands in the page's address. */
export interface ListSearch {
  status?: 'closed';
  q?: string;
}
