// What the API of the reading room answers with; times are RFC 3339 in UTC, ids are opaque.

import type { Point } from "../logic/affine.ts";
import type { MarkKind } from "../logic/measure.ts";

export type Role = "viewer" | "reader" | "administrator";
export type Call = "fracture" | "doubt" | "no fracture" | "abstain";
export type State = "queued" | "reading" | "done" | "failed";
/** `(x0, y0, x1, y1)` in pixels of the film. */
export type Box = readonly [number, number, number, number];

/** A problem document (RFC 9457). */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  expected?: string;
  got?: string;
  hint?: string;
  failures?: Failure[];
}

export interface Session {
  user: { name: string; role: Role } | null;
  csrf: string | null;
  setup: boolean;
  /** Whether another password has to be chosen before anything else. */
  must_change: boolean;
  open: boolean;
  oidc: { name: string; url: string } | null;
  version: string;
  bundle: string;
}

/** A login of one's own account. */
export interface Login {
  id: string;
  created: string;
  seen: string;
  expires: string;
  address: string;
  current: boolean;
}

export interface OwnAccount {
  name: string;
  role: Role;
  created: string | null;
  seen: string | null;
  single_sign_on: boolean;
  must_change: boolean;
  logins: Login[];
}

export interface Failure {
  source: string;
  /** Place in the upload, from 0. */
  index: number;
  problem: Problem;
}

export interface Job {
  id: string;
  state: State;
  done: number;
  total: number;
  studies: string[];
  failures: Failure[];
}

export type Outcome = "new" | "added" | "known" | "refused";

/** A file of an upload. */
export interface SentFile {
  /** Place in the upload, from 0. */
  index: number;
  study: string | null;
  outcome: Outcome;
}

export interface Accepted {
  job: Job;
  files: SentFile[];
  /** What the sender should know, e.g. that a pseudonym looks like a name. */
  warnings: string[];
}

export interface Opinion {
  id: number;
  agrees: boolean;
  note: string;
  author?: string;
  created?: string;
  bundle?: string;
  /** The author's own call. */
  call: Call | null;
  changed?: string | null;
}

/** Something that a person drew on an image; numbers below 0 are not on the server. */
export interface Mark {
  id: number;
  image: number;
  kind: MarkKind;
  /** In pixels of the image. */
  points: readonly Point[];
  label: string;
  millimetres: number | null;
  accepted: boolean | null;
  author: string;
  created: string;
  changed?: string | null;
}

/** What names a study outside of this reading room; nothing for roles that may not see it. */
export interface Identifiers {
  study_uid: string | null;
  accession: string | null;
  patient: string | null;
  file_name: string | null;
}

export type Cause = "received" | "images" | "bundle";

/** One version of the result of an examination. */
export interface Version {
  id: string;
  version: number;
  cause: Cause;
  state: State;
  received: string;
  read: string | null;
  view_count: number;
  call: Call | null;
  probability: number | null;
  bundle: string;
}

export interface Study {
  /** Rank in the worklist, 0 first. */
  urgency: number;
  id: string;
  state: State;
  received: string;
  read: string | null;
  pseudonym: string | null;
  age: number | null;
  sex: "F" | "M" | "O" | null;
  body_part: string | null;
  view_count: number;
  call: Call | null;
  probability: number | null;
  reason: string;
  problem: Problem | null;
  /** The latest about this version. */
  opinion: Opinion | null;
  bundle: string;
  /** The same for all versions of a result. */
  examination: string;
  version: number;
  /** The version that replaces this one. */
  newer: string | null;
  previous: Version | null;
  cause: Cause;
  earlier_opinion: Opinion | null;
  /** What the sender calls it. */
  label: string | null;
  warnings: string[];
  identifiers: Identifiers | null;
}

export interface Film {
  index: number;
  /** Place of its file in the study; a file may hold several films. */
  file: number;
  rows: number;
  columns: number;
  /** Distance between rows and between columns, mm. */
  spacing: readonly [number, number] | null;
  bits: number;
  view: string | null;
  laterality: string | null;
  body_part: string | null;
  format: string;
  notes: string[];
  probability: number | null;
  read: boolean;
  reason: string;
  heat: boolean;
  /** In the units of the pixels; nothing where black to white is what the file wants to be shown. */
  window: { low: number; high: number } | null;
}

export interface Finding {
  label: string;
  box: Box;
  score: number;
  image: number;
  definite: boolean;
}

export interface Reading {
  call: Call;
  reason: string;
  probability: number | null;
  doubt: number;
  definite: number;
  probabilities: Record<string, number>;
  labels: string[];
  findings: Finding[];
  notes: string[];
  milliseconds: Record<string, number>;
  bundle: string;
}

/** A file of a study. */
export interface StudyFile {
  index: number;
  name: string | null;
  problem: Problem | null;
}

export interface FullStudy extends Study {
  images: Film[];
  reading: Reading | null;
  files: StudyFile[];
  /** All versions of the result, the first one first. */
  versions: Version[];
}

export interface StudyPage {
  items: Study[];
  next: string | null;
  total: number;
}

export interface OperatingPoint {
  threshold: number;
  rule: string;
  sensitivity: number;
  specificity: number;
}

/** A format in which a reading can be had. */
export interface OutputFormat {
  name: string;
  label: string;
  media_type: string;
  extension: string;
  needs: ("pixels" | "identity" | "all-images")[];
}

export interface Bundle {
  name: string;
  version: string;
  identity: string;
  summary: string;
  licence: string;
  labels: string[];
  boxes: string[];
  views: string[];
  indication: {
    intended_use: string;
    not_for: string[];
    body_parts: string[];
    minimum_age: number;
    maximum_age: number;
    minimum_side: number;
  };
  operating_points: { doubt: OperatingPoint; definite: OperatingPoint };
  digest: string;
  /** Whether it reads what comes in; others read where it is asked for. */
  default: boolean;
}

/** Disk, content and retention of the store. */
export interface Storage {
  disk: { total: number; free: number; needed: number; enough: boolean };
  held: {
    studies: number;
    versions: number;
    files: number;
    bytes: number;
    database_bytes: number | null;
    oldest: string | null;
  };
  retention: {
    study_days: number | null;
    audit_days: number;
    due: number;
    suspended: boolean;
    clock: string;
    expected: string;
  };
}

export type LiveEvent =
  | { kind: "study"; id: string; state: State; replaces?: string }
  | { kind: "removed"; id: string }
  | { kind: "marks"; id: string }
  | { kind: "reset" };
