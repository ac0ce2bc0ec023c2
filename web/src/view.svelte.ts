// What all charts share, whichever screen they stand on.

class View {
  /** Whether charts and lanes stand as tables. */
  tables = $state(false);
  /** Grows when the theme changes: canvases are painted again. */
  theme = $state(0);

  /** Follow the system's theme; returns what ends that. */
  start(): () => void {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const turn = (): void => void (this.theme += 1);
    dark.addEventListener('change', turn);
    return () => dark.removeEventListener('change', turn);
  }
}

export const view = new View();

/** Return a colour of the theme in force, by the name of its variable. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
