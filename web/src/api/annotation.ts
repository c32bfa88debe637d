// Annotation: projects, the own work, and what leads and adjudicators do.

import { fetchAs, send, urlOf } from "./http.ts";
import type {
  ItemState,
  MemberRole,
  NewConsensus,
  NewEvent,
  NewItems,
  NewProject,
  NewSnapshot,
  ProjectChange,
} from "./types.ts";

const at = (project: string) => ({ path: { project } });

export const fetchSchemas = () => send("get", "/api/v1/label-schemas");
export const checkSchema = (text: string) => send("post", "/api/v1/label-schemas/check", { body: { text } });
export const fetchProjects = () => send("get", "/api/v1/projects");
export const createProject = (project: NewProject) => send("post", "/api/v1/projects", { body: project });
export const fetchProject = (project: string) => send("get", "/api/v1/projects/{project}", at(project));
export const changeProject = (project: string, change: ProjectChange) =>
  send("patch", "/api/v1/projects/{project}", { ...at(project), body: change });
export const putSchema = (project: string, content: Readonly<Record<string, unknown>>) =>
  send("put", "/api/v1/projects/{project}/schema", { ...at(project), body: { label_schema: content } });
export const fetchProgress = (project: string) => send("get", "/api/v1/projects/{project}/progress", at(project));
export const fetchMembers = (project: string) => send("get", "/api/v1/projects/{project}/members", at(project));
export const putMember = (project: string, name: string, role: MemberRole) =>
  send("put", "/api/v1/projects/{project}/members/{name}", { path: { project, name }, body: { role } });
export const removeMember = (project: string, name: string) =>
  send("delete", "/api/v1/projects/{project}/members/{name}", { path: { project, name } });
export const addItems = (project: string, items: NewItems) =>
  send("post", "/api/v1/projects/{project}/items", { ...at(project), body: items });
/** `to_screen` are those that something speaks against and of which nobody has decided. */
export type ItemChoice = ItemState | "to_screen" | null;
export const fetchItems = (project: string, choice: ItemChoice, limit: number, cursor: number | null = null) => {
  const chosen = choice === "to_screen" ? { to_screen: true } : { state: choice };
  return send("get", "/api/v1/projects/{project}/items", { ...at(project), query: { ...chosen, limit, cursor } });
};
export const itemThumbnail = (project: string, item: number, image: number) =>
  urlOf("/api/v1/projects/{project}/items/{item}/images/{image}/thumbnail", { path: { project, item, image } });
/** Take a study out of a project with a reason, or back in. */
export const screenItem = (project: string, item: number, included: boolean, reason: string) =>
  send("patch", "/api/v1/projects/{project}/items/{item}", { path: { project, item }, body: { included, reason } });
export const fetchAssignments = (project: string, item: number) =>
  send("get", "/api/v1/projects/{project}/assignments", { ...at(project), query: { item, limit: 500 } });
export const giveItem = (project: string, item: number, reader: string) =>
  send("post", "/api/v1/projects/{project}/items/{item}/assignments", { path: { project, item }, body: { reader } });
export const withdraw = (project: string, assignment: string) =>
  send("delete", "/api/v1/projects/{project}/assignments/{assignment}", { path: { project, assignment } });
export const assign = (project: string) =>
  send("post", "/api/v1/projects/{project}/assignments", { ...at(project), body: {} });
export const fetchQuestions = (project: string) => send("get", "/api/v1/projects/{project}/questions", at(project));

export const fetchQueue = (project: string, cursor: number | null = null) =>
  send("get", "/api/v1/projects/{project}/queue", { ...at(project), query: { limit: 100, cursor } });
export const fetchTask = (assignment: string) =>
  send("get", "/api/v1/assignments/{assignment}", { path: { assignment } });
export const appendEvents = (assignment: string, events: readonly NewEvent[]) =>
  send("post", "/api/v1/assignments/{assignment}/events", { path: { assignment }, body: { events } });

export const fetchReady = (project: string, state: "disputed" | "agreed" | "ready" | "signed") =>
  send("get", "/api/v1/projects/{project}/adjudications", { ...at(project), query: { state, limit: 200 } });
export const fetchCase = (project: string, item: number) =>
  send("get", "/api/v1/projects/{project}/items/{item}", { path: { project, item } });
export const decide = (project: string, item: number, decision: NewConsensus) =>
  send("post", "/api/v1/projects/{project}/items/{item}/consensus", { path: { project, item }, body: decision });
export const sendBack = (project: string, item: number, reads: readonly number[], reason: string) =>
  send("post", "/api/v1/projects/{project}/items/{item}/returns", { path: { project, item }, body: { reads, reason } });

export const fetchAgreement = (project: string) =>
  send("get", "/api/v1/projects/{project}/agreement", { ...at(project), query: { resamples: 500 } });
export const decideAll = (project: string, rule: "majority" | "any" | "all") =>
  send("post", "/api/v1/projects/{project}/consensus", { ...at(project), body: { rule, sign: false } });
export const fetchSnapshots = (project: string) => send("get", "/api/v1/projects/{project}/snapshots", at(project));
export const takeSnapshot = (project: string, snapshot: NewSnapshot) =>
  send("post", "/api/v1/projects/{project}/snapshots", { ...at(project), body: snapshot });

/** Brightness of an image of the own work. */
export async function assignedPixels(assignment: string, image: number): Promise<Pixels> {
  const path = "/api/v1/assignments/{assignment}/images/{image}/pixels";
  return pixelsOf(await fetchAs("application/octet-stream", "get", path, { path: { assignment, image } }));
}

/** Brightness of an image that is adjudicated. */
export async function adjudicatedPixels(project: string, item: number, image: number): Promise<Pixels> {
  const path = "/api/v1/projects/{project}/items/{item}/images/{image}/pixels";
  return pixelsOf(await fetchAs("application/octet-stream", "get", path, { path: { project, item, image } }));
}

interface Pixels {
  bits: number;
  bytes: ArrayBuffer;
}

async function pixelsOf(response: Response): Promise<Pixels> {
  return { bits: Number(response.headers.get("X-Osteon-Bits") ?? "8"), bytes: await response.arrayBuffer() };
}
