// Where we are: the part of the address after #, so that the server needs to know nothing of it.

import { signal } from "@preact/signals";

export type SettingsPage = "look" | "people" | "keys" | "audit" | "about";
export type Route = { view: "worklist" } | { view: "study"; id: string } | { view: "settings"; page: SettingsPage };

const PAGES: readonly SettingsPage[] = ["look", "people", "keys", "audit", "about"];

export function parse(hash: string): Route {
  const [view, rest = ""] = hash.replace(/^#\/?/, "").split("/");
  if (view === "study" && rest !== "") return { view: "study", id: decodeURIComponent(rest) };
  if (view === "settings") return { view, page: PAGES.find((page) => page === rest) ?? "look" };
  return { view: "worklist" };
}

export function address(route: Route): string {
  if (route.view === "study") return `#/study/${encodeURIComponent(route.id)}`;
  return route.view === "settings" ? `#/settings/${route.page}` : "#/";
}

/** The one-time token in the address that the server prints at its first start. */
export function setupToken(hash: string): string {
  return new URLSearchParams(hash.replace(/^#\/?/, "")).get("setup") ?? "";
}

export const route = signal<Route>({ view: "worklist" });

export function go(target: Route): void {
  location.hash = address(target);
}

/** Follow the address bar. */
export function startRoute(): void {
  const follow = () => {
    route.value = parse(location.hash);
  };
  addEventListener("hashchange", follow);
  follow();
}
