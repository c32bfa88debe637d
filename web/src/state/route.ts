// The current view: the part of the address after #, which the server does not see.

import { signal } from "@preact/signals";
import { NO_FILTER, type Query, queryOf, searchOf } from "../logic/query.ts";

export const PAGES = ["look", "account", "people", "keys", "audit", "storage", "monitoring", "about"] as const;
export type SettingsPage = (typeof PAGES)[number];
export type Route =
  | { view: "worklist" }
  | { view: "study"; id: string }
  | { view: "settings"; page: SettingsPage }
  | { view: "traffic" }
  | { view: "setup"; token: string };

export function parse(hash: string): Route {
  const token = setupToken(hash);
  if (token !== "") return { view: "setup", token };
  const [view, rest = ""] = split(hash)[0].split("/");
  if (view === "study" && rest !== "") return { view: "study", id: decodedId(rest) };
  if (view === "traffic") return { view };
  if (view === "settings") return { view, page: PAGES.find((page) => page === rest) ?? "look" };
  return { view: "worklist" };
}

export function address(route: Route): string {
  if (route.view === "study") return `#/study/${encodeURIComponent(route.id)}`;
  if (route.view === "traffic") return "#/traffic";
  if (route.view === "settings") return `#/settings/${route.page}`;
  if (route.view === "setup") return `#setup=${encodeURIComponent(route.token)}`;
  const filters = searchOf(query.value);
  return filters === "" ? "#/" : `#/?${filters}`;
}

/** The one-time token in the address that the server prints at its first start. */
export function setupToken(hash: string): string {
  return new URLSearchParams(hash.replace(/^#\/?/, "")).get("setup") ?? "";
}

export const route = signal<Route>({ view: "worklist" });
/** What of the worklist is shown; its address leads back to the same. */
export const query = signal<Query>(NO_FILTER);

export function go(target: Route): void {
  location.hash = address(target);
}

/** Change the address without a step that Back would undo. */
export function replace(target: Route): void {
  history.replaceState(null, "", address(target));
  route.value = target;
}

/** Follow the address bar. */
export function startRoute(): void {
  const follow = () => {
    const target = parse(location.hash);
    if (target.view === "worklist") query.value = { ...queryOf(split(location.hash)[1]), q: query.value.q };
    route.value = target;
  };
  addEventListener("hashchange", follow);
  follow();
}

function split(hash: string): [path: string, search: string] {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  return [path, search];
}

/** An address may be cut or mistyped: then it is used as it is. */
function decodedId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
