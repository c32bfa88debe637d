// Words that are used everywhere on the page.

import type { Call, Role, State } from "../../api/types.ts";

export const count = {
  images: (n: number) => (n === 1 ? "1 image" : `${n} images`),
  files: (n: number) => (n === 1 ? "1 file" : `${n} files`),
  studies: (n: number) => (n === 1 ? "1 study" : `${n} studies`),
};

export const common = {
  language: "en",
  name: "Osteon",
  room: "Reading room",
  title: (where: string) => `${where} · Osteon`,
  notDiagnosis: "Not for diagnosis",
  notDiagnosisWhy: "For research use only. A qualified reader makes the diagnosis, not this program.",
  skip: "Skip to content",
  close: "Close",
  cancel: "Cancel",
  retry: "Try again",
  loading: "Loading …",
  live: "Live",
  liveTitle: "New results appear automatically",
  offline: "No connection",
  offlineTitle: "The server does not respond. The page reconnects automatically.",
  locking:
    "No activity for a while: the screen will be locked within a minute. Press a key or move the pointer to stay.",
  copy: "Copy",
  copied: "Copied",

  calls: {
    fracture: "Fracture",
    doubt: "Doubt",
    "no fracture": "No fracture",
    abstain: "Abstained",
  } satisfies Record<Call, string>,
  states: {
    queued: "Waiting",
    reading: "Reading",
    done: "Read",
    failed: "Failed",
  } satisfies Record<State, string>,
  roles: {
    annotator: "Can do the own work in annotation projects, and see nothing else.",
    viewer: "Can view studies.",
    reader: "Can view studies, send images, and agree or disagree with results.",
    administrator: "Can do what readers can, delete studies, and manage people and API keys.",
  } satisfies Record<Role, string>,
  roleNames: {
    annotator: "Annotator",
    viewer: "Viewer",
    reader: "Reader",
    administrator: "Administrator",
  } satisfies Record<Role, string>,
  sexes: { F: "F", M: "M", O: "O" },
  sexNames: { F: "female", M: "male", O: "other" },
  age: (value: number, unit: "years" | "months") => (unit === "years" ? `${value} y` : `${value} mo`),
  ageWords: (value: number, unit: "years" | "months") => `${value} ${value === 1 ? unit.slice(0, -1) : unit}`,

  problems: {
    silent: "The server does not respond.",
    status: (status: number) => `The server answered with the error ${status}.`,
    expected: (text: string) => `Expected: ${text}.`,
    got: (text: string) => `Got: ${text}.`,
    broken: "Unexpected error in the page.",
    brokenHint: "Reload the page. If it happens again, tell the person who runs this server what you were doing.",
  },

  nav: {
    main: "Main",
    worklist: "Worklist",
    settings: "Settings",
    help: "Shortcuts",
    helpTitle: "Keyboard shortcuts",
    logout: "Log out",
    user: (name: string, role: string) => `${name}, ${role}`,
    visitor: "visitor",
  },
};
