// What this browser stores: preferences of its user, and no patient data.

import { effect, type Signal, signal } from "@preact/signals";

export type Theme = "dark" | "light" | "system";

function storedSignal<Value extends string>(name: string, usual: Value, allowed: readonly Value[]): Signal<Value> {
  let before: string | null = null;
  try {
    before = localStorage.getItem(`osteon.${name}`);
  } catch {
    // a browser that keeps nothing: the usual value each time
  }
  const value = signal(allowed.find((one) => one === before) ?? usual);
  effect(() => {
    const now = value.value;
    try {
      localStorage.setItem(`osteon.${name}`, now);
    } catch {
      // as above
    }
  });
  return value;
}

export const THEMES: readonly Theme[] = ["dark", "light", "system"];
export const theme = storedSignal<Theme>("theme", "dark", THEMES);
export const shortcuts = storedSignal<"on" | "off">("shortcuts", "on", ["on", "off"]);

/** Keep the page's colours as they are chosen. */
export function startTheme(): void {
  const light = matchMedia("(prefers-color-scheme: light)");
  const show = () => {
    const wanted = theme.value === "system" ? (light.matches ? "light" : "dark") : theme.value;
    document.documentElement.dataset.theme = wanted;
  };
  effect(show);
  light.addEventListener("change", show);
}
