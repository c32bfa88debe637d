import { asked, type Query } from "../logic/query.ts";
import { BASE, change, get, send } from "./http.ts";
import type { Bundle, FullStudy, Job, OutputFormat, Study, StudyPage } from "./types.ts";

export function fetchStudies(
  query: Query,
  limit: number,
  { cursor }: { cursor?: string; news?: boolean } = {},
): Promise<StudyPage> {
  const fields = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of asked(query, new Date())) fields.set(name, value);
  if (cursor !== undefined) fields.set("cursor", cursor);
  return get<StudyPage>(`/studies?${fields}`);
}

const one = (id: string) => `/studies/${encodeURIComponent(id)}`;

export const fetchStudy = (id: string) => get<FullStudy>(one(id));
export const removeStudy = (id: string) => change<void>("DELETE", one(id));
export const retryStudy = (id: string) => change<Study>("POST", `${one(id)}/retry`);
/** Read a study again with another bundle: a newer version of its result. */
export const readAgain = (id: string, bundle: string) => change<Study>("POST", `${one(id)}/read`, { bundle });

const MOST = 500; // studies of one request

export async function removeStudies(ids: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  for (let at = 0; at < ids.length; at += MOST) {
    const studies = ids.slice(at, at + MOST);
    removed.push(...(await change<{ removed: string[] }>("POST", "/studies/delete", { studies })).removed);
  }
  return removed;
}

export async function exportStudies(ids: readonly string[], format: string, identifiers: boolean): Promise<Blob> {
  const fields = new URLSearchParams({ format, identifiers: String(identifiers) });
  const answer = await send("POST", `/studies/export?${fields}`, { studies: ids.slice(0, MOST) }, "*/*");
  return answer.blob();
}

/** What the worklist says of a study: unlike fetching it whole, that is not looking at it. */
export async function fetchBrief(id: string): Promise<Study | undefined> {
  const fields = new URLSearchParams({ q: id, limit: "1" });
  return (await get<StudyPage>(`/studies?${fields}`)).items.find((study) => study.id === id);
}
export const fetchJob = (id: string) => get<Job>(`/jobs/${encodeURIComponent(id)}`);

export const thumbnailUrl = (id: string, film: number) => `${BASE}${one(id)}/images/${film}/thumbnail`;
export const downloadUrl = (id: string, what: string) => `${BASE}${one(id)}/${what}`;

export async function fetchPixels(id: string, film: number): Promise<{ bits: number; bytes: ArrayBuffer }> {
  const response = await send("GET", `${one(id)}/images/${film}/pixels`, undefined, "application/octet-stream");
  return { bits: Number(response.headers.get("X-Osteon-Bits") ?? "8"), bytes: await response.arrayBuffer() };
}

/** The heat map as it was computed: a grey picture, and the rectangle of the film that it covers. */
export async function fetchHeat(id: string, film: number): Promise<{ picture: Blob; extent: number[] }> {
  const response = await send("GET", `${one(id)}/images/${film}/heat?bits=8`, undefined, "image/png");
  const extent = (response.headers.get("X-Osteon-Extent") ?? "").split(",").map(Number);
  return { picture: await response.blob(), extent };
}

export const fetchBundles = () => get<Bundle[]>("/bundles");
export const fetchFormats = () => get<OutputFormat[]>("/formats");
/** The model card as HTML that the server has made from Markdown, without any markup of the card's own. */
export async function fetchCard(name: string): Promise<string> {
  return (await send("GET", `/bundles/${encodeURIComponent(name)}/card`, undefined, "text/html")).text();
}
