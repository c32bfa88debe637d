// What was searched for survives a reload, but only for the same person and in the same tab: it may be a patient's number,
// which has no place in the address and in the browser's history.

import { effect } from "@preact/signals";
import { query } from "./route.ts";
import { onSessionEnd } from "./session-signal.ts";

const KEY = "osteon.search";

/** Take up the search of a person, and remember it from now on; until the function returned is called. */
export function rememberSearch(person: string): () => void {
  const q = storedSearch(person);
  if (q !== "" && query.value.q === "") query.value = { ...query.value, q };
  return effect(() => {
    const now = query.value.q;
    try {
      if (now === "") sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, JSON.stringify({ person, q: now }));
    } catch {
      // a browser that keeps nothing
    }
  });
}

function storedSearch(person: string): string {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null || !("person" in kept) || !("q" in kept)) return "";
    return kept.person === person && typeof kept.q === "string" ? kept.q : "";
  } catch {
    return "";
  }
}

onSessionEnd(() => {
  query.value = { ...query.value, q: "" };
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // as above
  }
});
