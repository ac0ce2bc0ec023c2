// A list of incidents, and one that changed.
import type { IncidentFilter } from '../api/client';
import type { Incident } from '../api/types';

/** Rows kept when new ones come on top. */
const MOST = 200;

/** Return whether an incident belongs in the list that a filter asks for. */
export function matches(incident: Incident, filter: IncidentFilter): boolean {
  const time = (text: string | undefined, or: number): number => (text === undefined ? or : Date.parse(text));
  const ended = time(incident.ended_at ?? undefined, Infinity);
  return (
    filter.state.includes(incident.phase) &&
    (!filter.severity?.length || filter.severity.includes(incident.severity)) &&
    (!filter.segment || filter.segment === incident.segment) &&
    (!filter.tier || filter.tier === incident.tier) &&
    ended >= time(filter.since, -Infinity) &&
    Date.parse(incident.started_at) < time(filter.until, Infinity)
  );
}

/**
 * Return the list with the incident changed in place, added by its start, or taken out.
 *
 * What a change does not say, such as the verdict, stays.
 */
export function merged(items: readonly Incident[], incident: Incident, belongs: boolean): Incident[] {
  const place = items.findIndex((item) => item.id === incident.id);
  if (place >= 0) return belongs ? items.with(place, { ...items[place], ...incident }) : items.toSpliced(place, 1);
  if (!belongs) return [...items];
  const later = items.findIndex((item) => item.started_at <= incident.started_at);
  return items.toSpliced(later < 0 ? items.length : later, 0, incident).slice(0, Math.max(MOST, items.length));
}
