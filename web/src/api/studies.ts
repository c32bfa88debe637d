// The worklist and its studies, and the jobs that read them.

import { type Query, requestOf } from "../logic/query.ts";
import { fetchAs, send } from "./http.ts";
import type { Study } from "./types.ts";

export const fetchStudies = (query: Query, limit: number, cursor: string | null = null) =>
  send("get", "/api/v1/studies", { query: { ...requestOf(query, new Date()), limit, cursor } });

/** The worklist entry of a study: unlike fetching the whole study, this is not recorded as viewing it. */
export async function fetchSummary(id: string): Promise<Study | undefined> {
  const { items } = await send("get", "/api/v1/studies", { query: { q: id, limit: 1 } });
  return items.find((study) => study.id === id);
}

export const fetchStudy = (study: string) => send("get", "/api/v1/studies/{study}", { path: { study } });
export const retryStudy = (study: string) => send("post", "/api/v1/studies/{study}/retry", { path: { study } });
/** Read a study again with another bundle: a newer version of its result. */
export const readAgain = (study: string, bundle: string) =>
  send("post", "/api/v1/studies/{study}/read", { path: { study }, body: { bundle } });

const MOST = 500; // studies of one request

export async function removeStudies(ids: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  for (let at = 0; at < ids.length; at += MOST) {
    const studies = ids.slice(at, at + MOST);
    removed.push(...(await send("post", "/api/v1/studies/delete", { body: { studies } })).removed);
  }
  return removed;
}

export async function exportStudies(
  ids: readonly string[],
  format: "csv" | "json",
  identifiers: boolean,
): Promise<Blob> {
  const fields = { query: { format, identifiers }, body: { studies: ids.slice(0, MOST) } };
  return (await fetchAs("*/*", "post", "/api/v1/studies/export", fields)).blob();
}

export const fetchJob = (job: string) => send("get", "/api/v1/jobs/{job}", { path: { job } });
