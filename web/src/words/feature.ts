// Names of features as people say them.

const UNITS = /_(seconds|bytes|ratio)(?=_|$)/;

/** Return `latency p95` for `latency_p95_seconds`; of `family: member` the member. */
export function featureName(feature: string): string {
  const member = feature.split(': ').slice(1).join(': ');
  if (member) return member;
  return feature.replace(UNITS, (_, unit: string) => (unit === 'ratio' ? ' share' : '')).replaceAll('_', ' ').trim();
}
